package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"havn/internal/course"
	"havn/internal/library"
)

// courseCmd keeps a folder and the draft that trainers work on in step.
type courseCmd struct {
	Pull   pullCmd   `cmd:"" help:"Write the draft of a course on a server into a folder; begins one where there is none."`
	Push   pushCmd   `cmd:"" help:"Bring a folder to the draft that it was pulled from; refused if the draft has changed since."`
	Bundle bundleCmd `cmd:"" help:"Zip a course folder, to hand it over. push takes such a file, too."`
}

type draftFlags struct {
	storeFlags
	messageFlags
	serverFlags
}

func (f *draftFlags) find() error {
	if f.Server == "" {
		d, ok := running(f.Data)
		if !ok {
			return errors.New("no server runs on the data folder; start one, or name one with --server and --token")
		}
		f.Server, f.Token = d.Address, d.Key
	}
	return nil
}

// baseFile keeps which state of the draft a folder was made from. Its name begins
// with a dot, so that it is no part of the course.
const baseFile = ".havn-draft"

type pullCmd struct {
	draftFlags
	Course string `arg:"" help:"The course's short name."`
	Dir    string `arg:"" optional:"" help:"Where to; courses/<course> if it is not said."`
}

// Run writes what the folder lacks or has otherwise, and removes what the draft has
// no more. A folder with changes of its own that were not pushed is not touched.
func (c *pullCmd) Run() error {
	if err := c.find(); err != nil {
		return err
	}
	if c.Dir == "" {
		c.Dir = filepath.Join("courses", c.Course)
	}
	have, err := course.ReadFiles(os.DirFS(c.Dir))
	if errors.Is(err, fs.ErrNotExist) {
		have, err = course.Files{}, nil
	}
	if err != nil {
		return err
	}
	if _, _, err := c.ask(http.MethodPut, "/courses/"+url.PathEscape(c.Course)+"/draft", c.Messages, sent{"application/json", []byte("{}")}); err != nil {
		return err
	}
	zipped, header, err := c.ask(http.MethodGet, "/courses/"+url.PathEscape(c.Course)+"/draft/archive", c.Messages, sent{})
	if err != nil {
		return err
	}
	files, err := library.Unpack(zipped)
	if err != nil {
		return err
	}
	base, _ := os.ReadFile(filepath.Join(c.Dir, baseFile))
	if len(have) > 0 && have.Hash() != strings.TrimSpace(string(base)) && have.Hash() != files.Hash() {
		return fmt.Errorf("%s has changes that were not pushed; push them, or pull into another folder", c.Dir)
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(c.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	written := 0
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if string(have[name]) == string(files[name]) && have[name] != nil {
			continue
		}
		if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := root.WriteFile(name, files[name], 0o644); err != nil {
			return err
		}
		written++
	}
	for name := range have {
		if _, ok := files[name]; !ok {
			if err := root.Remove(name); err != nil {
				return err
			}
			written++
		}
	}
	if err := root.WriteFile(baseFile, []byte(strings.Trim(header.Get("ETag"), `"`)+"\n"), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %d files changed\n", c.Dir, written)
	return nil
}

type pushCmd struct {
	draftFlags
	Dir string `arg:"" help:"A course folder that was pulled, or a bundle for a new course."`
}

// Run sends the folder and remembers what the draft is now.
func (c *pushCmd) Run() error {
	if err := c.find(); err != nil {
		return err
	}
	var name, base string
	var zipped []byte
	if strings.HasSuffix(c.Dir, ".zip") {
		var err error
		if zipped, err = os.ReadFile(c.Dir); err != nil {
			return err
		}
		name = strings.TrimSuffix(filepath.Base(c.Dir), ".zip")
	} else {
		dir, files, err := readFolder(c.Dir)
		if err != nil {
			return err
		}
		if zipped, err = library.Pack(files); err != nil {
			return err
		}
		b, _ := os.ReadFile(filepath.Join(c.Dir, baseFile))
		name, base = dir, strings.TrimSpace(string(b))
	}
	body, _, err := c.ask(http.MethodPut, "/courses/"+url.PathEscape(name)+"/draft/archive?base="+url.QueryEscape(base), c.Messages, zip(zipped))
	if err != nil {
		return err
	}
	var done struct {
		Hash     string
		Saved    int
		Problems course.Problems
	}
	if err := json.Unmarshal(body, &done); err != nil {
		return err
	}
	for _, p := range done.Problems {
		fmt.Println(p)
	}
	if !strings.HasSuffix(c.Dir, ".zip") {
		if err := os.WriteFile(filepath.Join(c.Dir, baseFile), []byte(done.Hash+"\n"), 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("%s: %d files changed in the draft\n", name, done.Saved)
	return nil
}

type bundleCmd struct {
	Dir string `arg:"" help:"A course folder."`
	Out string `arg:"" optional:"" help:"The file; <folder>.zip if it is not said."`
}

// Run zips the folder.
func (c *bundleCmd) Run() error {
	name, files, err := readFolder(c.Dir)
	if err != nil {
		return err
	}
	zipped, err := library.Pack(files)
	if err != nil {
		return err
	}
	if c.Out == "" {
		c.Out = name + ".zip"
	}
	return os.WriteFile(c.Out, zipped, 0o644)
}
