package course

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Files is a course folder in memory: slash-separated path → content.
type Files map[string][]byte

// Limits of a folder, generous for a course and small for a server.
const (
	maxFiles    = 4000
	maxFileSize = 8 << 20
	maxSize     = 64 << 20
)

// ErrTooLarge is returned for a folder over the limits.
var ErrTooLarge = errors.New("the course folder is too large")

// ReadFiles reads a course folder, leaving out dotfiles. Links are not followed.
func ReadFiles(fsys fs.FS) (Files, error) {
	files, total := Files{}, int64(0)
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasPrefix(d.Name(), ".") && p != "." {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		total += info.Size()
		if len(files) == maxFiles || info.Size() > maxFileSize || total > maxSize {
			return fmt.Errorf("%w: at %s (at most %d files, %d MB a file, %d MB in all)", ErrTooLarge, p, maxFiles, maxFileSize>>20, maxSize>>20)
		}
		files[p], err = fs.ReadFile(fsys, p)
		return err
	})
	return files, err
}

// Hash identifies the course in the folder: hex SHA-256 over the sorted files, but
// for those that speak of how it came to be published.
func (f Files) Hash() string {
	h := sha256.New()
	for _, p := range slices.Sorted(maps.Keys(f)) {
		if p == changesFile || p == minorFile || p == reuseFile {
			continue
		}
		fmt.Fprintf(h, "%d %s %d\n", len(p), p, len(f[p]))
		h.Write(f[p])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// folder is a course while it is read: what was found, where, and what is wrong.
type folder struct {
	report
	name      string
	files     Files
	course    Course
	at        map[string]place // ids and a few fields → where they stand
	questions map[string]*Question
	order     []string            // question ids as authored
	nodes     map[string][]string // node ids of scenarios as authored
	// questionsBroken: questions.yaml is no YAML, so nothing is said of what refers to it.
	questionsBroken bool
	facts           map[string]*Fact
	factOrder       []string
	terms           []string                   // of the source's glossary, as authored
	texts           map[string]*texts          // by language
	byUnit          map[string]map[string]Unit // by language, made when first asked for
	lock            map[string]map[string]lockEntry
	paired          map[string][]int    // language and page → pairs
	oneToOne        bool                // pages with as many blocks as the source's are paired by number
	minor           map[string][]string // unit → hashes of earlier texts that say the same
	notes           Notes

	from      map[string]string // "page:", "question:", "fact:" or "glossary:" and the id → the course that it is taken from
	isPending *bool

	country string          // whose files go before the course's own; "" none
	own     map[string]bool // "page:" or "fact:" and the id → the country has its own version
	hide    []value         // what place.yaml leaves out
	hidden  map[string]bool // questions that are left out
}

// Load reads, checks and compiles the folder called name. The publication is
// nil if there are errors. Problems hold everything found, warnings too.
func Load(name string, files Files) (*Publication, Problems) { return LoadTaken(name, files, nil) }

// LoadTaken is Load for what TakeOver gave, with the problems that it told.
func LoadTaken(name string, files Files, told Problems) (*Publication, Problems) {
	f := read(name, files, "")
	f.checkRules()
	f.checkTexts()
	f.checkMedia()
	var p *Publication
	places := map[string]*folder{}
	for _, country := range f.countriesIn() {
		in := read(name, files, country)
		in.checkRules()
		in.checkTexts()
		in.checkPlace()
		f.problems = append(f.problems, in.problems...)
		places[country] = in
	}
	f.checkReuse(told, places)
	f.atReuse()
	f.problems = append(f.problems, told...)
	if f.problems.Errors() == 0 {
		p = f.compile()
		for _, country := range slices.Sorted(maps.Keys(places)) {
			in := places[country].compile().sharing(p)
			for _, u := range in.units {
				if countryOf(u.ID) == country {
					p.elsewhere = append(p.elsewhere, u)
				}
			}
			p.places[country] = in
		}
		f.checkCountries(p)
	}
	if f.problems.Errors() > 0 {
		p = nil
	}
	return p, f.problems.sorted()
}

// read reads every file of a folder, each strictly and for itself, as it stands
// in a country.
func read(name string, files Files, country string) *folder {
	f := newFolder(name, files, country)
	f.readCourse()
	f.readMinor()
	f.readNotes()
	if country != "" {
		f.findOwn()
		f.readPlace()
	}
	f.readQuestions()
	for _, file := range f.layers("facts.yaml") {
		f.readFacts(file)
	}
	if country != "" {
		f.readFacts(f.local("facts.yaml"))
		f.hideHere()
	}
	for _, lang := range f.sourceFirst() {
		f.readTexts(lang)
	}
	f.readLock()
	return f
}

func newFolder(name string, files Files, country string) *folder {
	return &folder{
		name: name, files: files, at: map[string]place{},
		questions: map[string]*Question{}, nodes: map[string][]string{}, facts: map[string]*Fact{},
		texts: map[string]*texts{}, byUnit: map[string]map[string]Unit{}, paired: map[string][]int{},
		country: country, own: map[string]bool{}, hidden: map[string]bool{}, from: map[string]string{},
	}
}

// sourceFirst is the languages, the source before the others: it says which
// terms there are.
func (f *folder) sourceFirst() []string {
	list := slices.Clone(f.course.Languages)
	if n := slices.Index(list, f.course.Source); n > 0 {
		list[0], list[n] = list[n], list[0]
	}
	return list
}

// source returns a file's content without byte-order mark and with \n line ends.
func (f *folder) source(file string) ([]byte, bool) {
	src, ok := f.files[file]
	if !ok {
		return nil, false
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	return bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")), true
}

func (f *folder) yaml(file string, required bool) value {
	src, ok := f.source(file)
	if !ok {
		if required {
			f.fail(place{file: file}, "file-missing")
		}
		return value{r: &f.report, file: file, at: place{file: file, line: 1}}
	}
	return parseYAML(&f.report, file, src)
}

// claim takes an id for the whole course. It answers whether the id can be used.
func (f *folder) claim(id string, at place) bool {
	if !IsID(id) {
		f.fail(at, "id-invalid", "id", clip(id))
		return false
	}
	if first, taken := f.at["id:"+id]; taken {
		f.fail(at, "id-taken", "id", id, "file", first.file, "line", first.line)
		return false
	}
	f.at["id:"+id] = at
	return true
}

// IsID tells whether s can be an id in a course: a-z, 0-9 and -, not first, at most 100.
func IsID(s string) bool {
	if s == "" || len(s) > 100 || s[0] == '-' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func join(lang, file string) string { return path.Join(lang, file) }
