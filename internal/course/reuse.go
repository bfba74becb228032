package course

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// What a course reuses of others is taken over into a folder of each of them, as
// it is published there, and read with the course's own files: so a publication is
// whole, and the author's files stay as they are. reuse.lock says which version it
// came from, `<course> <version>`. Both are made by TakeOver and nothing else.
const (
	reusedDir = "reused/"
	reuseFile = "reuse.lock"
)

// maxReused is how many pages and questions a course may name of others.
const maxReused = 500

// Reuse is what a course takes of another one.
type Reuse struct {
	Course    string   `yaml:"course"`
	Pages     []string `yaml:"pages"`
	Questions []string `yaml:"questions"`
}

// Taken tells which version of another course something was taken over from.
type Taken struct {
	Course  string
	Version int
}

// Origin is a course as it is published, for those that reuse of it.
type Origin struct {
	Version int
	Files   Files
}

// Origins gives the current publication of a course, or says why nothing may be
// taken from it.
type Origins func(slug string) (Origin, Refusal)

// Refusal is why nothing may be taken from a course; 0: it may.
type Refusal int

// The refusals.
const (
	NotPublished Refusal = iota + 1
	IsWithdrawn
	OfOthers // it belongs to another organisation
)

// Own is a folder without what was taken over from other courses.
func (f Files) Own() Files {
	own := maps.Clone(f)
	maps.DeleteFunc(own, func(name string, _ []byte) bool { return name == reuseFile || strings.HasPrefix(name, reusedDir) })
	return own
}

// ReusedOf is the part of a folder that was taken over from a course.
func (f Files) ReusedOf(slug string) Files {
	part := maps.Clone(f)
	maps.DeleteFunc(part, func(name string, _ []byte) bool { return originOf(name) != slug })
	return part
}

// Reuses lists what the folder says that it takes of other courses.
func (f Files) Reuses() []Reuse {
	if !bytes.Contains(f["course.yaml"], []byte("reuse")) {
		return nil
	}
	x := newFolder("", f, "")
	x.readCourse()
	return x.course.Reuse
}

// originOf is the course that a file was taken over from, "" none.
func originOf(file string) string {
	rest, ok := strings.CutPrefix(file, reusedDir)
	slug, _, inside := strings.Cut(rest, "/")
	if !ok || !inside {
		return ""
	}
	return slug
}

func reusedFile(slug, file string) string { return reusedDir + slug + "/" + file }

// readReuse reads what is taken of other courses. The ids of questions are taken
// here; those of pages where a module names them.
func (f *folder) readReuse(v value) {
	total := 0
	for _, v := range v.list() {
		o := v.object("course", "pages", "questions")
		r := Reuse{Course: o["course"].text()}
		switch _, twice := f.at["reuse:"+r.Course]; {
		case !IsID(r.Course):
			firstThere(o["course"], v).fail("id-invalid", "id", clip(r.Course))
			continue
		case r.Course == f.course.Slug:
			o["course"].fail("reuse-loop", "course", r.Course)
			continue
		case twice:
			o["course"].fail("entry-twice", "entry", r.Course)
			continue
		}
		f.at["reuse:"+r.Course] = o["course"].at
		if len(o["pages"].list())+len(o["questions"].list()) == 0 {
			v.fail("reuse-nothing", "course", r.Course)
		}
		for _, kind := range []string{"page", "question"} {
			for _, v := range o[kind+"s"].list() {
				id := v.text()
				if total++; total > maxReused {
					v.fail("reuse-many", "most", maxReused)
					return
				}
				unit := kind + ":" + id
				switch {
				case !IsID(id):
					v.fail("id-invalid", "id", clip(id))
				case f.from[unit] != "":
					v.fail("entry-twice", "entry", id)
				case kind == "question" && !f.claim(id, v.at):
				default:
					f.from[unit], f.at["reused:"+unit] = r.Course, v.at
					if kind == "page" {
						r.Pages = append(r.Pages, id)
					} else {
						r.Questions = append(r.Questions, id)
						f.at["question:"+id] = v.at
					}
				}
			}
		}
		f.course.Reuse = append(f.course.Reuse, r)
	}
}

func firstThere(a, b value) value {
	if a.absent() {
		return b
	}
	return a
}

// layers are a file of the course and those of the same name that were taken over.
func (f *folder) layers(file string) []string {
	list := []string{file}
	for _, r := range f.course.Reuse {
		if name := reusedFile(r.Course, file); f.files[name] != nil {
			list = append(list, name)
		}
	}
	return list
}

// pending tells whether something is still to be taken over, so that what cites it
// cannot be judged.
func (f *folder) pending() bool {
	if f.isPending == nil {
		is := slices.ContainsFunc(f.course.Reuse, func(r Reuse) bool { return len(f.files.ReusedOf(r.Course)) == 0 })
		f.isPending = &is
	}
	return *f.isPending
}

// checkReuse reports what was not taken over and what no module names. What was
// told of a place already is not told again; what is wrong with something that was
// taken over is told where it is named.
func (f *folder) checkReuse(told Problems, places map[string]*folder) {
	known := func(at place) bool {
		return slices.ContainsFunc(told, func(p Problem) bool {
			return p.Level == Error && p.File == at.file && p.Line == at.line && p.Column == at.col
		})
	}
	for _, r := range f.course.Reuse {
		if known(f.at["reuse:"+r.Course]) {
			continue
		}
		for _, id := range r.Pages {
			at := f.at["reused:page:"+id]
			named := f.at["page:"+id].file != ""
			for _, in := range places {
				named = named || in.at["page:"+id].file != ""
			}
			switch _, there := f.files[reusedFile(r.Course, join(f.course.Source, id+".md"))]; {
			case known(at):
			case !there:
				f.fail(at, "reuse-absent", "id", id, "course", r.Course)
			case !named:
				f.warn(at, "reuse-unused", "page", id)
			}
		}
		for _, id := range r.Questions {
			if at := f.at["reused:question:"+id]; f.questions[id] == nil && !known(at) {
				f.fail(at, "reuse-absent", "id", id, "course", r.Course)
			}
		}
	}
}

// atReuse moves what is wrong in files that were taken over to where they are
// named; warnings are the other course's affair.
func (f *folder) atReuse() {
	var out Problems
	for _, p := range f.problems {
		slug := originOf(p.File)
		if slug == "" {
			out = append(out, p)
			continue
		}
		if p.Level == Warning || p.Code == "source-text-missing" && f.files[p.File] == nil {
			continue
		}
		in := strings.TrimPrefix(p.File, reusedFile(slug, ""))
		r := &report{}
		switch p.Code {
		case "link-nowhere":
			r.fail(f.at["reuse:"+slug], "reuse-link", "course", slug, "file", in, "link", p.Params["link"])
		case "id-taken":
			r.fail(f.at["reuse:"+slug], "reuse-id", "course", slug, "id", p.Params["id"], "file", p.Params["file"], "line", p.Params["line"])
		default:
			r.fail(f.at["reuse:"+slug], "reuse-broken", "course", slug, "file", in, "line", max(p.Line, 1))
		}
		out = append(out, r.problems...)
	}
	f.problems = out
}

// readTaken reads which versions were taken over.
func (f *folder) readTaken() (list []Taken) {
	src, _ := f.source(reuseFile)
	for line := range strings.Lines(string(src)) {
		if w := strings.Fields(line); len(w) == 2 {
			version, _ := strconv.Atoi(w[1])
			list = append(list, Taken{w[0], version})
		}
	}
	return list
}
