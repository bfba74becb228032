package exchange

import (
	"encoding/xml"
	"fmt"
	"strings"

	"havn/internal/course"
)

// TMX 1.4b (LISA OSCAR, 2005): a memory of pairs. Out goes every translation that
// is made from today's source text; what comes in fills units that are missing.

type tmxFile struct {
	XMLName xml.Name  `xml:"tmx"`
	Version string    `xml:"version,attr"`
	Header  tmxHeader `xml:"header"`
	Units   []tmxUnit `xml:"body>tu"`
}

type tmxHeader struct {
	Tool     string `xml:"creationtool,attr"`
	Version  string `xml:"creationtoolversion,attr"`
	Segments string `xml:"segtype,attr"`
	Format   string `xml:"o-tmf,attr"`
	Admin    string `xml:"adminlang,attr"`
	Source   string `xml:"srclang,attr"`
	Datatype string `xml:"datatype,attr"`
	Date     string `xml:"creationdate,attr"`
}

type tmxUnit struct {
	ID    string    `xml:"tuid,attr"`
	State tmxProp   `xml:"prop"`
	Texts []tmxText `xml:"tuv"`
}

type tmxProp struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

type tmxText struct {
	Lang string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	Text string `xml:"seg"`
}

func writeTMX(d Document) ([]byte, error) {
	x := tmxFile{Version: "1.4", Header: tmxHeader{
		Tool: "havn", Version: "1", Segments: "block", Format: "havn", Admin: "en", Source: d.Source, Datatype: "plaintext", Date: d.Date.UTC().Format("20060102T150405Z"),
	}}
	for _, u := range d.Units {
		if u.State != course.Missing && u.State != course.Stale {
			x.Units = append(x.Units, tmxUnit{u.ID, tmxProp{"x-havn-state", string(u.State)}, []tmxText{{d.Source, u.Source}, {d.Lang, u.Target}}})
		}
	}
	return document(x)
}

// readTMX gives a unit for each language of each pair but its source's.
func readTMX(data []byte) (Document, error) {
	var d Document
	m, err := newMarkup(data)
	if err != nil {
		return d, err
	}
	err = m.each(func(e xml.StartElement) error {
		switch {
		case len(m.open) == 1:
			if version := attr(e, "version"); e.Name.Local != "tmx" || !strings.HasPrefix(version, "1.") {
				return fmt.Errorf("this is no TMX 1.4 (%s %s)", clip(e.Name.Local, 40), clip(version, 10))
			}
		case e.Name.Local == "header":
			d.Source = attr(e, "srclang")
			if err := m.skip(); err != nil {
				return err
			}
		case e.Name.Local == "tu":
			units, err := m.pair(e, d.Source)
			if err != nil {
				return err
			}
			if d.Units = append(d.Units, units...); len(d.Units) > maxUnits {
				return errUnits
			}
		}
		return nil
	})
	if err == nil && !m.rooted {
		err = fmt.Errorf("this is no TMX 1.4")
	}
	return d, err
}

// pair reads a <tu> that was begun.
func (m *markup) pair(tu xml.StartElement, source string) ([]Unit, error) {
	u := Unit{ID: attr(tu, "tuid"), State: course.MachineDraft, line: m.line()}
	if own := attr(tu, "srclang"); own != "" {
		source = own
	}
	var all []Unit
	lang := ""
	for depth := len(m.open); ; {
		t, err := m.next()
		if err != nil {
			return nil, ended(err)
		}
		if len(m.open) < depth {
			break
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "tuv":
			lang = attr(e, "lang")
		case "seg":
			s, inline, err := m.text()
			if err != nil {
				return nil, err
			}
			one := u
			one.lang, one.Target = lang, s
			if inline {
				one.fault = "inline"
			}
			all = append(all, one)
		default:
			if err := m.skip(); err != nil {
				return nil, err
			}
		}
	}
	var out []Unit
	for _, from := range all {
		if from.lang == "" || !sameLanguage(from.lang, source) && source != "*all*" {
			continue
		}
		for _, to := range all {
			if to.lang != from.lang {
				to.source, to.Source = from.lang, from.Target
				if from.fault != "" {
					to.fault = from.fault
				}
				out = append(out, to)
			}
		}
	}
	return out, nil
}
