package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"havn/internal/course"
	"havn/internal/locale"
	"havn/locales"
)

// messageFlags say in which language a command speaks of a course.
type messageFlags struct {
	Messages string `env:"HAVN_MESSAGES" default:"en" help:"Language of what is said about a course, such as et."`
}

func (f messageFlags) say(problems course.Problems) (course.Problems, error) {
	words, err := locale.Load(locales.FS)
	if err != nil {
		return nil, err
	}
	return problems.Say(words.In(f.Messages)), nil
}

type checkCmd struct {
	messageFlags
	Dirs []string `arg:"" name:"dir" help:"A course folder, or a folder of course folders."`
	JSON bool     `help:"Print the problems as JSON."`
}

// Run checks every folder, all faults in one run. What one reuses is looked for in
// the folders beside it.
func (c *checkCmd) Run() error {
	all, errors := []course.Problem{}, 0
	for _, dir := range c.Dirs {
		folders, err := courseFolders(dir)
		if err != nil {
			return err
		}
		for _, f := range folders {
			problems, err := checkFolder(f)
			if err != nil {
				return err
			}
			if problems, err = c.say(problems); err != nil {
				return err
			}
			errors += problems.Errors()
			for _, p := range problems {
				p.File = filepath.ToSlash(filepath.Join(f, p.File))
				all = append(all, p)
			}
		}
	}
	if c.JSON {
		if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"problems": all, "errors": errors}); err != nil {
			return err
		}
	} else {
		for _, p := range all {
			fmt.Println(p)
		}
		if errors == 0 {
			fmt.Fprintf(os.Stderr, "no errors, %d warnings\n", len(all))
		}
	}
	if errors > 0 {
		return errSilent
	}
	return nil
}

// courseFolders is the folder itself, or those in it that hold a course.yaml.
func courseFolders(dir string) ([]string, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder", dir)
	}
	if _, err := os.Stat(filepath.Join(dir, "course.yaml")); err == nil {
		return []string{dir}, nil
	}
	inside, err := filepath.Glob(filepath.Join(dir, "*", "course.yaml"))
	if err != nil || len(inside) == 0 {
		return []string{dir}, err // Load says that course.yaml is missing
	}
	for i, f := range inside {
		inside[i] = filepath.Dir(f)
	}
	return inside, nil
}

func readFolder(dir string) (string, course.Files, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", nil, err
	}
	files, err := course.ReadFiles(os.DirFS(abs))
	return filepath.Base(abs), files, err
}

func checkFolder(dir string) (course.Problems, error) {
	name, files, err := readFolder(dir)
	if err != nil {
		return nil, err
	}
	files, told := course.TakeOver(name, files, beside(dir))
	_, problems := course.LoadTaken(name, files, told)
	return problems, nil
}

// beside are the course folders in the same folder, which a course may reuse of.
func beside(dir string) course.Origins {
	return func(slug string) (course.Origin, course.Refusal) {
		name, files, err := readFolder(filepath.Join(dir, "..", slug))
		if err != nil || name != slug || files["course.yaml"] == nil {
			return course.Origin{}, course.NotPublished
		}
		return course.Origin{Files: files}, 0
	}
}
