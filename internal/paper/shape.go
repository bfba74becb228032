package paper

import (
	"bytes"
	"embed"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
)

//go:embed fonts/*.ttf fonts/OFL.txt
var fontFiles embed.FS

// typeface is one of the embedded fonts.
type typeface struct {
	name  string // PostScript name
	file  []byte
	font  *font.Font
	shape *font.Face // not safe for concurrent use: one for each typesetter
}

// width is a glyph's own advance, in thousandths of an em.
func (t typeface) width(gid font.GID) int {
	return int(math.Round(float64(t.shape.HorizontalAdvance(gid)) * em / float64(t.font.Upem())))
}

var typefaces = sync.OnceValue(func() (faces [4]typeface) {
	for i, name := range []string{"NotoSans-Regular", "NotoSans-Bold", "NotoNaskhArabic-Regular", "NotoNaskhArabic-Bold"} {
		file, err := fontFiles.ReadFile("fonts/" + name + ".ttf")
		if err != nil {
			panic(err)
		}
		face, err := font.ParseTTF(bytes.NewReader(file))
		if err != nil {
			panic(err)
		}
		faces[i] = typeface{name: name, file: file, font: face.Font}
	}
	return faces
})

// typesetter turns text into lines of placed glyphs. It serves one document.
type typesetter struct {
	faces  [4]typeface
	shaper shaping.HarfbuzzShaper
	split  shaping.Segmenter
	wrap   shaping.LineWrapper
	bidi   bidi.Paragraph
}

func newTypesetter() *typesetter {
	t := &typesetter{faces: typefaces()}
	for i := range t.faces {
		t.faces[i].shape = font.NewFace(t.faces[i].font)
	}
	return t
}

// chain is the faces of one weight; which comes first depends on the script, so
// that digits and punctuation within Arabic are those of the Arabic face.
type chain struct {
	latin, arabic *font.Face
	inArabic      bool
}

func (c *chain) SetScript(s language.Script) { c.inArabic = s == language.Arabic }

func (c *chain) ResolveFace(r rune) *font.Face {
	first, second := c.latin, c.arabic
	if c.inArabic {
		first, second = second, first
	}
	if _, ok := first.NominalGlyph(r); !ok {
		if _, ok := second.NominalGlyph(r); ok {
			return second
		}
	}
	return first
}

// em is the size that text is shaped at: PDF's glyph space, a thousand to the em
// (ISO 32000-1, 9.2.4). Lines of any size are cut from it without shaping again.
const em = 1000

// glyph is one glyph of a line, in thousandths of the type size.
type glyph struct {
	face    int
	gid     font.GID
	advance int // to the next glyph
	dx, dy  int // from the pen, for marks
	text    string
}

// line is glyphs from left to right.
type line struct {
	glyphs []glyph
	width  int // thousandths of the type size
	arabic bool
}

// paragraph is shaped text, not yet broken into lines.
type paragraph struct {
	text   []rune
	levels []bidi.Level
	base   bidi.Level
	runs   []shaping.Output
}

// base says how the direction of a paragraph is found (UAX 9, P2 and P3).
type base int

const (
	asPage base = iota // that of the page
	auto               // by its first letter, as for a name in any script
	latin              // left to right, as for codes and addresses
)

// bidirectional tells whether any of it reads from right to left.
func (p paragraph) bidirectional() bool {
	return slices.ContainsFunc(p.levels, func(l bidi.Level) bool { return l > 0 })
}

// shape readies a text for breaking into lines. Line breaks and control
// characters in it count as spaces.
func (t *typesetter) shape(s string, bold, rtl bool, lang string, b base) paragraph {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	p := paragraph{text: []rune(strings.Join(strings.Fields(s), " "))}
	if len(p.text) == 0 {
		return p
	}
	p.base, p.levels = t.levels(p.text, rtl, b)
	c := &chain{latin: t.faces[0].shape, arabic: t.faces[2].shape}
	if bold {
		c.latin, c.arabic = t.faces[1].shape, t.faces[3].shape
	}
	for start := 0; start < len(p.text); {
		end := start
		for end < len(p.text) && p.levels[end] == p.levels[start] {
			end++
		}
		in := shaping.Input{Text: p.text, RunStart: start, RunEnd: end, Direction: direction(p.levels[start]),
			Size: em << 6, Language: language.NewLanguage(lang)}
		for _, run := range t.split.Split(in, c) {
			run.Direction = in.Direction
			p.runs = append(p.runs, t.shaper.Shape(run))
		}
		start = end
	}
	return p
}

// levels is the embedding level of the paragraph and of each character.
func (t *typesetter) levels(text []rune, rtl bool, b base) (bidi.Level, []bidi.Level) {
	switch b {
	case latin:
		rtl = false
	case auto:
		if i := slices.IndexFunc(text, unicode.IsLetter); i >= 0 {
			letter := t.bidi.Segment(text[i:i+1], bidi.LeftToRight)
			rtl = !ltr(letter.Run(0).Level)
		}
	}
	level, direction := bidi.Level(0), bidi.LeftToRight
	if rtl {
		level, direction = 1, bidi.RightToLeft
	}
	levels := make([]bidi.Level, len(text))
	runs := t.bidi.Segment(text, direction)
	for i := range runs.NumRuns() {
		run := runs.Run(i)
		for j := run.Start; j < run.End; j++ {
			levels[j] = run.Level
		}
	}
	return level, levels
}

func ltr(l bidi.Level) bool { return l%2 == 0 }

func direction(l bidi.Level) di.Direction {
	if ltr(l) {
		return di.DirectionLTR
	}
	return di.DirectionRTL
}

// lines breaks a paragraph at a width in thousandths of the type size, between
// words (UAX 14) and within one only where it is longer than a line.
func (t *typesetter) lines(p paragraph, width int) []line {
	if len(p.text) == 0 {
		return nil
	}
	// The wrapper neither trims nor orders: it knows directions, but not levels.
	config := shaping.WrapConfig{Direction: direction(p.base), BreakPolicy: shaping.WhenNecessary,
		DisableTrailingWhitespaceTrim: true}
	wrapped, _ := t.wrap.WrapParagraph(config, width, p.text, shaping.NewSliceIterator(p.runs))
	lines := make([]line, 0, len(wrapped))
	for _, w := range wrapped {
		lines = append(lines, t.line(p, w))
	}
	return lines
}

// line puts the runs of a line into the order in which they are seen (UAX 9, L2)
// and takes the space at its end (L1) out of its width. That space stays in the
// file where it comes last to the eye, to keep the words apart when copied.
func (t *typesetter) line(p paragraph, runs shaping.Line) (l line) {
	last := runs[len(runs)-1].Runes
	end := last.Offset + last.Count
	for end > 0 && unicode.IsSpace(p.text[end-1]) {
		end--
	}
	for _, run := range visual(p, runs) {
		face := slices.IndexFunc(t.faces[:], func(f typeface) bool { return f.shape == run.Face })
		l.arabic = l.arabic || face > 1
		for i, g := range run.Glyphs {
			trailing := g.TextIndex() >= end
			if trailing && (p.base != 0 || p.levels[g.TextIndex()] != 0) {
				continue
			}
			placed := glyph{face: face, gid: g.GlyphID, advance: g.Advance.Round(),
				dx: g.XOffset.Round(), dy: g.YOffset.Round(), text: source(p.text, run, i)}
			if !trailing {
				l.width += placed.advance
			}
			l.glyphs = append(l.glyphs, placed)
		}
	}
	return l
}

func visual(p paragraph, runs shaping.Line) shaping.Line {
	runs = slices.Clone(runs)
	level := func(o shaping.Output) bidi.Level { return p.levels[o.Runes.Offset] }
	highest := bidi.Level(0)
	for _, o := range runs {
		highest = max(highest, level(o))
	}
	for at := highest; at > 0; at-- {
		for i := 0; i < len(runs); i++ {
			j := i
			for j < len(runs) && level(runs[j]) >= at {
				j++
			}
			slices.Reverse(runs[i:j])
			i = max(i, j-1)
		}
	}
	return runs
}

// source is the text that the i-th glyph of a run stands for when it is copied
// out. A cluster, such as a letter with its vowel marks, is the text of its
// widest glyph; the others stand for nothing.
func source(text []rune, run shaping.Output, i int) string {
	g := run.Glyphs[i]
	first := i
	for first > 0 && run.Glyphs[first-1].TextIndex() == g.TextIndex() {
		first--
	}
	widest := first
	for j := first; j < len(run.Glyphs) && run.Glyphs[j].TextIndex() == g.TextIndex(); j++ {
		if run.Glyphs[j].Advance > run.Glyphs[widest].Advance {
			widest = j
		}
	}
	if widest != i {
		return ""
	}
	return string(text[g.TextIndex() : g.TextIndex()+g.RunesCount()])
}
