package bank

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"havn/internal/assessment"
	"havn/internal/course"
)

// convert makes a question of a course from an item, or says why it cannot.
func convert(item Item, into Into) (Taken, error) {
	t := Taken{Notes: item.Notes}
	if item.Stem == "" {
		return t, refuse("the question has no text")
	}
	q, text, err := item.question(into.Lang, &t)
	if err != nil {
		return t, err
	}
	var gaps []course.Question
	var words []course.QuestionSource
	for n, gap := range item.Gaps {
		gap.gap = true
		g, w, err := gap.question(into.Lang, &t)
		if err != nil {
			return t, refuse("gap %d: %s", n+1, err)
		}
		gaps, words = append(gaps, g), append(words, w)
	}
	q.Tags = uniq(append(slices.Clone(into.Tags), item.Tags...))
	q.ID = into.newID(cmp.Or(item.Name, readableStem(item.Stem)))
	for n := range gaps {
		gaps[n].ID = into.newID(fmt.Sprintf("%s-%d", q.ID, n+1))
		q.Questions = append(q.Questions, gaps[n].ID)
	}
	t.ID, t.Type = q.ID, q.Type
	t.Questions, t.Texts = append(gaps, q), append(words, text)
	if holdsFormula(text) {
		t.Notes = append(t.Notes, "it has a formula in TeX, which is shown as it is written")
	}
	return t, nil
}

// question converts one item, without id and tags.
func (i *Item) question(lang string, t *Taken) (course.Question, course.QuestionSource, error) {
	q := course.Question{Points: i.Points}
	text := course.QuestionSource{Stem: i.Stem, Options: map[string]string{}, Targets: map[string]string{}, Feedback: map[string]string{}}
	text.Feedback["all"] = i.Feedback
	if len(i.Answers)+len(i.Extra) > maxAnswers {
		return q, text, refuse("it has more than %d answers", maxAnswers)
	}
	var err error
	switch i.Kind {
	case Choice:
		err = i.choice(&q, &text, t)
	case TrueFalse:
		err = i.trueFalse(&q, &text)
	case Short:
		err = i.short(&q, &text, lang)
	case Number:
		err = i.number(&q, &text)
	case Day:
		q.Type, q.Key.Date = course.Date, i.Answers[0].Text
	case Match:
		err = i.match(&q, &text)
	case Order:
		err = i.order(&q, &text)
	case Essay:
		q.Type, q.Points = course.Reflection, 0
	case Gaps:
		q.Type, q.Points = course.Vignette, 0
	}
	if i.Kind != Choice || i.Many {
		for _, whole := range []string{i.Right, i.Partly, i.Wrong} {
			if whole != "" {
				t.Notes = append(t.Notes, fmt.Sprintf("feedback for the answer as a whole was left out: %q", clip(whole)))
			}
		}
	}
	for id, s := range text.Feedback {
		if s == "" {
			delete(text.Feedback, id)
		}
	}
	return q, text, err
}

const slack = 0.001 // shares such as 33.33333 % are rounded in the source

func (i *Item) choice(q *course.Question, text *course.QuestionSource, t *Taken) error {
	q.Type, q.Weights = course.Single, map[string]float64{}
	if i.Many {
		q.Type = course.Multiple
	}
	if len(i.Answers) < 2 && !i.gap {
		return refuse("it has fewer than two answers to choose from")
	}
	sum, positive := 0.0, 0
	for n, a := range i.Answers {
		id := letter(n)
		if a.Text == "" {
			return refuse("answer %d has no text", n+1)
		}
		if a.Weight < -1-slack || a.Weight > 1+slack {
			return refuse("answer %d is worth %s per cent, which is beyond 100", n+1, percent(a.Weight))
		}
		q.Options = append(q.Options, id)
		text.Options[id] = a.Text
		text.Feedback[id] = a.Feedback
		if !i.Many {
			text.Feedback[id] = paragraphs(a.Feedback, i.whole(a.Weight))
		}
		if a.Weight > 0 {
			q.Key.Choices = append(q.Key.Choices, id)
			sum += a.Weight
			positive++
		}
		if a.Weight > 1-slack && q.Key.Choice == "" {
			q.Key.Choice = id
		}
	}
	if !i.Many {
		q.Key.Choices = nil
		if q.Key.Choice == "" {
			return refuse("no answer is right: none is worth 100 per cent")
		}
		i.weigh(q, 1)
		return nil
	}
	q.Key.Choice = ""
	switch {
	case positive == 0:
		return refuse("no answer is right: none is worth more than 0 per cent")
	case math.Abs(sum-1) > 2*slack:
		return refuse("the right answers come to %s per cent instead of 100", percent(sum))
	}
	i.weigh(q, positive)
	return nil
}

// whole is what the source says to one who chose an answer of this weight.
func (i *Item) whole(weight float64) string {
	switch {
	case weight > 1-slack:
		return i.Right
	case weight > 0:
		return i.Partly
	}
	return i.Wrong
}

// weigh chooses how partial credit is given: by the key alone, evenly for each
// option, or by the weights as the source has them.
func (i *Item) weigh(q *course.Question, positive int) {
	even, penalty, shares := true, true, false
	for _, a := range i.Answers {
		share := 1 / float64(positive)
		if a.Weight > 0 {
			even = even && math.Abs(a.Weight-share) <= slack
		} else {
			penalty = penalty && math.Abs(a.Weight+share) <= slack
			shares = shares || a.Weight < 0
		}
		shares = shares || a.Weight > 0 && a.Weight < 1-slack
	}
	rights := 0
	for _, a := range i.Answers {
		if a.Weight > 0 {
			rights++
		}
	}
	switch {
	case !i.Many && rights == 1 && !shares:
		q.Weights = nil
		return
	case i.Many && even && penalty:
		q.Partial, q.Weights = "per-option", nil
		return
	case i.Many && i.Partial == "none":
		q.Weights = nil
		return
	}
	q.Partial = "weights"
	for n, a := range i.Answers {
		if w := tidy(a.Weight); w != 0 {
			q.Weights[letter(n)] = w
		}
	}
}

// tidy rounds a right answer's weight up at its sixth decimal, so that thirds come
// to the whole again, and a wrong one's to the nearest.
func tidy(w float64) float64 {
	for of := 1.0; of <= 20; of++ { // a third, as far as the source wrote it out
		if n := math.Round(w * of); math.Abs(w-n/of) < 1e-4 && n != 0 {
			w = n / of
			break
		}
	}
	if w > 0 {
		return math.Min(1, math.Ceil(w*1e6-1e-6)/1e6)
	}
	return math.Round(w*1e6) / 1e6
}

func (i *Item) trueFalse(q *course.Question, text *course.QuestionSource) error {
	q.Type = course.TrueFalse
	for n, a := range i.Answers {
		id := []string{"true", "false"}[n]
		text.Feedback[id] = paragraphs(a.Feedback, i.whole(a.Weight))
		switch {
		case a.Weight > 1-slack && q.Key.Choice != "":
			return refuse("both true and false are right")
		case a.Weight > 1-slack:
			q.Key.Choice = id
		case a.Weight > slack:
			return refuse("true or false is worth %s per cent, which cannot be", percent(a.Weight))
		}
	}
	if q.Key.Choice == "" {
		return refuse("no answer is right: neither true nor false is worth 100 per cent")
	}
	return nil
}

func (i *Item) short(q *course.Question, text *course.QuestionSource, lang string) error {
	words, err := i.words(i.Answers, lang)
	if err != nil {
		return err
	}
	if len(words.Accept[lang]) == 0 {
		return refuse("no answer is right: none is worth 100 per cent")
	}
	for n, a := range i.Answers { // the source takes the first that fits, a course the one that earns most
		first, err := i.words(i.Answers[:n+1], lang)
		if err != nil {
			return err
		}
		given := &assessment.Response{Text: &a.Text}
		if !a.Any && assessment.Grade(&words, given, lang).ShareFloat() > assessment.Grade(&first, given, lang).ShareFloat() {
			return refuse("the answer %q earns less than a later one that fits it too", clip(a.Text))
		}
	}
	*q = words
	text.Feedback["all"] = i.byAnswer()
	return nil
}

// words makes a text question of some answers.
func (i *Item) words(answers []Answer, lang string) (course.Question, error) {
	q := course.Question{Type: course.ShortText, Points: i.Points, Match: i.Match, Accept: map[string][]string{}}
	stars := slices.ContainsFunc(i.Answers, func(a Answer) bool { return !a.Any && a.Weight > slack && starred.MatchString(a.Text) })
	if stars {
		q.Match = append(slices.Clone(q.Match), "wildcards")
	}
	for _, a := range answers {
		if !stars {
			a.Text = strings.ReplaceAll(a.Text, `\*`, "*")
		}
		switch {
		case a.Text == "":
			return q, refuse("an accepted answer has no text")
		case a.Weight > 1+slack:
			return q, refuse("the answer %q is worth %s per cent, which is beyond 100", clip(a.Text), percent(a.Weight))
		case a.Any && a.Weight > slack:
			return q, refuse("whatever is answered is right")
		case a.Weight > 1-slack && !slices.Contains(q.Accept[lang], a.Text):
			q.Accept[lang] = append(q.Accept[lang], a.Text)
		case a.Weight > slack && a.Weight < 1-slack:
			q.Also = append(q.Also, course.Also{Lang: lang, Text: a.Text, Share: tidy(a.Weight)})
		}
	}
	return q, nil
}

// starred finds a * that stands for anything.
var starred = regexp.MustCompile(`(^|[^\\])\*`)

// byAnswer gathers feedback to answers that are typed, each behind its answer:
// a course knows only feedback to the question there.
func (i *Item) byAnswer() string {
	var out []string
	for _, a := range i.Answers {
		if a.Feedback == "" {
			continue
		}
		said := a.Text
		if a.Any {
			said = "…"
		}
		said, _ = fromPlain(said)
		out = append(out, "**"+said+"** – "+a.Feedback)
	}
	return paragraphs(append(out, i.Feedback)...)
}

// number takes the first number that earns all as the key, and others beside it.
// Moodle takes the first that fits, a course the one that earns most, so that an
// earlier one must not earn less where two overlap.
func (i *Item) number(q *course.Question, text *course.QuestionSource) error {
	q.Type = course.Numeric
	keyed := false
	for n, a := range i.Answers {
		if a.Any {
			if a.Weight > slack {
				return refuse("whatever is answered is right")
			}
			continue
		}
		if a.Weight > 1+slack {
			return refuse("the number %s is worth %s per cent, which is beyond 100", a.Text, percent(a.Weight))
		}
		for _, later := range i.Answers[n+1:] {
			if !later.Any && later.Weight > a.Weight+slack && later.Low.Cmp(a.High) <= 0 && a.Low.Cmp(later.High) <= 0 {
				return refuse("the number %s earns less than the range around it", a.Text)
			}
		}
		key, tolerance, err := middle(a)
		switch {
		case err != nil:
			return err
		case a.Weight > 1-slack && !keyed:
			q.Key.Number, q.Tolerance, keyed = key, tolerance, true
		case a.Weight > slack:
			q.Also = append(q.Also, course.Also{Number: key, Tolerance: tolerance, Share: tidy(a.Weight)})
		}
	}
	if !keyed {
		return refuse("no answer is right: none is worth 100 per cent")
	}
	text.Feedback["all"] = i.byAnswer()
	return nil
}

// middle writes a range as a number and its tolerance.
func middle(a Answer) (key, tolerance float64, err error) {
	half := big.NewRat(1, 2)
	by := new(big.Rat).Mul(half, new(big.Rat).Sub(a.High, a.Low))
	if by.Sign() < 0 {
		return 0, 0, refuse("the range %s ends before it begins", a.Text)
	}
	key, _ = strconv.ParseFloat(plain(new(big.Rat).Mul(half, new(big.Rat).Add(a.Low, a.High))), 64)
	tolerance, _ = strconv.ParseFloat(plain(by), 64)
	return key, tolerance, nil
}

func (i *Item) match(q *course.Question, text *course.QuestionSource) error {
	q.Type, q.Partial = course.Matching, cmp.Or(i.Partial, "per-pair")
	q.Key.Pairs = map[string]string{}
	var targets []string
	for n, a := range i.Answers {
		if a.Text == "" || a.Target == "" {
			return refuse("pair %d lacks a side", n+1)
		}
		targets = append(targets, a.Target)
	}
	if len(i.Answers) < 2 {
		return refuse("it has fewer than two pairs")
	}
	targets = scattered(uniq(append(targets, i.Extra...)))
	for n, a := range i.Answers {
		id := fmt.Sprintf("l%d", n+1)
		q.Options = append(q.Options, id)
		text.Options[id], text.Feedback[id] = a.Text, a.Feedback
		q.Key.Pairs[id] = fmt.Sprintf("r%d", slices.Index(targets, a.Target)+1)
	}
	for n, s := range targets {
		id := fmt.Sprintf("r%d", n+1)
		q.Targets = append(q.Targets, id)
		text.Targets[id] = s
	}
	return nil
}

func (i *Item) order(q *course.Question, text *course.QuestionSource) error {
	q.Type, q.Partial = course.Ordering, i.Partial
	var steps []string
	for n, a := range i.Answers {
		if a.Text == "" {
			return refuse("step %d has no text", n+1)
		}
		if slices.Contains(steps, a.Text) {
			return refuse("two steps have the same text: %q", clip(a.Text))
		}
		steps = append(steps, a.Text)
	}
	if len(steps) < 2 {
		return refuse("it has fewer than two steps")
	}
	for n, s := range scattered(steps) {
		q.Options = append(q.Options, letter(n))
		text.Options[letter(n)] = s
	}
	mixed := scattered(steps)
	for n, s := range steps {
		id := letter(slices.Index(mixed, s))
		q.Key.Order = append(q.Key.Order, id)
		text.Feedback[id] = i.Answers[n].Feedback
	}
	return nil
}

// scattered puts texts into an order that says nothing of the key, and is the
// same each time: ids travel to the learner's device.
func scattered(texts []string) []string {
	return slices.SortedFunc(slices.Values(texts), func(a, b string) int {
		x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
		return cmp.Or(slices.Compare(x[:], y[:]), cmp.Compare(a, b))
	})
}

// letter is the id of the nth option: a … z, then a1 … z1 and so on.
func letter(n int) string {
	if n < 26 {
		return string(rune('a' + n))
	}
	return fmt.Sprintf("%c%d", 'a'+n%26, n/26)
}

func paragraphs(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n\n")
}

func percent(w float64) string { return strconv.FormatFloat(math.Round(w*1e5)/1e3, 'f', -1, 64) }

func uniq(list []string) []string {
	var out []string
	for _, s := range list {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func readableStem(md string) string {
	words := strings.Fields(textOfMarkdown(md))
	return strings.Join(words[:min(7, len(words))], " ")
}
