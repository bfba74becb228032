package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"havn/internal/bank"
	"havn/internal/course"
)

type questionsCmd struct {
	Import bankImportCmd `cmd:"" help:"Take a question bank over into a course folder."`
	Export bankExportCmd `cmd:"" help:"Write a course folder's questions for another system."`
}

type bankImportCmd struct {
	Format string   `required:"" enum:"gift,moodle-xml,qti,aiken,xlsx" help:"What the file is: ${enum}."`
	Course string   `placeholder:"DIR" help:"The course folder; where not said, the current folder or the only one under courses."`
	Tag    []string `placeholder:"TAG" help:"A tag for each question, for a draw."`
	DryRun bool     `help:"Tell what would be taken, and write nothing."`
	JSON   bool     `help:"Print what was taken and refused as JSON."`
	File   string   `arg:"" help:"The bank."`
}

// Help says what exit codes mean.
func (bankImportCmd) Help() string {
	return `Each question of the file is taken, or refused with its line and the reason. What is taken is written behind the questions of the folder, as a bank: no quiz asks it until you name it in course.yaml or draw it by a tag.

Exit 0 if the file was read, whether questions were refused or not; 1 if it could not be read at all or not be written; 2 if the command was wrong.`
}

// Run reads the bank, writes what is taken and reports.
func (c *bankImportCmd) Run() error {
	dir, err := courseFolder(c.Course)
	if err != nil && (!c.DryRun || c.Course != "") {
		return err
	}
	var name string
	var files course.Files
	into := bank.Into{Lang: "en", Tags: c.Tag}
	if err == nil {
		if name, files, err = readFolder(dir); err != nil {
			return err
		}
		known, _ := course.ReadBank(name, files)
		into.Lang, into.IDs = known.Source, known.IDs
	}
	data, err := readBank(c.File)
	if err != nil {
		return err
	}
	report, err := bank.Read(c.Format, data, into)
	var broken *bank.Unreadable
	if errors.As(err, &broken) {
		report.Refused = append(report.Refused, bank.Refused{SourceLine: broken.Line, Reason: broken.Reason})
		if c.JSON {
			_ = encode(report)
		}
		return fmt.Errorf("%s: %w", c.File, err)
	} else if err != nil {
		return err
	}
	if !c.DryRun && len(report.Taken) > 0 {
		out, err := bank.Append(name, files, report.Taken)
		if err != nil {
			return err
		}
		for file, content := range out {
			if err := replaceFile(filepath.Join(dir, filepath.FromSlash(file)), content); err != nil {
				return err
			}
		}
	}
	return c.report(report, dir)
}

func (c *bankImportCmd) report(r bank.Report, dir string) error {
	said := io.Writer(os.Stdout)
	if c.JSON {
		if err := encode(r); err != nil {
			return err
		}
		said = os.Stderr
	}
	for _, t := range r.Taken {
		if !c.JSON {
			_, _ = fmt.Fprintf(said, "%s:%d: taken as %s (%s)\n", c.File, t.SourceLine, t.ID, t.Type)
		}
		for _, n := range t.Notes {
			_, _ = fmt.Fprintf(said, "%s:%d: note: %s\n", c.File, t.SourceLine, n)
		}
	}
	if !c.JSON {
		for _, x := range r.Refused {
			_, _ = fmt.Fprintf(said, "%s:%d: refused: %s\n", c.File, x.SourceLine, x.Reason)
		}
		where := "nothing was written (--dry-run)"
		if !c.DryRun {
			where = "written to " + filepath.ToSlash(dir)
		}
		_, _ = fmt.Fprintf(said, "%d taken, %d refused; %s\n", len(r.Taken), len(r.Refused), where)
	}
	return nil
}

type bankExportCmd struct {
	Format string `required:"" enum:"gift,moodle-xml,qti3" help:"What to write: ${enum}; qti3 is a content package (zip)."`
	Course string `placeholder:"DIR" help:"The course folder; where not said, the current folder or the only one under courses."`
	Lang   string `help:"The language; where not said, the source language."`
	File   string `arg:"" optional:"" help:"Where to; standard output where not said."`
}

// Run writes the questions, and on standard error what the format cannot hold.
func (c *bankExportCmd) Run() error {
	dir, err := courseFolder(c.Course)
	if err != nil {
		return err
	}
	name, files, err := readFolder(dir)
	if err != nil {
		return err
	}
	if problems, err := checkFolder(dir); err != nil || problems.Errors() > 0 {
		return errors.Join(err, fmt.Errorf("%s has errors; mend them first (havn check)", dir))
	}
	b, _ := course.ReadBank(name, files)
	lang := cmp.Or(c.Lang, b.Source)
	if b.Texts[lang] == nil {
		return fmt.Errorf("the course has no language %q", lang)
	}
	var out bytes.Buffer
	left, err := bank.Write(c.Format, &out, b, lang)
	if err != nil {
		return err
	}
	for _, l := range left {
		what := "not written"
		if l.Part {
			what = "note"
		}
		fmt.Fprintf(os.Stderr, "%s: %s: %s\n", l.ID, what, l.Reason)
	}
	if c.File == "" {
		_, err = out.WriteTo(os.Stdout)
		return err
	}
	return replaceFile(c.File, out.Bytes())
}

// readBank reads a file up to what a bank may have.
func readBank(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, bank.MaxBytes+1))
}

// courseFolder is the folder that was named, else the current one, else the only
// one under courses.
func courseFolder(named string) (string, error) {
	if named != "" {
		if _, err := os.Stat(filepath.Join(named, "course.yaml")); err != nil {
			return "", fmt.Errorf("%s is no course folder: there is no course.yaml in it", named)
		}
		return named, nil
	}
	if _, err := os.Stat("course.yaml"); err == nil {
		return ".", nil
	}
	found, err := filepath.Glob(filepath.Join("courses", "*", "course.yaml"))
	switch {
	case err != nil:
		return "", err
	case len(found) == 1:
		return filepath.Dir(found[0]), nil
	case len(found) == 0:
		return "", errors.New("no course folder here nor under courses; name one with --course DIR")
	}
	for i, f := range found {
		found[i] = filepath.ToSlash(filepath.Dir(f))
	}
	return "", fmt.Errorf("several course folders; name one with --course: %s", strings.Join(found, ", "))
}

// replaceFile writes a file beside the old one and then in its place, so that it
// is never half written.
func replaceFile(file string, content []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	fresh := file + ".new"
	if err := os.WriteFile(fresh, content, mode); err != nil {
		return err
	}
	return os.Rename(fresh, file)
}

func encode(r bank.Report) error {
	e := json.NewEncoder(os.Stdout)
	e.SetEscapeHTML(false)
	return e.Encode(r)
}
