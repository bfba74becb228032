package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"time"

	"havn/internal/course"
	"havn/internal/exchange"
	"havn/internal/language"
)

type translateCmd struct {
	Mark   markCmd   `cmd:"" help:"Record that a language's texts were made from today's source texts."`
	Export exportCmd `cmd:"" help:"Write a translation as a file for translators' tools."`
	Import importCmd `cmd:"" help:"Take over what came back from translators, unit by unit."`
}

type markCmd struct {
	messageFlags
	Dir   string `arg:"" help:"A course folder."`
	Lang  string `required:"" help:"The language."`
	State string `required:"" enum:"machine-draft,language-reviewed,expert-reviewed" help:"How far the texts were reviewed."`
	By    string `required:"" help:"Who, as a role or name without spaces."`
}

// Run writes translations.lock.
func (c *markCmd) Run() error {
	name, files, err := readFolder(c.Dir)
	if err != nil {
		return err
	}
	lock, problems := course.MarkTranslated(name, files, c.Lang, course.State(c.State), c.By, time.Now().UTC())
	if problems, err = c.say(problems); err != nil {
		return err
	}
	if problems.Errors() > 0 {
		for _, p := range problems {
			fmt.Println(p)
		}
		return errSilent
	}
	return os.WriteFile(filepath.Join(c.Dir, "translations.lock"), lock, 0o644)
}

// exchangeFlags are what export and import share.
type exchangeFlags struct {
	messageFlags
	Format string `required:"" enum:"po,xliff,tmx,xlsx" help:"po, xliff (1.2), tmx (1.4b, a memory of pairs) or xlsx."`
	Lang   string `required:"" help:"The language; it need not be one of the course's yet."`
	Course string `type:"path" help:"The course folder. If it is not named: this folder, or the one in courses/ that the file names."`
}

// open reads the course folder for a translation. slug is what the file says, if
// there is one.
func (f *exchangeFlags) open(dir, slug string) (string, *course.Translation, error) {
	if !language.Valid(f.Lang) {
		return "", nil, fmt.Errorf("%q is no language tag (BCP 47), such as et or sv-FI", f.Lang)
	}
	dir, err := courseDir(dir, f.Course, slug)
	if err != nil {
		return "", nil, err
	}
	t, err := f.translation(dir)
	return dir, t, err
}

func (f *exchangeFlags) translation(dir string) (*course.Translation, error) {
	name, files, err := readFolder(dir)
	if err != nil {
		return nil, err
	}
	t, problems := course.ReadTranslation(name, files, f.Lang)
	if t != nil {
		return t, nil
	}
	if problems, err = f.say(problems); err != nil {
		return nil, err
	}
	for _, p := range problems {
		if p.Level == course.Error {
			fmt.Println(p)
		}
	}
	return nil, errSilent
}

// courseDir is the first of these that is a course folder: those that are named,
// this one, and in courses/ the one that a file names or the only one.
func courseDir(named, flag, slug string) (string, error) {
	for _, dir := range []string{named, flag} {
		if dir != "" {
			return dir, nil
		}
	}
	candidates := []string{"."}
	if slug != "" && filepath.IsLocal(slug) {
		candidates = append(candidates, filepath.Join("courses", slug))
	} else if inside, err := courseFolders("courses"); err == nil && len(inside) == 1 {
		candidates = append(candidates, inside[0])
	}
	for _, dir := range candidates {
		if _, err := os.Stat(filepath.Join(dir, "course.yaml")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("name the course folder with --course")
}

type exportCmd struct {
	exchangeFlags
	Dir    string `arg:"" optional:"" help:"A course folder."`
	Out    string `type:"path" help:"The file to write; the standard output if it is not named."`
	Before string `type:"path" help:"An earlier state of the folder: its texts are shown where the source changed since."`
}

// Run writes the file.
func (c *exportCmd) Run() error {
	_, t, err := c.open(c.Dir, "")
	if err != nil {
		return err
	}
	earlier := exchange.Earlier{}
	if c.Before != "" {
		before, err := c.translation(c.Before)
		if err != nil {
			return err
		}
		earlier.Add(before.Pairs)
	}
	b, err := exchange.Write(c.Format, exchange.Export(t, earlier, time.Now().UTC()))
	if err != nil {
		return err
	}
	if c.Out != "" {
		return os.WriteFile(c.Out, b, 0o644)
	}
	_, err = os.Stdout.Write(b)
	return err
}

type importCmd struct {
	exchangeFlags
	Paths  []string `arg:"" name:"file" help:"The file; a course folder may stand before it."`
	DryRun bool     `help:"Say what would be taken, and write nothing."`
	JSON   bool     `help:"Print the report as JSON."`
	By     string   `help:"Who translated or reviewed, as a role or name without spaces. Without it, what is new is a machine draft."`
	State  string   `enum:",machine-draft,language-reviewed,expert-reviewed" default:"" help:"State of what changed, whatever the file says; needs --by."`
}

// Run takes the file over.
func (c *importCmd) Run() error {
	dir, file := "", c.Paths[len(c.Paths)-1]
	switch len(c.Paths) {
	case 1:
	case 2:
		dir = c.Paths[0]
	default:
		return errors.New("one file at a time")
	}
	if err := exchange.CheckBy(c.By); err != nil {
		return fmt.Errorf("--by: %w", err)
	}
	if c.State != "" && (c.By == "" || c.Format == exchange.TMX) {
		return errors.New("--state needs --by, and is not for a memory (TMX), whose texts are machine drafts")
	}
	data, err := readAtMost(file, exchange.MaxFile)
	if err != nil {
		return err
	}
	doc, err := exchange.Read(c.Format, data)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	dir, t, err := c.open(dir, doc.Course)
	if err != nil {
		return err
	}
	changed, report, err := exchange.Import(t, c.Format, doc, exchange.Options{By: c.By, State: course.State(c.State), On: time.Now().UTC()})
	if err != nil {
		return err
	}
	if !c.DryRun {
		if err := writeFolder(dir, changed); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(report)
	}
	printImport(report)
	return nil
}

func printImport(r exchange.Report) {
	for _, t := range r.Taken {
		what := "state"
		if t.Text {
			what = "text"
		}
		fmt.Printf("taken: %s: %s, %s → %s\n", t.Unit, what, t.Was, t.Now)
	}
	for _, n := range r.Noted {
		fmt.Printf("note: %s: %s\n", n.Unit, n.Message)
		if n.Text != "" {
			fmt.Printf("    %q\n", n.Text)
		}
	}
	for _, f := range r.Refused {
		fmt.Printf("refused: %s (line %d): %s\n", f.Unit, f.Line, f.Message)
		if f.Want != "" || f.Got != "" {
			fmt.Printf("    course: %q\n    file:   %q\n", f.Want, f.Got)
		}
	}
	for _, f := range r.Files {
		fmt.Println("changed:", f)
	}
	fmt.Fprintf(os.Stderr, "%d taken, %d unchanged, %d refused; %d of the course are not in the file, %d of the file are not needed\n",
		len(r.Taken), len(r.Unchanged), len(r.Refused), r.Absent, r.Unused)
}

// readAtMost reads a file that is no larger than it may be.
func readAtMost(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	return data, err
}

// writeFolder writes files of a course folder and never beyond it, each whole or
// not at all, and translations.lock last.
func writeFolder(dir string, files course.Files) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	const last = "translations.lock"
	for name, content := range files {
		if name != last {
			if err := writeWhole(root, name, content); err != nil {
				return err
			}
		}
	}
	if content, ok := files[last]; ok {
		return writeWhole(root, last, content)
	}
	return nil
}

func writeWhole(root *os.Root, name string, content []byte) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	draft := path.Join(path.Dir(name), "."+path.Base(name)+".new")
	if err := root.WriteFile(draft, content, 0o644); err != nil {
		return err
	}
	return root.Rename(draft, name)
}
