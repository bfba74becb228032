package bank

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"havn/internal/course"
)

// Append writes taken questions behind those that the folder called name has, in
// questions.yaml and the source language's questions.yaml, and gives the two files
// anew. What stood there stays as it was, byte for byte. The questions are a bank:
// no quiz asks them until its author names one or draws by tag.
func Append(name string, files course.Files, taken []Taken) (course.Files, error) {
	before, problems := course.ReadBank(name, files)
	rules, words := "questions.yaml", path.Join(before.Source, "questions.yaml")
	for _, p := range problems {
		if p.Level == course.Error && slices.Contains([]string{"course.yaml", rules, words}, p.File) && unreadable.MatchString(p.Code) {
			return nil, fmt.Errorf("%s cannot be read; mend it first (havn check)", p.File)
		}
	}
	for _, style := range []style{{}, {quoted: true}} {
		out := course.Files{rules: style.rules(files[rules], taken), words: style.words(files[words], taken)}
		all := maps.Clone(files)
		maps.Copy(all, out)
		if err := faithful(name, all, before, problems, taken); err == nil {
			return out, nil
		} else if style.quoted {
			return nil, err
		}
	}
	panic("bank: no style was tried")
}

var unreadable = regexp.MustCompile(`^(yaml-|not-utf8|too-deep|file-missing|mapping-needed|list-needed)`)

// faithful tells whether the folder now says what was to be written, and nothing
// else that is wrong.
func faithful(name string, files course.Files, before *course.Bank, problems course.Problems, taken []Taken) error {
	after, now := course.ReadBank(name, files)
	for _, p := range now {
		known := slices.ContainsFunc(problems, func(q course.Problem) bool { return q.File == p.File && q.Line == p.Line && q.Code == p.Code })
		if p.Level == course.Error && !known {
			return fmt.Errorf("the questions cannot be written behind those in %s: there would be an error in line %d; begin each question in a line of its own there", p.File, p.Line)
		}
	}
	if len(after.Questions) < len(before.Questions) {
		return errors.New("the questions cannot be written behind those that are there")
	}
	for _, t := range taken {
		for n, q := range t.Questions {
			text, ok := after.Texts[after.Source][q.ID]
			if !ok || text.Stem != t.Texts[n].Stem || !same(text.Options, t.Texts[n].Options) || !same(text.Targets, t.Texts[n].Targets) || !same(text.Feedback, t.Texts[n].Feedback) {
				return fmt.Errorf("the texts of %s cannot be written", q.ID)
			}
		}
	}
	return nil
}

func same(a, b map[string]string) bool { return len(a) == len(b) && maps.Equal(a, b) }

var (
	firstEntry = regexp.MustCompile(`(?m)^( *)-(?: |$)`)
	firstKey   = regexp.MustCompile(`(?m)^( *)[^\s#-][^\n]*:`)
)

// behind joins an addition to a file, in its indentation and line ends.
func behind(old []byte, first *regexp.Regexp, addition string) []byte {
	eol := "\n"
	if bytes.Contains(old, []byte("\r\n")) {
		eol = "\r\n"
	}
	if m := first.FindSubmatch(old); m != nil && len(m[1]) > 0 {
		addition = regexp.MustCompile(`(?m)^(.)`).ReplaceAllString(addition, string(m[1])+"$1")
	}
	out := slices.Clone(old)
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, eol...)
	}
	return append(out, strings.ReplaceAll(addition, "\n", eol)...)
}

// rules adds the entries of questions.yaml, a line each.
func (s style) rules(old []byte, taken []Taken) []byte {
	var b strings.Builder
	for _, t := range taken {
		for _, q := range t.Questions {
			b.WriteString("- " + entry(q, nil) + "\n")
		}
	}
	return behind(old, firstEntry, b.String())
}

// entry is a question's rules in flow style, as the courses have it.
func entry(q course.Question, langs []string) string {
	return "{" + strings.Join(append(answerFields(q, langs), commonFields(q)...), ", ") + "}"
}

// item is a question as an entry of questions.yaml: in one line, and a scenario
// with a line for each of its nodes.
func item(w written, langs []string) string {
	if w.q.Type != course.Scenario {
		return "- " + entry(w.q, langs)
	}
	var b strings.Builder
	fields := append([]string{"id: " + scalar(w.q.ID), "type: scenario"}, commonFields(w.q)...)
	b.WriteString("- " + strings.Join(append(fields, "start: "+scalar(w.q.Start), "nodes:"), "\n  "))
	if len(w.nodes) == 0 {
		return b.String() + " {}"
	}
	for _, n := range w.nodes {
		b.WriteString("\n    " + scalar(n) + ": " + nodeRules(w.q.Nodes[n]))
	}
	return b.String()
}

func nodeRules(n course.Node) string {
	var parts []string
	if len(n.Choices) > 0 {
		parts = append(parts, "choices: "+pairs(slices.Sorted(maps.Keys(n.Choices)), n.Choices, scalar))
	}
	if len(n.Points) > 0 {
		parts = append(parts, "points: "+pairs(slices.Sorted(maps.Keys(n.Points)), n.Points, number))
	}
	if n.End != "" {
		parts = append(parts, "end: "+n.End)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// pairs writes a mapping in braces, those of its keys that it has.
func pairs[V any](keys []string, of map[string]V, write func(V) string) string {
	var out []string
	for _, k := range keys {
		if v, ok := of[k]; ok {
			out = append(out, scalar(k)+": "+write(v))
		}
	}
	return "{" + strings.Join(out, ", ") + "}"
}

// answerFields are the fields that the type has.
func answerFields(q course.Question, langs []string) []string {
	fields := []string{"id: " + scalar(q.ID), "type: " + string(q.Type)}
	add := func(name, value string) { fields = append(fields, name+": "+value) }
	switch q.Type {
	case course.Single, course.Multiple, course.Hotspot, course.Ordering, course.Matching:
		add("options", flow(q.Options))
	}
	if len(q.Targets) > 0 {
		add("targets", flow(q.Targets))
	}
	switch q.Type {
	case course.Single, course.TrueFalse:
		if q.Key.Choice != "" {
			add("key", scalar(q.Key.Choice))
		}
	case course.Multiple, course.Hotspot:
		add("key", flow(q.Key.Choices))
	case course.Ordering:
		add("key", flow(q.Key.Order))
	case course.Matching:
		add("key", pairs(q.Options, q.Key.Pairs, scalar))
	case course.Numeric:
		add("key", number(q.Key.Number))
		add("tolerance", number(q.Tolerance))
		if len(q.Also) > 0 {
			var near []string
			for _, a := range q.Also {
				near = append(near, fmt.Sprintf("{key: %s, tolerance: %s, share: %s}", number(a.Number), number(a.Tolerance), number(a.Share)))
			}
			add("also", "["+strings.Join(near, ", ")+"]")
		}
	case course.Date:
		if q.Key.Date != "" {
			add("key", q.Key.Date)
		}
	case course.ShortText:
		add("accept", pairs(inOrder(langs, slices.Collect(maps.Keys(q.Accept))), q.Accept, words))
		if len(q.Match) > 0 {
			add("match", flow(q.Match))
		}
		if len(q.Also) > 0 {
			add("also", also(q.Also, langs))
		}
	case course.Vignette:
		add("questions", flow(q.Questions))
	case course.Rating:
		add("scale", fmt.Sprint(q.Scale))
	}
	if q.Partial != "" && q.Partial != "none" {
		add("partial", q.Partial)
	}
	if len(q.Weights) > 0 {
		most := slices.Clone(q.Options)
		slices.SortStableFunc(most, func(a, b string) int { return cmp.Compare(q.Weights[b], q.Weights[a]) })
		add("weights", pairs(most, q.Weights, number))
	}
	return fields
}

// also writes shares for answers to a text, by language.
func also(list []course.Also, langs []string) string {
	of, words := map[string]string{}, map[string][]string{}
	for _, a := range list {
		words[a.Lang] = append(words[a.Lang], quote(a.Text)+": "+number(a.Share))
	}
	for lang, w := range words {
		of[lang] = "{" + strings.Join(w, ", ") + "}"
	}
	return pairs(inOrder(langs, slices.Collect(maps.Keys(of))), of, func(s string) string { return s })
}

// inOrder puts languages as the course has them.
func inOrder(langs, list []string) []string {
	return slices.SortedFunc(slices.Values(list), func(a, b string) int {
		return cmp.Or(cmp.Compare(slices.Index(langs, a), slices.Index(langs, b)), cmp.Compare(a, b))
	})
}

// commonFields are those that any question may have.
func commonFields(q course.Question) (fields []string) {
	add := func(name, value string) { fields = append(fields, name+": "+value) }
	if q.Type.Graded() && q.Points != 1 {
		add("points", number(q.Points))
	}
	if q.Confidence {
		add("confidence", "true")
	}
	if q.Retired {
		add("retired", "true")
	}
	if len(q.AppliesIn) > 0 {
		add("applies_in", Countries(q.AppliesIn))
	}
	if len(q.Tags) > 0 {
		add("tags", flow(q.Tags))
	}
	if len(q.Facts) > 0 {
		add("facts", flow(q.Facts))
	}
	return fields
}

// words adds the texts of the source language.
func (s style) words(old []byte, taken []Taken) []byte {
	var b strings.Builder
	for _, t := range taken {
		for n, q := range t.Questions {
			text := t.Texts[n]
			b.WriteString(q.ID + ":\n  stem: " + s.text(text.Stem, 4) + "\n")
			s.part(&b, "options", q.Options, text.Options)
			s.part(&b, "targets", q.Targets, text.Targets)
			s.part(&b, "feedback", append(slices.Clone(q.Options), "true", "false", "all"), text.Feedback)
		}
	}
	return behind(old, firstKey, b.String())
}

func (s style) part(b *strings.Builder, name string, ids []string, texts map[string]string) {
	if len(texts) == 0 {
		return
	}
	b.WriteString("  " + name + ":\n")
	for _, id := range ids {
		if t, ok := texts[id]; ok {
			b.WriteString("    " + scalar(id) + ": " + s.text(t, 6) + "\n")
		}
	}
}
