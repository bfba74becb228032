package paper

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/go-text/typesetting/font/opentype"
)

// subset is the part of a font that a document uses. Its glyphs are numbered
// from 1 in the order of their first use, and one outline that stands for two
// different texts has two numbers, so that each number means one text. The
// numbers are the character codes in the PDF and the glyph ids in the font file
// (ISO 32000-1, 9.7.4.2: CIDToGIDMap Identity).
type subset struct {
	face   typeface
	glyphs []subsetGlyph
	number map[subsetGlyph]int
}

type subsetGlyph struct {
	gid  uint16
	text string
}

func newSubset(face typeface) *subset {
	notdef := subsetGlyph{}
	return &subset{face: face, glyphs: []subsetGlyph{notdef}, number: map[subsetGlyph]int{}}
}

// code is the number of a glyph, which is added where it is new.
func (s *subset) code(g glyph) int {
	key := subsetGlyph{uint16(g.gid), g.text}
	n, ok := s.number[key]
	if !ok {
		n = len(s.glyphs)
		s.glyphs = append(s.glyphs, key)
		s.number[key] = n
	}
	return n
}

// sfnt is the tables of a TrueType font that matter here (OpenType 1.9).
type sfnt struct {
	ld               *opentype.Loader
	upem             int
	numHM            int
	ascent, descent  int // font units
	box              [4]int
	head, hhea, maxp []byte
	hmtx, loca, glyf []byte
	longLoca         bool
}

func (s *subset) parse() (f sfnt, err error) {
	if f.ld, err = opentype.NewLoader(bytes.NewReader(s.face.file)); err != nil {
		return f, err
	}
	for _, t := range []struct {
		tag  string
		data *[]byte
	}{{"head", &f.head}, {"hhea", &f.hhea}, {"maxp", &f.maxp}, {"hmtx", &f.hmtx}, {"loca", &f.loca}, {"glyf", &f.glyf}} {
		if *t.data, err = f.ld.RawTable(opentype.MustNewTag(t.tag)); err != nil {
			return f, fmt.Errorf("font %s: %w", s.face.name, err)
		}
	}
	f.upem = int(u16(f.head, 18))
	for i := range f.box {
		f.box[i] = int(int16(u16(f.head, 36+2*i)))
	}
	f.longLoca = u16(f.head, 50) == 1
	f.ascent, f.descent = int(int16(u16(f.hhea, 4))), int(int16(u16(f.hhea, 6)))
	f.numHM = int(u16(f.hhea, 34))
	return f, nil
}

// metrics is a glyph's advance width and left side bearing, in font units.
func (f sfnt) metrics(gid uint16) (advance, bearing uint16) {
	i := int(gid)
	if i < f.numHM {
		return u16(f.hmtx, 4*i), u16(f.hmtx, 4*i+2)
	}
	return u16(f.hmtx, 4*(f.numHM-1)), u16(f.hmtx, 4*f.numHM+2*(i-f.numHM))
}

func (f sfnt) outline(gid uint16) []byte {
	i := int(gid)
	if f.longLoca {
		return f.glyf[binary.BigEndian.Uint32(f.loca[4*i:]):binary.BigEndian.Uint32(f.loca[4*i+4:])]
	}
	return f.glyf[2*int(u16(f.loca, 2*i)) : 2*int(u16(f.loca, 2*i+2))]
}

// file builds a TrueType font of the subset's glyphs and those that they are
// composed of, with the tables that a PDF needs (ISO 32000-1, 9.9).
func (s *subset) file(f sfnt) []byte {
	gids := make([]uint16, len(s.glyphs))
	for i, g := range s.glyphs {
		gids[i] = g.gid
	}
	component := map[uint16]int{}
	var glyf, loca, hmtx []byte
	for i := 0; i < len(gids); i++ {
		outline := bytes.Clone(f.outline(gids[i]))
		for _, at := range components(outline) {
			old := u16(outline, at)
			n, ok := component[old]
			if !ok {
				n = len(gids)
				gids = append(gids, old)
				component[old] = n
			}
			binary.BigEndian.PutUint16(outline[at:], uint16(n))
		}
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = pad(append(glyf, outline...))
		advance, bearing := f.metrics(gids[i])
		hmtx = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(hmtx, advance), bearing)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))

	head, hhea, maxp := bytes.Clone(f.head), bytes.Clone(f.hhea), bytes.Clone(f.maxp)
	binary.BigEndian.PutUint32(head[8:], 0)  // checkSumAdjustment
	binary.BigEndian.PutUint16(head[50:], 1) // indexToLocFormat: long
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(gids)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(gids)))

	tables := []table{{"cvt ", nil}, {"fpgm", nil}, {"glyf", glyf}, {"head", head}, {"hhea", hhea},
		{"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}, {"prep", nil}}
	var present []table
	for _, t := range tables {
		if t.data == nil {
			t.data, _ = f.ld.RawTable(opentype.MustNewTag(t.tag)) // hinting: optional
		}
		if len(t.data) > 0 {
			present = append(present, t)
		}
	}
	return assemble(present)
}

// components is where a composite glyph names its parts (OpenType 1.9, glyf).
func components(outline []byte) (at []int) {
	const words, scale, more, xyScale, twoByTwo = 0x1, 0x8, 0x20, 0x40, 0x80
	if len(outline) == 0 || int16(u16(outline, 0)) >= 0 {
		return nil
	}
	for i := 10; ; {
		flags := u16(outline, i)
		at = append(at, i+2)
		i += 6
		if flags&words != 0 {
			i += 2
		}
		switch {
		case flags&scale != 0:
			i += 2
		case flags&xyScale != 0:
			i += 4
		case flags&twoByTwo != 0:
			i += 8
		}
		if flags&more == 0 {
			return at
		}
	}
}

type table struct {
	tag  string
	data []byte
}

// assemble writes tables, sorted by tag, as a font file (OpenType 1.9, Organization).
func assemble(tables []table) []byte {
	be := binary.BigEndian
	n := len(tables)
	power, log := 1, 0
	for power*2 <= n {
		power, log = power*2, log+1
	}
	out := be.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, power * 16, log, (n - power) * 16} {
		out = be.AppendUint16(out, uint16(v))
	}
	offset := len(out) + 16*n
	var head int
	for _, t := range tables {
		if t.tag == "head" {
			head = offset
		}
		out = append(out, t.tag...)
		out = be.AppendUint32(out, checksum(t.data))
		out = be.AppendUint32(out, uint32(offset))
		out = be.AppendUint32(out, uint32(len(t.data)))
		offset += len(pad(t.data))
	}
	for _, t := range tables {
		out = append(out, pad(t.data)...)
	}
	be.PutUint32(out[head+8:], 0xB1B0AFBA-checksum(out))
	return out
}

func checksum(data []byte) (sum uint32) {
	data = pad(data)
	for i := 0; i < len(data); i += 4 {
		sum += binary.BigEndian.Uint32(data[i:])
	}
	return sum
}

// pad fills up to a multiple of four bytes, without touching the input's tail.
func pad(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b[:len(b):len(b)], 0)
	}
	return b
}

func u16(b []byte, at int) uint16 { return binary.BigEndian.Uint16(b[at:]) }
