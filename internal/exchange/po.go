package exchange

import (
	"bytes"
	"fmt"
	"strings"

	"havn/internal/course"
)

// PO as GNU gettext documents it ("The Format of PO Files"), without plural
// entries, which a course has none of. The id of a unit is its msgctxt. Libraries
// for PO are made to look translations up: they keep neither the lines nor the
// comments of entries, or read on behind what is malformed.

const (
	poState = "state: "
	poHash  = "source hash: "
)

func writePO(d Document) []byte {
	var b bytes.Buffer
	header := []string{
		"Project-Id-Version: " + d.Course,
		"Report-Msgid-Bugs-To: ",
		"PO-Revision-Date: " + d.Date.UTC().Format("2006-01-02 15:04-0700"),
		"Last-Translator: Havn",
		"Language-Team: " + d.Lang,
		"Language: " + strings.ReplaceAll(d.Lang, "-", "_"),
		"MIME-Version: 1.0",
		"Content-Type: text/plain; charset=UTF-8",
		"Content-Transfer-Encoding: 8bit",
	}
	if forms := pluralForms(d.Lang); forms != "" {
		header = append(header, "Plural-Forms: "+forms)
	}
	header = append(header, "X-Source-Language: "+d.Source, "X-Generator: havn")
	b.WriteString("msgid \"\"\nmsgstr \"\"\n")
	for _, line := range header {
		b.WriteString(quotePO(line+"\n") + "\n")
	}
	for _, u := range d.Units {
		b.WriteByte('\n')
		if u.Note != "" {
			b.WriteString("#. " + u.Note + "\n")
		}
		fmt.Fprintf(&b, "#. %s%s\n#. %s%s\n#: %s\n", poState, u.State, poHash, u.Hash, u.File)
		if u.State == course.Stale {
			b.WriteString("#, fuzzy\n")
			if u.Previous != "" {
				writeString(&b, "#| msgid ", "#| ", u.Previous)
			}
		}
		writeString(&b, "msgctxt ", "", u.ID)
		writeString(&b, "msgid ", "", u.Source)
		writeString(&b, "msgstr ", "", u.Target)
	}
	return b.Bytes()
}

// writeString writes a text of several lines line by line.
func writeString(b *bytes.Buffer, keyword, prefix, s string) {
	if !strings.Contains(s, "\n") {
		b.WriteString(keyword + quotePO(s) + "\n")
		return
	}
	b.WriteString(keyword + "\"\"\n")
	for line := range strings.Lines(s) {
		b.WriteString(prefix + quotePO(line) + "\n")
	}
}

var poQuotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`)

func quotePO(s string) string { return `"` + poQuotes.Replace(s) + `"` }

// entry is a PO entry while it is read.
type entry struct {
	unit    Unit
	context bool
	fuzzy   bool
	plural  bool
	seen    map[string]bool
	field   *string // which the next string belongs to
	comment []string
}

func readPO(data []byte) (Document, error) {
	data, err := text(data)
	if err != nil {
		return Document{}, err
	}
	var d Document
	e := &entry{seen: map[string]bool{}}
	header := false
	finish := func() error {
		switch {
		case !e.seen["msgid"] && len(e.seen) == 0:
		case !e.seen["msgid"] || !e.seen["msgstr"]:
			return fmt.Errorf("line %d: an entry without msgid and msgstr", e.unit.line)
		case e.unit.Source == "" && !e.context:
			if header {
				return fmt.Errorf("line %d: a second header", e.unit.line)
			}
			header = true
			return d.readHeader(e.unit.Target)
		default:
			d.Units = append(d.Units, e.done())
		}
		if len(d.Units) > maxUnits {
			return errUnits
		}
		return nil
	}
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimSpace(line)
		next := e.startsNew(line)
		if next {
			if err := finish(); err != nil {
				return d, err
			}
			e = &entry{seen: map[string]bool{}}
		}
		if err := e.line(line, number); err != nil {
			return d, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if err := finish(); err != nil {
		return d, err
	}
	if !header && len(d.Units) == 0 {
		return d, fmt.Errorf("this is no PO file")
	}
	for i := range d.Units {
		d.Units[i].lang = d.Lang
	}
	return d, nil
}

// startsNew: after msgstr, a comment, msgctxt or msgid begins the next entry.
func (e *entry) startsNew(line string) bool {
	return e.seen["msgstr"] && (strings.HasPrefix(line, "#") || strings.HasPrefix(line, "msgctxt") || strings.HasPrefix(line, "msgid "))
}

func (e *entry) line(line string, number int) error {
	if line == "" {
		return nil
	}
	if strings.HasPrefix(line, "#") {
		e.field = nil
		switch {
		case strings.HasPrefix(line, "#~"): // an entry that its tool keeps for later: not of this file
		case strings.HasPrefix(line, "#|"), strings.HasPrefix(line, "#:"):
		case strings.HasPrefix(line, "#,"):
			for flag := range strings.SplitSeq(line[2:], ",") {
				e.fuzzy = e.fuzzy || strings.TrimSpace(flag) == "fuzzy"
			}
		case strings.HasPrefix(line, "#."):
			if hash, ok := strings.CutPrefix(strings.TrimSpace(line[2:]), poHash); ok {
				e.unit.Hash = hash
			}
		default:
			e.comment = append(e.comment, strings.TrimSpace(line[1:]))
		}
		return nil
	}
	if !strings.HasPrefix(line, `"`) {
		keyword, rest, _ := strings.Cut(line, " ")
		if e.seen[keyword] {
			return fmt.Errorf("%s twice in an entry", keyword)
		}
		switch keyword {
		case "msgctxt":
			e.field, e.context = &e.unit.ID, true
		case "msgid":
			e.field = &e.unit.Source
		case "msgstr":
			if !e.seen["msgid"] {
				return fmt.Errorf("msgstr without msgid")
			}
			e.field = &e.unit.Target
		case "msgid_plural", "msgstr[0]", "msgstr[1]", "msgstr[2]", "msgstr[3]", "msgstr[4]", "msgstr[5]":
			e.plural, e.seen["msgstr"] = true, true
			e.field = new(string)
		default:
			return fmt.Errorf("neither a comment nor a text: %q", clip(line, 40))
		}
		e.seen[keyword] = true
		if e.unit.line == 0 {
			e.unit.line = number
		}
		line = strings.TrimSpace(rest)
	}
	if e.field == nil {
		return fmt.Errorf("a text that belongs to nothing")
	}
	s, err := unquotePO(line)
	if err != nil {
		return err
	}
	if len(*e.field)+len(s) > maxText {
		return fmt.Errorf("a text of more than %d kB", maxText>>10)
	}
	*e.field += s
	return nil
}

func (e *entry) done() Unit {
	u := e.unit
	u.Comment = strings.Join(e.comment, "\n")
	switch {
	case e.plural:
		u.fault = "plural"
	case u.Target == "":
		u.State = course.Missing
	case e.fuzzy:
		u.State = course.Stale
	}
	return u
}

// unquotePO reads a string as C writes it, as far as gettext's tools do.
func unquotePO(s string) (string, error) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", fmt.Errorf("a text that is not between quotes")
	}
	s = s[1 : len(s)-1]
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return "", fmt.Errorf("a quote inside a text")
		case s[i] != '\\':
			b.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			return "", fmt.Errorf("a text that does not end")
		}
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case '"', '\\':
			b.WriteByte(s[i])
		default:
			return "", fmt.Errorf(`an escape that is not known: \%c`, s[i])
		}
	}
	return b.String(), nil
}

func (d *Document) readHeader(s string) error {
	for line := range strings.Lines(s) {
		name, value, _ := strings.Cut(line, ":")
		switch value = strings.TrimSpace(value); strings.ToLower(name) {
		case "language":
			d.Lang = strings.ReplaceAll(value, "_", "-")
		case "project-id-version":
			d.Course = value
		case "x-source-language":
			d.Source = value
		case "content-type":
			if _, charset, ok := strings.Cut(strings.ToLower(value), "charset="); ok && charset != "utf-8" && charset != "ascii" && charset != "us-ascii" {
				return fmt.Errorf("the file says that it is %s; save it as UTF-8", clip(charset, 40))
			}
		}
	}
	return nil
}
