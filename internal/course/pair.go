package course

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// A translated page is a file of blocks, and translations.lock says of each, by
// its number in that file, which text of the source it was made from. So a block
// that is put into the source is missing in the translations, and makes no other
// of them stale.

// blockID names a block by its index.
func blockID(page string, index int) string { return fmt.Sprintf("page:%s#%d", page, index+1) }

// blockOf is the page and the index in the id of a block.
func blockOf(unit string) (page string, index int, ok bool) {
	page, number, ok := strings.Cut(unit, "#")
	page, isPage := strings.CutPrefix(page, "page:")
	n, err := strconv.Atoi(number)
	return page, n - 1, ok && isPage && err == nil
}

// pairs tells for each block of the source's page the index of the block in the
// translation that was made from it, or -1. Where the lock does not know the
// blocks of the file as it stands, they are taken one to one.
func (f *folder) pairs(lang, page string) []int {
	key := lang + " " + page
	if known, ok := f.paired[key]; ok {
		return known
	}
	source, own := blocks(f.texts[f.course.Source].pages[page]), blocks(f.texts[lang].pages[page])
	pairs := make([]int, len(source))
	for i := range pairs {
		pairs[i] = -1
	}
	join := func(from, to, ownFrom, ownTo int) {
		for i := range min(to-from, ownTo-ownFrom) {
			pairs[from+i] = ownFrom + i
		}
	}
	id := f.ofPlace("page", page)
	was, recorded := f.madeFrom(lang, id, len(own))
	if !recorded || f.oneToOne && len(own) == len(source) {
		join(0, len(source), 0, len(own))
	} else {
		is := make([]string, len(source))
		for i, b := range source {
			is[i] = UnitHash(b.text)
			for j, hash := range was { // what only minor changes lie behind is the same
				if slices.Contains(f.minor[blockID(id, i)], hash) {
					was[j] = is[i]
				}
			}
		}
		at, ownAt := 0, 0
		for _, d := range append(lcs.DiffLines(is, was), lcs.Diff{Start: len(is), End: len(is), ReplStart: len(was), ReplEnd: len(was)}) {
			join(at, d.Start, ownAt, d.ReplStart)
			join(d.Start, d.End, d.ReplStart, d.ReplEnd)
			at, ownAt = d.End, d.ReplEnd
		}
	}
	f.paired[key] = pairs
	return pairs
}

// madeFrom is the hashes that the lock has for a page's blocks, and whether it
// has one for each of the file and no more.
func (f *folder) madeFrom(lang, id string, count int) ([]string, bool) {
	hashes := make([]string, count)
	for i := range hashes {
		hashes[i] = f.lock[lang][blockID(id, i)].hash
	}
	_, more := f.lock[lang][blockID(id, count)]
	return hashes, count > 0 && !more && !slices.Contains(hashes, "")
}

// lockID is the name under which translations.lock has the translation of a
// unit of the source; "" where no block of the page was made from it.
func (f *folder) lockID(lang, unit string) string {
	id, index, block := blockOf(unit)
	if !block || lang == f.course.Source {
		return unit
	}
	pairs := f.pairs(lang, id[strings.IndexByte(id, '/')+1:])
	if index >= len(pairs) || pairs[index] < 0 {
		return ""
	}
	return blockID(id, pairs[index])
}

// pageUnits is the blocks of a page of the source.
func pageUnits(id string, src []byte) []Unit {
	var u []Unit
	for i, b := range blocks(src) {
		u = append(u, Unit{ID: blockID(id, i), Text: b.text})
	}
	if u == nil {
		u = []Unit{{ID: blockID(id, 0)}}
	}
	return u
}

// pageUnits is the blocks of a page: in a translation those of the source, each
// with the text of the block that was made from it.
func (f *folder) pageUnits(t *texts, page string) []Unit {
	id := f.ofPlace("page", page)
	u := pageUnits(id, f.texts[f.course.Source].pages[page])
	if t.lang == f.course.Source {
		return u
	}
	own, pairs := blocks(t.pages[page]), f.pairs(t.lang, page)
	for i := range u {
		u[i].Text = ""
		if i < len(pairs) && pairs[i] >= 0 {
			u[i].Text = own[pairs[i]].text
		}
	}
	return u
}
