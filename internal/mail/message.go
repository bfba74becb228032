package mail

import (
	"bytes"
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

// compose writes a letter in its language. Sentences are mail.<kind>-subject,
// -text, and -button where it has a Path; below stands mail.foot.
func (b *Outbox) compose(l *Letter) *Message {
	t := func(part string) string {
		return b.o.Words.T(l.Language, "mail."+string(l.Kind)+"-"+part, "about", l.About)
	}
	page := struct {
		Language, Dir, Subject, Text, Button, Address, Foot string
	}{l.Language, language.Direction(l.Language), t("subject"), t("text"), "", "", b.o.Words.T(l.Language, "mail.foot", "address", b.o.Base)}
	lines := []string{page.Text}
	if l.Path != "" {
		page.Button, page.Address = t("button"), b.o.Base+l.Path
		lines = append(lines, page.Button+":\n"+page.Address)
	}
	var html bytes.Buffer
	if err := letterPage.Execute(&html, page); err != nil {
		panic(err) // a buffer takes everything, and the template is our own
	}
	return &Message{
		ID: l.ID, To: l.To, Language: l.Language, Subject: page.Subject, At: l.PutAt.Time,
		Text: strings.Join(append(lines, page.Foot), "\n\n") + "\n", HTML: html.String(),
	}
}
