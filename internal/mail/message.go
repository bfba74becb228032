package mail

import (
	"bytes"
	"cmp"
	_ "embed"
	"html/template"
	"strings"
	"time"

	"havn/internal/language"
)

// Message is a letter in its reader's words.
type Message struct {
	ID, To, Language, Subject string
	Text, HTML                string
	At                        time.Time
}

//go:embed letter.html
var letterHTML string

var letterPage = template.Must(template.New("letter").Parse(letterHTML))

// Compose writes a letter in its reader's language. Sentences are
// mail.<kind>-subject, -text, and -button where it has a Path; a letter with lines
// counts them as n. Below stands mail.foot.
func (b *Outbox) Compose(l *Letter, v Verdict) *Message {
	lang, to := cmp.Or(v.Language, l.Language), cmp.Or(v.To, l.To)
	t := func(part string, args ...any) string {
		return b.o.Words.T(lang, "mail."+string(l.Kind)+"-"+part, append(args, "about", l.About)...)
	}
	var count []any
	if len(v.Lines) > 0 {
		count = []any{"n", len(v.Lines)}
	}
	page := struct {
		Language, Dir, Subject, Text, Button, Address, Foot string
		Lines                                               []string
	}{lang, language.Direction(lang), t("subject", count...), t("text"), "", "", b.o.Words.T(lang, "mail.foot", "address", b.o.Base), v.Lines}
	parts := []string{page.Text}
	if len(v.Lines) > 0 {
		parts = append(parts, "- "+strings.Join(v.Lines, "\n- "))
	}
	if l.Path != "" {
		page.Button, page.Address = t("button"), b.o.Base+l.Path
		parts = append(parts, page.Button+":\n"+page.Address)
	}
	var html bytes.Buffer
	if err := letterPage.Execute(&html, page); err != nil {
		panic(err) // a buffer takes everything, and the template is our own
	}
	return &Message{
		ID: l.ID, To: to, Language: lang, Subject: page.Subject, At: l.PutAt.Time,
		Text: strings.Join(append(parts, page.Foot), "\n\n") + "\n", HTML: html.String(),
	}
}
