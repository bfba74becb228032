package bank

import (
	"bytes"
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
			b.WriteString("- " + entry(q) + "\n")
		}
	}
	return behind(old, firstEntry, b.String())
}

// entry is a question's rules in flow style, as the courses have it.
func entry(q course.Question) string {
	fields := []string{"id: " + scalar(q.ID), "type: " + string(q.Type)}
	add := func(name, value string) { fields = append(fields, name+": "+value) }
	if len(q.Options) > 0 {
		add("options", flow(q.Options))
	}
	if len(q.Targets) > 0 {
		add("targets", flow(q.Targets))
	}
	switch q.Type {
	case course.Single:
		add("key", scalar(q.Key.Choice))
	case course.TrueFalse:
		add("key", q.Key.Choice)
	case course.Multiple:
		add("key", flow(q.Key.Choices))
	case course.Ordering:
		add("key", flow(q.Key.Order))
	case course.Matching:
		var pairs []string
		for _, o := range q.Options {
			pairs = append(pairs, o+": "+q.Key.Pairs[o])
		}
		add("key", "{"+strings.Join(pairs, ", ")+"}")
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
		add("key", q.Key.Date)
	case course.ShortText:
		for lang, list := range q.Accept {
			add("accept", "{"+lang+": "+flow(list)+"}")
		}
		if len(q.Match) > 0 {
			add("match", flow(q.Match))
		}
		if len(q.Also) > 0 {
			var also []string
			for _, a := range q.Also {
				also = append(also, quote(a.Text)+": "+number(a.Share))
			}
			add("also", "{"+q.Also[0].Lang+": {"+strings.Join(also, ", ")+"}}")
		}
	case course.Vignette:
		add("questions", flow(q.Questions))
	}
	if q.Partial != "" && q.Partial != "none" {
		add("partial", q.Partial)
	}
	if len(q.Weights) > 0 {
		var weights []string
		for _, o := range q.Options {
			if w, ok := q.Weights[o]; ok {
				weights = append(weights, scalar(o)+": "+number(w))
			}
		}
		add("weights", "{"+strings.Join(weights, ", ")+"}")
	}
	if q.Type.Graded() && q.Points != 1 {
		add("points", number(q.Points))
	}
	if len(q.Tags) > 0 {
		add("tags", flow(q.Tags))
	}
	return "{" + strings.Join(fields, ", ") + "}"
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
