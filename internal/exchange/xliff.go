package exchange

import (
	"encoding/xml"
	"fmt"
	"slices"

	"havn/internal/course"
)

// XLIFF 1.2 (OASIS, 2008): what translators' tools read; many read no unit of a
// file of version 2. Where a translation is missing, the target is the source in
// the state needs-translation, because some tools write only into a target that
// is there.

type xliffFile struct {
	XMLName xml.Name    `xml:"urn:oasis:names:tc:xliff:document:1.2 xliff"`
	Version string      `xml:"version,attr"`
	File    xliffInside `xml:"file"`
}

type xliffInside struct {
	Original string      `xml:"original,attr"`
	Source   string      `xml:"source-language,attr"`
	Target   string      `xml:"target-language,attr"`
	Datatype string      `xml:"datatype,attr"`
	Date     string      `xml:"date,attr"`
	Units    []xliffUnit `xml:"body>trans-unit"`
}

type xliffUnit struct {
	ID       string        `xml:"id,attr"`
	Approved string        `xml:"approved,attr"`
	Space    string        `xml:"http://www.w3.org/XML/1998/namespace space,attr"`
	Source   string        `xml:"source"`
	Target   xliffTarget   `xml:"target"`
	Context  xliffContext  `xml:"context-group"`
	Note     *xliffNote    `xml:"note,omitempty"`
	Previous *xliffAltTran `xml:"alt-trans,omitempty"`
}

type xliffTarget struct {
	State     string `xml:"state,attr"`
	Qualifier string `xml:"state-qualifier,attr,omitempty"`
	Text      string `xml:",chardata"`
}

type xliffContext struct {
	Purpose string `xml:"purpose,attr"`
	Context []struct {
		Type string `xml:"context-type,attr"`
		Text string `xml:",chardata"`
	} `xml:"context"`
}

type xliffNote struct {
	From string `xml:"from,attr"`
	Text string `xml:",chardata"`
}

type xliffAltTran struct {
	Source string `xml:"source"`
	Target string `xml:"target"`
}

const (
	xliffHash = "x-havn-source-hash"
	xliffFrom = "havn"
)

// xliffStates is how a state is written.
var xliffStates = map[course.State]xliffTarget{
	course.Missing:          {State: "needs-translation"},
	course.Stale:            {State: "needs-review-translation"},
	course.MachineDraft:     {State: "needs-review-translation", Qualifier: "leveraged-mt"},
	course.LanguageReviewed: {State: "translated"},
	course.ExpertReviewed:   {State: "signed-off"},
}

func writeXLIFF(d Document) ([]byte, error) {
	x := xliffFile{Version: "1.2", File: xliffInside{
		Original: d.Course, Source: d.Source, Target: d.Lang, Datatype: "plaintext", Date: d.Date.UTC().Format("2006-01-02T15:04:05Z"),
	}}
	for _, u := range d.Units {
		out := xliffUnit{ID: u.ID, Approved: "no", Space: "preserve", Source: u.Source, Target: xliffStates[u.State]}
		if reviewed(u.State) {
			out.Approved = "yes"
		}
		if out.Target.Text = u.Target; u.State == course.Missing {
			out.Target.Text = u.Source
		}
		out.Context.Purpose = "information"
		for _, c := range [][2]string{{xliffHash, u.Hash}, {"sourcefile", u.File}} {
			out.Context.Context = append(out.Context.Context, struct {
				Type string `xml:"context-type,attr"`
				Text string `xml:",chardata"`
			}{c[0], c[1]})
		}
		if u.Note != "" {
			out.Note = &xliffNote{xliffFrom, u.Note}
		}
		if u.Previous != "" {
			out.Previous = &xliffAltTran{Source: u.Previous, Target: u.Target}
		}
		x.File.Units = append(x.File.Units, out)
	}
	return document(x)
}

func readXLIFF(data []byte) (Document, error) {
	var d Document
	m, err := newMarkup(data)
	if err != nil {
		return d, err
	}
	var source, target string // of the <file>
	err = m.each(func(e xml.StartElement) error {
		switch {
		case len(m.open) == 1:
			if version := attr(e, "version"); e.Name.Local != "xliff" || version != "1.2" && version != "1.1" {
				return fmt.Errorf("this is no XLIFF 1.2 (%s %s)", clip(e.Name.Local, 40), clip(version, 10))
			}
		case e.Name.Local == "file":
			source, target = attr(e, "source-language"), attr(e, "target-language")
			d.Course, d.Source, d.Lang = attr(e, "original"), source, target
		case e.Name.Local == "trans-unit":
			u := Unit{ID: attr(e, "id"), source: source, lang: target, line: m.line()}
			if err := m.transUnit(&u); err != nil {
				return err
			}
			if d.Units = append(d.Units, u); len(d.Units) > maxUnits {
				return errUnits
			}
		case slices.Contains([]string{"header", "bin-unit", "alt-trans"}, e.Name.Local):
			if err := m.skip(); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && !m.rooted {
		err = fmt.Errorf("this is no XLIFF 1.2")
	}
	return d, err
}

// transUnit reads a unit that was begun.
func (m *markup) transUnit(u *Unit) error {
	seen := map[string]bool{}
	state, qualifier := "", ""
	for depth := len(m.open); ; {
		t, err := m.next()
		if err != nil {
			return ended(err)
		}
		if len(m.open) < depth {
			break
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		name := e.Name.Local
		switch name {
		case "source", "target":
			s, inline, err := m.text()
			switch {
			case err != nil:
				return err
			case seen[name]:
				u.fault = "unit-broken"
			case inline:
				u.fault = "inline"
			}
			if name == "source" {
				u.Source = s
			} else {
				u.Target, state, qualifier = s, attr(e, "state"), attr(e, "state-qualifier")
				if lang := attr(e, "lang"); lang != "" {
					u.lang = lang
				}
			}
		case "note":
			s, _, err := m.text()
			if err != nil {
				return err
			}
			if attr(e, "from") != xliffFrom {
				u.Comment += s + "\n"
			}
		case "context-group": // its contexts come next
		case "context":
			s, _, err := m.text()
			if err != nil {
				return err
			}
			if attr(e, "context-type") == xliffHash {
				u.Hash = s
			}
		default:
			if err := m.skip(); err != nil {
				return err
			}
		}
		seen[name] = true
	}
	u.State = ofXLIFF(state, qualifier)
	if course.Tidy(u.Target) == "" || (state == "needs-translation" || state == "new") && course.SameText(u.Target, u.Source) {
		u.State, u.Target = course.Missing, ""
	}
	return nil
}

// ofXLIFF is what the state of a target that is there means.
func ofXLIFF(state, qualifier string) course.State {
	switch state {
	case "translated":
		return course.LanguageReviewed
	case "signed-off", "final":
		return course.ExpertReviewed
	case "needs-review-translation", "needs-review-l10n", "needs-review-adaptation", "needs-adaptation", "needs-l10n":
		if qualifier == "leveraged-mt" || qualifier == "mt-suggestion" {
			return course.MachineDraft
		}
		return course.Stale
	}
	return "" // without a state, or a tool wrote a text and left the state as it was
}
