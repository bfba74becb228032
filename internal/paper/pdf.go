package paper

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/go-text/typesetting/font"
)

// pdf is a file in the making: numbered objects, then a table of where they are
// (ISO 32000-1, 7.5).
type pdf struct{ objects [][]byte }

type ref int

func (r ref) String() string { return fmt.Sprintf("%d 0 R", int(r)) }

// reserve numbers an object that is written later.
func (f *pdf) reserve() ref {
	f.objects = append(f.objects, nil)
	return ref(len(f.objects))
}

func (f *pdf) set(r ref, format string, args ...any) ref {
	f.objects[r-1] = fmt.Appendf(nil, format, args...)
	return r
}

func (f *pdf) add(format string, args ...any) ref { return f.set(f.reserve(), format, args...) }

// stream adds compressed data with further entries for its dictionary.
func (f *pdf) stream(data []byte, entries string) ref {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return f.add("<</Length %d /Filter /FlateDecode %s>>\nstream\n%s\nendstream", b.Len(), entries, b.Bytes())
}

func (f *pdf) write(w io.Writer, root, info ref) error {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(f.objects))
	for i, o := range f.objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	id := sha256.Sum256(b.Bytes())
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(f.objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d /Root %s /Info %s /ID [<%x> <%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(f.objects)+1, root, info, id[:16], id[:16], start)
	_, err := w.Write(b.Bytes())
	return err
}

// about is what a file says of itself.
type about struct {
	lang, dir, title, author string
	created                  time.Time
}

// write makes the file of the sheets.
func (p *page) write(w io.Writer, c about) error {
	f := &pdf{}
	root, pages := f.reserve(), f.reserve()
	var sheets []ref
	kids := ""
	for range p.sheets {
		sheets = append(sheets, f.reserve())
		kids += sheets[len(sheets)-1].String() + " "
	}
	fonts := ""
	for i, s := range p.subsets {
		if s == nil {
			continue
		}
		embedded, err := f.font(s)
		if err != nil {
			return err
		}
		fonts += fmt.Sprintf("/F%d %s ", i, embedded)
	}
	structure, annotations := f.structure(p, sheets)
	for i, content := range p.sheets {
		f.set(sheets[i], "<</Type /Page /Parent %s /MediaBox [0 0 %s %s] /Resources <</Font <<%s>>>> /Contents %s /StructParents %d /Tabs /S /Annots [%s]>>",
			pages, num(p.width), num(p.height), fonts, f.stream(content.Bytes(), ""), i, annotations[i])
	}
	f.set(pages, "<</Type /Pages /Kids [%s] /Count %d>>", strings.TrimSuffix(kids, " "), len(sheets))

	direction := "L2R"
	if c.dir == "rtl" {
		direction = "R2L"
	}
	packet := xmp(c)
	metadata := f.add("<</Type /Metadata /Subtype /XML /Length %d>>\nstream\n%s\nendstream", len(packet), packet)
	f.set(root, "<</Type /Catalog /Pages %s /Lang %s /MarkInfo <</Marked true>> /StructTreeRoot %s /Metadata %s /ViewerPreferences <</DisplayDocTitle true /Direction /%s>>>>",
		pages, textString(c.lang), structure, metadata, direction)
	info := f.add("<</Title %s /Author %s /Producer (Havn) /CreationDate (D:%sZ)>>",
		textString(c.title), textString(c.author), c.created.UTC().Format("20060102150405"))
	return f.write(w, root, info)
}

// structure is the tree that says what each piece of the sheets is (14.7), and the
// link annotations of each, which belong to it (14.8.4.4.2).
func (f *pdf) structure(p *page, sheets []ref) (root ref, annotations []string) {
	root = f.reserve()
	nodes := []ref{f.reserve()} // the document and the groups
	for range p.groups {
		nodes = append(nodes, f.reserve())
	}
	kids := make([]string, len(nodes))
	placed := make([]bool, len(nodes))
	placed[0] = true
	place := func(g int) {
		for ; !placed[g]; g = p.groups[g-1].parent {
			placed[g] = true
			kids[p.groups[g-1].parent] += nodes[g].String() + " "
		}
	}
	annotations = make([]string, len(sheets))
	byContent := make([]string, len(sheets))
	byLink, links := "", len(sheets)-1
	for _, e := range p.elements {
		self := f.reserve()
		attributes, content := "", strconv.Itoa(e.mcid)
		if e.tag == "Figure" {
			attributes = fmt.Sprintf(" /Alt %s /A <</O /Layout /Placement /Block /BBox [%s]>>", textString(e.alt), box(e.box))
		}
		if e.scope != "" {
			attributes = fmt.Sprintf(" /A <</O /Table /Scope /%s>>", e.scope)
		}
		if e.actual != "" {
			attributes += fmt.Sprintf(" /ActualText %s", textString(e.actual)) // 14.9.4
		}
		for _, hit := range e.hits {
			links++
			link := f.add("<</Type /Annot /Subtype /Link /Rect [%s] /Border [0 0 0] /F 4 /StructParent %d /Contents %s /A <</S /URI /URI %s>>>>",
				box(hit), links, textString(e.href), literal(e.href))
			annotations[e.sheet] += link.String() + " "
			content += fmt.Sprintf(" <</Type /OBJR /Obj %s /Pg %s>>", link, sheets[e.sheet])
			byLink += fmt.Sprintf(" %d %s", links, self)
		}
		f.set(self, "<</Type /StructElem /S /%s /P %s /Pg %s%s /K [%s]>>", e.tag, nodes[e.group], sheets[e.sheet], attributes, content)
		place(e.group)
		kids[e.group] += self.String() + " "
		byContent[e.sheet] += self.String() + " "
	}
	f.set(nodes[0], "<</Type /StructElem /S /Document /P %s /K [%s]>>", root, kids[0])
	for i, g := range p.groups {
		f.set(nodes[i+1], "<</Type /StructElem /S /%s /P %s /K [%s]>>", g.tag, nodes[g.parent], kids[i+1])
	}
	parents := ""
	for i, list := range byContent {
		parents += fmt.Sprintf("%d [%s] ", i, list)
	}
	f.set(root, "<</Type /StructTreeRoot /K %s /ParentTree <</Nums [%s%s]>> /ParentTreeNextKey %d>>",
		nodes[0], strings.TrimSuffix(parents, " "), byLink, links+1)
	return root, annotations
}

// font embeds a subset as a composite font with a map back to text (9.7, 9.10.3).
func (f *pdf) font(s *subset) (ref, error) {
	t, err := s.parse()
	if err != nil {
		return 0, err
	}
	file := s.file(t)
	name := fmt.Sprintf("%s+%s", letters(sha256.Sum256(file)), s.face.name)
	units := func(v int) int { return v * em / t.upem }
	descriptor := f.add("<</Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight 714 /StemV 80 /FontFile2 %s>>",
		name, units(t.box[0]), units(t.box[1]), units(t.box[2]), units(t.box[3]), units(t.ascent), units(t.descent),
		f.stream(file, fmt.Sprintf("/Length1 %d", len(file))))
	var widths strings.Builder
	for _, g := range s.glyphs {
		fmt.Fprintf(&widths, "%d ", s.face.width(font.GID(g.gid)))
	}
	descendant := f.add("<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %s /CIDToGIDMap /Identity /W [0 [%s]]>>",
		name, descriptor, widths.String())
	return f.add("<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%s] /ToUnicode %s>>",
		name, descendant, f.stream(s.toUnicode(), "")), nil
}

// toUnicode is the CMap that gives each code its text (9.10.3).
func (s *subset) toUnicode() []byte {
	var rows []string
	for code, g := range s.glyphs {
		if g.text != "" {
			rows = append(rows, fmt.Sprintf("<%04x> <%x>\n", code, utf16be(g.text)))
		}
	}
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n")
	for len(rows) > 0 {
		n := min(len(rows), 100) // the most that one section may hold
		fmt.Fprintf(&b, "%d beginbfchar\n%sendbfchar\n", n, strings.Join(rows[:n], ""))
		rows = rows[n:]
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// xmp is the title, author, language and date once more, as XMP (14.3.2).
func xmp(c about) string {
	escape := func(s string) string {
		var b strings.Builder
		xml.EscapeText(&b, []byte(s))
		return b.String()
	}
	return `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + escape(c.title) + `</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>` + escape(c.author) + `</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>` + escape(c.lang) + `</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>` + c.created.UTC().Format(time.RFC3339) + `</xmp:CreateDate>
<pdf:Producer>Havn</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`
}

// textString is text for people: UTF-16 with a byte order mark (7.9.2.2).
func textString(s string) string { return fmt.Sprintf("<feff%x>", utf16be(s)) }

// literal is bytes for programs, such as an address (7.3.4.2).
func literal(s string) string {
	return "(" + strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`, "\r", `\r`, "\n", `\n`).Replace(s) + ")"
}

func utf16be(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return b
}

// letters is the six capitals that mark a subset's name (9.6.4).
func letters(hash [32]byte) string {
	b := make([]byte, 6)
	for i := range b {
		b[i] = 'A' + hash[i]%26
	}
	return string(b)
}

func box(b [4]float64) string {
	return num(b[0]) + " " + num(b[1]) + " " + num(b[2]) + " " + num(b[3])
}

// num is a number with at most three decimals.
func num(f float64) string {
	s := strconv.FormatFloat(f, 'f', 3, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}
