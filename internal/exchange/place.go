package exchange

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"

	"havn/internal/course"
)

// numbered is a block of a page, by the number in its id.
type numbered struct {
	number int
	hash   string // of its source text
	unit   int    // in the file; -1 of the course
}

// place names the units of a file as the course does today. A block of a page is
// known by its source text and not by its number: a paragraph that was put in
// since moves those behind it. What is found nowhere keeps the name of the file,
// or none where another block has it now.
func (in *importing) place(d Document) []string {
	names, count := make([]string, len(d.Units)), map[string]int{}
	pages := map[string][]numbered{}
	for i, u := range d.Units {
		names[i] = u.ID
		count[u.ID]++
		if page, number, block := blockOf(u.ID); block {
			hash := u.Hash
			if hash == "" {
				hash = course.UnitHash(u.Source)
			}
			pages[page] = append(pages[page], numbered{number, hash, i})
		}
	}
	of := map[string][]numbered{}
	for _, p := range in.t.Pairs {
		if page, number, block := blockOf(p.ID); block && pages[page] != nil {
			of[page] = append(of[page], numbered{number, course.UnitHash(p.Source), -1})
		}
	}
	for page, file := range pages {
		if slices.ContainsFunc(file, func(b numbered) bool { return count[names[b.unit]] > 1 }) {
			continue // which of the two it is nobody knows
		}
		slices.SortFunc(file, func(a, b numbered) int { return cmp.Compare(a.number, b.number) })
		for unit, number := range paired(file, of[page]) {
			names[unit] = ""
			if number > 0 {
				names[unit] = page + "#" + strconv.Itoa(number)
			}
		}
	}
	return names
}

// paired gives for each block of a file the number that it has in the course, 0
// none: the same texts in their order first, then what stands between the same
// two, then the same text elsewhere.
func paired(file, course []numbered) map[int]int {
	out, taken := map[int]int{}, map[int]bool{}
	join := func(f, c numbered) {
		out[f.unit], taken[c.number] = c.number, true
	}
	rest := slices.Clone(file)
	if last := len(file); last > 0 && file[last-1].number != last { // only some of the page's blocks: their numbers say which of the same texts
		rest = slices.DeleteFunc(rest, func(f numbered) bool {
			at := slices.IndexFunc(course, func(c numbered) bool { return c.number == f.number && c.hash == f.hash })
			if at >= 0 {
				join(f, course[at])
			}
			return at >= 0
		})
	}
	free := slices.DeleteFunc(slices.Clone(course), func(c numbered) bool { return taken[c.number] })
	var alike [][2]numbered
	at, own := 0, 0
	for _, d := range append(lcs.DiffLines(hashesOf(free), hashesOf(rest)), lcs.Diff{Start: len(free), End: len(free), ReplStart: len(rest), ReplEnd: len(rest)}) {
		for i := range d.Start - at {
			join(rest[own+i], free[at+i])
		}
		for i := range min(d.End-d.Start, d.ReplEnd-d.ReplStart) {
			alike = append(alike, [2]numbered{rest[d.ReplStart+i], free[d.Start+i]})
		}
		at, own = d.End, d.ReplEnd
	}
	for _, f := range rest { // moved
		if _, known := out[f.unit]; !known {
			if c := slices.IndexFunc(free, func(c numbered) bool { return !taken[c.number] && c.hash == f.hash }); c >= 0 {
				join(f, free[c])
			}
		}
	}
	for _, pair := range alike { // changed
		if _, known := out[pair[0].unit]; !known && !taken[pair[1].number] {
			join(pair[0], pair[1])
		}
	}
	for _, f := range rest {
		if _, known := out[f.unit]; !known {
			out[f.unit] = 0
			if c := slices.IndexFunc(free, func(c numbered) bool { return c.number == f.number }); c >= 0 && !taken[f.number] {
				join(f, free[c])
			}
		}
	}
	return out
}

func hashesOf(list []numbered) []string {
	out := make([]string, len(list))
	for i, b := range list {
		out[i] = b.hash
	}
	return out
}

// blockOf is the page and the number in the id of a block.
func blockOf(unit string) (page string, number int, ok bool) {
	page, digits, ok := strings.Cut(unit, "#")
	number, err := strconv.Atoi(digits)
	return page, number, ok && strings.HasPrefix(page, "page:") && err == nil && number > 0
}
