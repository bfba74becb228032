package bank

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	gmhtml "github.com/yuin/goldmark/renderer/html"

	"havn/internal/course"
)

const (
	qtiNS       = `xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0"`
	matchAll    = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml"
	mapResponse = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/map_response.xml"
)

// qtiWriter writes a QTI 3 content package: an item in each file, and a manifest.
type qtiWriter struct {
	z         *zip.Writer
	resources strings.Builder
}

func newQTIWriter(w io.Writer) *qtiWriter { return &qtiWriter{z: zip.NewWriter(w)} }

// page writes Markdown as the XHTML that QTI has in its texts.
var page = goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithRendererOptions(gmhtml.WithXHTML()))

func xhtml(md string) string {
	var b bytes.Buffer
	_ = page.Convert([]byte(md), &b)
	return strings.TrimSpace(b.String())
}

func (q *qtiWriter) end() error {
	w, err := q.z.Create("imsmanifest.xml")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, `%s<manifest xmlns="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1" identifier="havn"><metadata><schema>QTI Package</schema><schemaversion>3.0.0</schemaversion></metadata><organizations/><resources>%s</resources></manifest>`, xml.Header, q.resources.String()); err != nil {
		return err
	}
	return q.z.Close()
}

func (q *qtiWriter) add(a asked) error {
	d, err := declare(a)
	if err != nil {
		return err
	}
	file := "items/" + a.ID + ".xml"
	w, err := q.z.Create(file)
	if err != nil {
		return err
	}
	fmt.Fprintf(&q.resources, `<resource identifier="%s" type="imsqti_item_xmlv3p0" href="%s"><file href="%s"/></resource>`, a.ID, file, file)
	modal := ""
	if all := a.Feedback["all"]; all != "" {
		modal = fmt.Sprintf(`<qti-modal-feedback outcome-identifier="FEEDBACK" identifier="all" show-hide="show"><qti-content-body>%s</qti-content-body></qti-modal-feedback>`, xhtml(all))
	}
	_, err = fmt.Fprintf(w, `%s<qti-assessment-item %s identifier="%s" title="%s" adaptive="false" time-dependent="false" xml:lang="%s">%s<qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float"/><qti-outcome-declaration identifier="FEEDBACK" cardinality="single" base-type="identifier"><qti-default-value><qti-value>all</qti-value></qti-default-value></qti-outcome-declaration><qti-item-body><div>%s</div>%s</qti-item-body>%s%s</qti-assessment-item>`,
		xml.Header, qtiNS, a.ID, a.ID, a.lang, d.response, xhtml(a.Stem), d.interaction, d.processing, modal)
	return err
}

type qtiParts struct{ response, interaction, processing string }

// declare writes the right answer, the interaction and how it is graded.
func declare(a asked) (d qtiParts, err error) {
	declaration := func(cardinality, kind string, correct []string, mapping string) string {
		var values strings.Builder
		for _, c := range correct {
			fmt.Fprintf(&values, "<qti-value>%s</qti-value>", escaped(c))
		}
		inner := values.String()
		if inner != "" {
			inner = "<qti-correct-response>" + inner + "</qti-correct-response>"
		}
		if mapping != "" {
			inner += fmt.Sprintf(`<qti-mapping lower-bound="0" upper-bound="%s" default-value="0">%s</qti-mapping>`, number(a.Points), mapping)
		}
		return fmt.Sprintf(`<qti-response-declaration identifier="RESPONSE" cardinality="%s" base-type="%s">%s</qti-response-declaration>`, cardinality, kind, inner)
	}
	entry := func(key string, share float64, more string) string {
		return fmt.Sprintf(`<qti-map-entry map-key="%s" mapped-value="%s"%s/>`, escaped(key), number(share*a.Points), more)
	}
	mapping, template := "", matchAll
	option := func(id string) string {
		told := ""
		if f := a.Feedback[id]; f != "" {
			told = fmt.Sprintf(`<qti-feedback-inline outcome-identifier="FEEDBACK" identifier="%s" show-hide="show">%s</qti-feedback-inline>`, id, xhtml(f))
		}
		text := a.QuestionSource.Options[id]
		if a.Type == course.TrueFalse {
			text = id
		}
		return fmt.Sprintf(`<qti-simple-choice identifier="%s">%s%s</qti-simple-choice>`, id, xhtml(text), told)
	}
	var choices strings.Builder
	for _, o := range a.Question.Options {
		choices.WriteString(option(o))
	}
	switch a.Type {
	case course.Single, course.TrueFalse, course.Multiple:
		cardinality, most, correct := "single", 1, []string{a.Key.Choice}
		if a.Type == course.Multiple {
			cardinality, most, correct = "multiple", 0, a.Key.Choices
		}
		if a.Partial == "weights" || a.Partial == "per-option" {
			template = mapResponse
			for _, o := range a.Question.Options {
				mapping += entry(o, a.weight(o), "")
			}
		} else if a.Points != 1 {
			return d, refuse("QTI's template for one right answer knows one point, and not %s", number(a.Points))
		}
		d.response = declaration(cardinality, "identifier", correct, mapping)
		d.interaction = fmt.Sprintf(`<qti-choice-interaction response-identifier="RESPONSE" max-choices="%d">%s</qti-choice-interaction>`, most, choices.String())
	case course.Ordering:
		if a.Partial != "none" || a.Points != 1 {
			return d, refuse("steps that earn a part, or more than one point, have no template in QTI")
		}
		d.response = declaration("ordered", "identifier", a.Key.Order, "")
		d.interaction = fmt.Sprintf(`<qti-order-interaction response-identifier="RESPONSE" shuffle="true">%s</qti-order-interaction>`, choices.String())
	case course.Matching:
		var left, right strings.Builder
		var pairs []string
		for _, o := range a.Question.Options {
			if a.Feedback[o] != "" {
				return d, refuse("feedback to one pair has no form in QTI")
			}
			pairs = append(pairs, o+" "+a.Key.Pairs[o])
			mapping += entry(o+" "+a.Key.Pairs[o], 1/float64(len(a.Question.Options)), "")
			fmt.Fprintf(&left, `<qti-simple-associable-choice identifier="%s" match-max="1">%s</qti-simple-associable-choice>`, o, xhtml(a.QuestionSource.Options[o]))
		}
		for _, t := range a.Question.Targets {
			fmt.Fprintf(&right, `<qti-simple-associable-choice identifier="%s" match-max="0">%s</qti-simple-associable-choice>`, t, xhtml(a.QuestionSource.Targets[t]))
		}
		if template = mapResponse; a.Partial != "per-pair" {
			template, mapping = matchAll, ""
			if a.Points != 1 {
				return d, refuse("QTI's template for one right answer knows one point, and not %s", number(a.Points))
			}
		}
		d.response = declaration("multiple", "directedPair", pairs, mapping)
		d.interaction = fmt.Sprintf(`<qti-match-interaction response-identifier="RESPONSE" max-associations="0"><qti-simple-match-set>%s</qti-simple-match-set><qti-simple-match-set>%s</qti-simple-match-set></qti-match-interaction>`, left.String(), right.String())
	case course.Numeric:
		if len(a.Also) > 0 || a.Points != 1 {
			return d, refuse("several numbers, or more than one point for a number, have no template in QTI")
		}
		d.response = declaration("single", "float", []string{number(a.Key.Number)}, "")
		d.interaction = `<p><qti-text-entry-interaction response-identifier="RESPONSE"/></p>`
		by := number(a.Tolerance)
		d.processing = fmt.Sprintf(`<qti-response-processing><qti-response-condition><qti-response-if><qti-equal tolerance-mode="absolute" tolerance="%s %s"><qti-variable identifier="RESPONSE"/><qti-correct identifier="RESPONSE"/></qti-equal><qti-set-outcome-value identifier="SCORE"><qti-base-value base-type="float">1</qti-base-value></qti-set-outcome-value></qti-response-if></qti-response-condition></qti-response-processing>`, by, by)
		return d, nil
	case course.ShortText:
		if slices.Contains(a.Match, "wildcards") {
			return d, refuse("QTI has no * that stands for anything")
		}
		capitals := fmt.Sprintf(` case-sensitive="%t"`, slices.Contains(a.Match, "capitals"))
		for _, w := range a.typedAnswers() {
			mapping += entry(strings.ReplaceAll(w.Text, `\*`, "*"), w.Weight, capitals)
		}
		template = mapResponse
		d.response = declaration("single", "string", a.Accept[a.lang][:1], mapping)
		d.interaction = `<p><qti-text-entry-interaction response-identifier="RESPONSE"/></p>`
	case course.Reflection:
		d.response = declaration("single", "string", nil, "")
		d.interaction = `<qti-extended-text-interaction response-identifier="RESPONSE"/>`
		return d, nil
	default:
		return d, refuse("QTI has no question of type %s", a.Type)
	}
	d.processing = fmt.Sprintf(`<qti-response-processing template="%s"/>`, template)
	return d, nil
}
