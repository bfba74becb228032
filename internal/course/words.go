package course

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// Piece is a stretch of words that two texts share or not.
type Piece struct {
	What What   // Added, Removed, or "" for what both have
	Text string // plain text; the pieces put together are both texts
}

// Pieces compares a change word by word as a reader sees it: Markdown is
// rendered and its markup taken off. Rules are compared line by line.
func (c Change) Pieces() []Piece {
	a, b := tokens(readerSees(c.Before)), tokens(readerSees(c.After))
	if c.Kind == Rules {
		a, b = lines(c.Before), lines(c.After)
	}
	var out []Piece
	add := func(what What, words []string) {
		if len(words) > 0 {
			out = append(out, Piece{what, strings.Join(words, "")})
		}
	}
	at := 0
	for _, d := range lcs.DiffLines(a, b) {
		add("", a[at:d.Start])
		add(Removed, a[d.Start:d.End])
		add(Added, b[d.ReplStart:d.ReplEnd])
		at = d.End
	}
	add("", a[at:])
	return out
}

var markup = regexp.MustCompile(`<[^>]*>`)

func readerSees(text string) string {
	r := renderMarkdown([]byte(text), "", true)
	shown := strings.ReplaceAll(r.title+"\n"+r.note+"\n"+r.html, "<sup", " <sup") // numbers of notes are words
	return strings.Join(strings.Fields(html.UnescapeString(markup.ReplaceAllString(shown, ""))), " ")
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return slices.Collect(strings.Lines(s + "\n"))
}

// tokens cuts a text into words, each with the space behind it.
func tokens(s string) []string {
	var out []string
	start, space := 0, false
	for i, r := range s {
		if unicode.IsSpace(r) {
			space = true
		} else if space {
			out, start, space = append(out, s[start:i]), i, false
		}
	}
	if start < len(s) {
		out = append(out, s[start:]+" ") // so that the last word is the same in the middle of the other text
	}
	return out
}
