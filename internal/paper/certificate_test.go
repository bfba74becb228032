package paper

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func render(t *testing.T, c Certificate) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var samples = map[string]Certificate{"Latvian": latvian, "Ukrainian": ukrainian, "Arabic": arabic}

func TestACertificateIsOneTaggedPageWithItsTitle(t *testing.T) {
	for name, c := range samples {
		t.Run(name, func(t *testing.T) {
			info := poppler(t, render(t, c), "pdfinfo")
			for _, want := range []string{`Pages: +1\n`, `Tagged: +yes`, `\(A4\)`, `JavaScript: +no`, `Title: +` + regexp.QuoteMeta(c.Heading),
				`CreationDate: .*2026`} {
				if !regexp.MustCompile(want).MatchString(info) {
					t.Errorf("pdfinfo does not say %q:\n%s", want, info)
				}
			}
		})
	}
}

func TestEveryFontIsEmbeddedAsASubsetThatKnowsItsText(t *testing.T) {
	for name, c := range samples {
		t.Run(name, func(t *testing.T) {
			rows := strings.Split(strings.TrimSpace(poppler(t, render(t, c), "pdffonts")), "\n")[2:]
			for _, row := range rows {
				if !regexp.MustCompile(`^[A-Z]{6}\+Noto.* yes yes yes +\d+`).MatchString(row) {
					t.Error(row)
				}
			}
			if len(rows) < 2 {
				t.Errorf("only %d fonts", len(rows))
			}
		})
	}
}

// flat is text without line breaks and double spaces; loose also without marks
// and invisible characters, and with joined letters apart.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

func loose(s string) string {
	return flat(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(s)))
}

func TestTextCanBeCopiedOut(t *testing.T) {
	for name, c := range map[string]Certificate{"Latvian": latvian, "Ukrainian": ukrainian} {
		t.Run(name, func(t *testing.T) {
			text := flat(poppler(t, render(t, c), "pdftotext", "-enc", "UTF-8"))
			for _, want := range []string{c.Issuer, c.Heading, c.Holder, c.Statement, c.CourseTitle, c.IssuedLine, c.ValidLine,
				c.CodeLabel, c.Code, c.CheckLabel, c.Note[0]} {
				if !strings.Contains(text, want) {
					t.Errorf("%q cannot be copied out of:\n%s", want, text)
				}
			}
		})
	}
}

// Poppler puts a vowel mark before its letter and guesses the order anew at
// digits and punctuation, so of Arabic only words are compared, without marks.
func TestArabicIsCopiedOutInReadingOrder(t *testing.T) {
	text := loose(poppler(t, render(t, arabic), "pdftotext", "-enc", "UTF-8"))
	for _, want := range []string{arabic.Issuer, arabic.Statement, arabic.CodeLabel, arabic.Code, arabic.CheckLabel,
		"شهادة إتمام الدورة", "بأن الشخص قرأ صفحات الدورة واجتاز جميع الاختبارات", "طالب اللجوء", "بن سعيد", "ديسمبر"} {
		if !strings.Contains(text, loose(want)) {
			t.Errorf("%q cannot be copied out of:\n%s", want, text)
		}
	}
}

func TestAScreenReaderFindsEachLineAsItWasWritten(t *testing.T) {
	for name, c := range samples {
		t.Run(name, func(t *testing.T) {
			tree := poppler(t, render(t, c), "pdfinfo", "-struct-text")
			at := 0
			for _, want := range []string{"Document", "H1", c.Heading, "P ", c.Holder, c.Statement, c.CourseTitle, c.IssuedLine, c.ValidLine,
				c.Note[0], c.Issuer, c.CodeLabel, c.Code, c.CheckLabel, "Link", c.CheckURL, "Figure"} {
				if strings.ContainsFunc(want, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
					// Poppler prints what is drawn, from left to right; readers are given this:
					if !bytes.Contains(render(t, c), []byte("/ActualText "+textString(want))) {
						t.Errorf("%q has no actual text", want)
					}
					continue
				}
				i := strings.Index(tree[at:], want)
				if i < 0 {
					t.Fatalf("%q is missing or out of order in:\n%s", want, tree)
				}
				at += i
			}
		})
	}
}

func TestTheSameCertificateIsTheSameFile(t *testing.T) {
	for name, c := range samples {
		if !bytes.Equal(render(t, c), render(t, c)) {
			t.Errorf("%s: two runs gave different bytes", name)
		}
	}
	later := latvian
	later.Created = created.AddDate(0, 0, 1)
	if bytes.Equal(render(t, latvian), render(t, later)) {
		t.Error("the creation date is not that of the input")
	}
}

func TestACertificateIsSmallEnoughToMail(t *testing.T) {
	for name, c := range samples {
		if n := len(render(t, c)); n > 64<<10 {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
}

func TestLongNamesWrapAndShrinkButStayOnThePage(t *testing.T) {
	words := rapid.SliceOfN(rapid.SampledFrom([]string{"Aleksandra", "Šķēršļovska-Ņikiforova", "von", "محمد", "عبد", "الرَّحْمٰن", "Ґалаґан",
		"(2026)", strings.Repeat("W", 90), "e\u0301e\u0301", "日本", "\u202e", "\u200f"}), 0, 30)
	rapid.Check(t, func(t *rapid.T) {
		l := layout{typesetter: newTypesetter(), rtl: rapid.Bool().Draw(t, "rtl")}
		text := strings.Join(words.Draw(t, "words"), " ")
		blocks := l.shapeAll("en", []block{{text: text, base: base(rapid.IntRange(0, 2).Draw(t, "base")), bold: true, size: 36, least: 20, lines: 2}})
		const width, height = 300, 400
		sets, _, ok := l.fit(blocks, nil, width, height)
		if !ok {
			return
		}
		for _, s := range sets {
			for _, line := range s.lines {
				if w := float64(line.width) * s.size / em; w > width+0.5 {
					t.Fatalf("a line of %q is %.1f points wide", text, w)
				}
			}
		}
		if total(sets) > height {
			t.Fatal("too high")
		}
	})
}

func TestNoTextIsLostInBreakingLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := newTypesetter()
		text := flat(rapid.StringOfN(rapid.RuneFrom([]rune("abc ÀЇ أحمد لا 123 ()-/َّ")), 1, 60, -1).Draw(t, "text"))
		p := set.shape(text, false, false, "en", auto)
		var got strings.Builder
		for _, line := range set.lines(p, 4000) {
			for _, g := range line.glyphs {
				got.WriteString(g.text)
			}
		}
		count := func(s string) map[rune]int {
			m := map[rune]int{}
			for _, r := range s {
				if r != ' ' {
					m[r]++
				}
			}
			return m
		}
		want := count(text)
		for r, n := range count(got.String()) {
			if want[r] != n {
				t.Fatalf("%q came out as %q", text, got.String())
			}
			delete(want, r)
		}
		if len(want) > 0 {
			t.Fatalf("%q came out as %q", text, got.String())
		}
	})
}

func TestMixedScriptsStandInTheOrderThatTheyAreReadIn(t *testing.T) {
	set := newTypesetter()
	for _, c := range []struct {
		text string
		rtl  bool
		base base
		seen string // from left to right
	}{
		{"Amina (محمد 2026 علي) Zāle", false, auto, "Amina (يلع 2026 دمحم) Zāle"},
		{"Amina (محمد 2026 علي) Zāle", true, auto, "Amina (يلع 2026 دمحم) Zāle"},
		{"محمد Jānis (2026)", true, auto, "Jānis (2026) دمحم"}, // UAX 9, W7 and N0
		{"صدرت في 12 ديسمبر 2026", true, asPage, "2026 ربمسيد 12 يف تردص"},
		{"Havn تشهد", true, asPage, "دهشت Havn"},
		{"Havn تشهد", false, asPage, "Havn دهشت"},
		{"7KQ4-M2XD", true, latin, "7KQ4-M2XD"},
		{"12.12.2026.", true, latin, "12.12.2026."},
	} {
		lines := set.lines(set.shape(c.text, true, c.rtl, "ar", c.base), 1e6)
		var seen strings.Builder
		for _, g := range lines[0].glyphs {
			seen.WriteString(g.text)
		}
		// The shape of a bracket is mirrored; its text is the character as written.
		if got := mirror(seen.String(), c.seen); len(lines) != 1 || got != c.seen {
			t.Errorf("%q is seen as %q, want %q", c.text, got, c.seen)
		}
	}
}

// mirror swaps brackets that stand in right-to-left text, which are seen mirrored.
func mirror(got, want string) string {
	swapped := strings.NewReplacer("(", ")", ")", "(").Replace(got)
	if swapped == want {
		return swapped
	}
	return got
}

func TestAnySubsetHasTheOutlinesOfItsGlyphs(t *testing.T) {
	for _, face := range newTypesetter().faces {
		s := newSubset(face)
		for _, r := range "AĀÅģїґЇأبلاñœ1" {
			if gid, ok := face.shape.NominalGlyph(r); ok {
				s.code(glyph{gid: gid, text: string(r)})
			}
		}
		f, err := s.parse()
		if err != nil {
			t.Fatal(err)
		}
		part := *s
		part.face.file = s.file(f)
		g, err := part.parse()
		if err != nil {
			t.Fatalf("%s: the subset cannot be read: %v", face.name, err)
		}
		for i, want := range s.glyphs {
			old, cut := f.outline(want.gid), g.outline(uint16(i))
			if len(cut) < len(old) || len(cut) > len(old)+3 {
				t.Errorf("%s: %q has %d bytes of %d", face.name, want.text, len(cut), len(old))
			}
			for _, at := range components(cut) {
				if int(u16(cut, at)) >= int(u16(g.maxp, 4)) {
					t.Errorf("%s: %q is composed of a glyph that is not there", face.name, want.text)
				}
			}
			if a, b := f.advance(want.gid), g.advance(uint16(i)); a != b {
				t.Errorf("%s: %q is %d wide, not %d", face.name, want.text, b, a)
			}
		}
	}
}

func (f sfnt) advance(gid uint16) uint16 { a, _ := f.metrics(gid); return a }

func TestAnyTextIsRenderedOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := arabic
		c.Holder = rapid.String().Draw(t, "holder")
		c.CourseTitle = rapid.String().Draw(t, "course")
		c.Code = rapid.String().Draw(t, "code")
		c.Dir = rapid.SampledFrom([]string{"ltr", "rtl", ""}).Draw(t, "dir")
		if err := Render(&bytes.Buffer{}, c); err != nil && !errors.Is(err, ErrTooLong) {
			t.Fatal(err)
		}
	})
}

func TestABookIsNoName(t *testing.T) {
	c := latvian
	c.Holder = strings.Repeat("Kārlis Āboliņš ", 400)
	if err := Render(&bytes.Buffer{}, c); !errors.Is(err, ErrTooLong) {
		t.Errorf("got %v", err)
	}
	c = latvian
	c.Holder, c.CourseTitle = strings.Repeat("Kārlis ", 40), strings.Repeat("Vispirms bērns ", 25)
	if err := Render(&bytes.Buffer{}, c); err != nil {
		t.Errorf("280 and 375 characters: %v", err)
	}
	c.CheckURL = strings.Repeat("x", 5000)
	if err := Render(&bytes.Buffer{}, c); err == nil {
		t.Error("an address too long for a QR code was taken")
	}
}

func TestLinesLeftEmptyAreLeftOut(t *testing.T) {
	if text := flat(poppler(t, render(t, Certificate{Lang: "en", Holder: "Ada"}), "pdftotext")); text != "Ada" {
		t.Errorf("the page says %q", text)
	}
}

func BenchmarkRender(b *testing.B) {
	for name, c := range samples {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := Render(&bytes.Buffer{}, c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
