package course

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"
)

func codesOf(ps Problems) (list []string) {
	for _, p := range ps {
		list = append(list, p.Code)
	}
	return list
}

// bomb is a PNG of a few bytes whose header promises a picture of that size.
func bomb(width, height uint32) []byte {
	head := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	head = append(binary.BigEndian.AppendUint32(head, height), 8, 2, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(out, head...), crc32.ChecksumIEEE(head))
}

func svg(body string) []byte {
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 50">` + body + `</svg>`)
}

// A picture is told from its header; what is too large, runs or fetches something is
// refused, and so is everything that is no picture.
func TestOnlyPicturesAreTakenIntoACourse(t *testing.T) {
	t.Parallel()
	var small bytes.Buffer
	if err := png.Encode(&small, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		src  []byte
		code string // "" taken
	}{
		{"door.png", small.Bytes(), ""},
		{"door.jpg", small.Bytes(), "media-broken"},
		{"wide.png", bomb(30_000, 10), "media-pixels"},
		{"wide.png", bomb(6_000, 6_000), "media-pixels"},
		{"fine.png", bomb(4_000, 6_000), ""},
		{"heavy.png", append(small.Bytes(), make([]byte, MaxPicture)...), "media-large"},
		{"empty.webp", nil, "media-broken"},
		{"page.html", []byte("<p>"), "media-kind"},
		{"talk.mp3", []byte("ID3"), "media-kind"},
		{"noname", []byte("x"), "media-kind"},
		{"a.svg", svg(`<rect width="100" height="50" fill="#fff"/><text x="5" y="20">Door</text>`), ""},
		{"a.svg", append([]byte("<?xml version=\"1.0\"?>\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"x.dtd\">\n"), svg(`<use href="#a"/>`)...), ""},
		{"a.svg", svg(`<style>.a{fill:url(#g)}</style><image href="data:image/png;base64,AAAA"/>`), ""},
		{"a.svg", svg(`<script>alert(1)</script>`), "svg-active"},
		{"a.svg", svg(`<SCRIPT/>`), "svg-active"},
		{"a.svg", svg(`<g onclick="x()"/>`), "svg-active"},
		{"a.svg", svg(`<a href="#x"><animate attributeName="href" to="javascript:x()"/></a>`), "svg-active"},
		{"a.svg", svg(`<foreignObject/>`), "svg-active"},
		{"a.svg", svg(`<image xlink:href="https://example.org/p.png"/>`), "svg-outside"},
		{"a.svg", svg(`<a href="//example.org"/>`), "svg-outside"},
		{"a.svg", svg(`<use href="data:image/svg+xml;base64,AAAA"/>`), "svg-outside"},
		{"a.svg", svg(`<style>@import "x.css";</style>`), "svg-outside"},
		{"a.svg", svg(`<style>.a{fill:ur\6c(x)}</style>`), "svg-outside"},
		{"a.svg", svg(`<rect style="fill: url( 'https://example.org/f#g')"/>`), "svg-outside"},
		{"a.svg", append([]byte(`<?xml-stylesheet href="x.css"?>`), svg("")...), "svg-outside"},
		{"a.svg", append([]byte(`<!DOCTYPE svg [<!ENTITY a "aaaa">]>`), svg(`<text>&a;</text>`)...), "svg-active"},
		{"a.svg", []byte(`<svg><text>x</text></svg>`), "media-broken"},
		{"a.svg", svg(`<g>`), "media-broken"},
		{"a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="2"/>`), "media-pixels"},
		{"a.svg", svg(strings.Repeat("<g/>", maxSVGTokens)), "media-broken"},
	} {
		got := codesOf(CheckPicture("media/"+c.name, c.src))
		if c.code == "" && len(got) > 0 || c.code != "" && !slices.Contains(got, c.code) {
			t.Errorf("%s %.80q: %v, not %q", c.name, c.src, got, c.code)
		}
	}
}

// Contrast is counted by the formula of WCAG 2.2, whose ends are 1 and 21; #767676 is
// the lightest grey that stands on white.
func TestContrastIsThatOfWCAG(t *testing.T) {
	t.Parallel()
	white := color.RGBA{255, 255, 255, 255}
	for _, c := range []struct {
		is   color.RGBA
		want float64
	}{{color.RGBA{0, 0, 0, 255}, 21}, {white, 1}, {color.RGBA{0x76, 0x76, 0x76, 255}, 4.54}, {color.RGBA{255, 0, 0, 255}, 4.00}} {
		if got := Contrast(c.is, white); math.Abs(got-c.want) > 0.005 || math.Abs(Contrast(white, c.is)-got) > 1e-12 {
			t.Errorf("%v on white is %.3f, not %.2f", c.is, got, c.want)
		}
	}
}

// A text of a drawing that stands in front of one colour has to contrast with it.
// Where a style sheet, a picture or a transformation decides, nothing is said.
func TestPaleTextOfADrawingIsToldWhereItCanBeDecided(t *testing.T) {
	t.Parallel()
	paper := `<rect width="100%" height="100%" fill="white"/>`
	for _, c := range []struct {
		body string
		pale bool
	}{
		{paper + `<text x="5" y="20" fill="#777">pale</text>`, true},
		{paper + `<text x="5" y="20" fill="#767676">enough</text>`, false},
		{paper + `<text x="5" y="20" fill="#777" font-size="24">large</text>`, false},
		{paper + `<text x="5" y="20" fill="#777" font-size="19" font-weight="700">large</text>`, false},
		{paper + `<g fill="yellow"><text x="5" y="20">handed down</text></g>`, true},
		{paper + `<rect x="0" y="0" width="50" height="50" fill="#000"/><text x="5" y="20" fill="#777">on black</text><text x="60" y="20" style="fill: #ccc">on white</text>`, true},
		{`<text x="5" y="20" fill="#777">on whatever the page is</text>`, false},
		{paper + `<path d="M0 0h9"/><text x="5" y="20" fill="#777">on a shape</text>`, false},
		{paper + `<text x="5" y="20" fill="#777" transform="rotate(9)">elsewhere</text>`, false},
		{`<style>text{fill:#000}</style>` + paper + `<text x="5" y="20" fill="#777">styled</text>`, false},
		{paper + `<defs><text x="5" y="20" fill="#777">not shown</text></defs>`, false},
	} {
		got := slices.Contains(codesOf(CheckPicture("media/a.svg", svg(c.body)).Barriers()), "svg-contrast")
		if got != c.pale {
			t.Errorf("%s: pale is %v", c.body, got)
		}
	}
}

// A passage in another script needs a mark of its language, which screen readers
// need to say it; names do not, and what is in the same script cannot be told.
func TestAPassageInAnotherScriptIsMarked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang, page string
		line       int // 0: nothing is said
	}{
		{"en", "# T\n\nThe guardian says: я не знаю, де він.\n", 3},
		{"en", "# T\n\nHer name is Оксана Коваль.\n", 0},
		{"en", "# T\n\n:::lang uk\nЯ не знаю, де він.\n:::\n", 0},
		{"en", "# T\n\n:::lang uk\nI do not know this.\n:::\n", 4},
		{"en", "# T\n\nOne\n\n- two\n- أنا لا أعرف\n", 6},
		{"ar", "# عنوان\n\nهذا نص UN Convention on Rights هنا.\n", 3},
		{"ar", "# عنوان\n\nهذا نص UNHCR وهذا IOM وهذا EU.\n", 0},
		{"ja", "# 題\n\n子どもは子どもです。 カタカナ 漢字 ひらがな\n", 0},
		{"et", "# T\n\nThe child comes first, always.\n", 0},
		{"en", "# T\n\n`я не знаю`\n", 3},
		{"en", "# я не знаю де\n", 1},
	} {
		page := parsePage([]byte(c.page), c.lang)
		line := 0
		if len(page.foreign) > 0 {
			line = page.foreign[0].line
		}
		if line != c.line {
			t.Errorf("%s %q: line %d, not %d", c.lang, c.page, line, c.line)
		}
	}
	if html := Sketch([]byte("# T\n\n:::lang ar\nأنا لا أعرف\n:::\n"), "en").HTML; !strings.Contains(html, `lang="ar" dir="rtl"`) {
		t.Errorf("the mark does not arrive: %s", html)
	}
}
