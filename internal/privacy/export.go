package privacy

import (
	"archive/zip"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"
)

func (p *Person) add(collection string, documents any) {
	// Each list is of another type; JSON knows them all.
	text, err := json.Marshal(documents)
	if err != nil {
		panic(err) // what came out of the store can be encoded
	}
	var list []any
	if err := json.Unmarshal(text, &list); err != nil {
		panic(err)
	}
	p.Records[collection] = list
}

//go:embed export.html
var page string

var exportPage = template.Must(template.New("export").Parse(page))

// Reader is who reads the export, and in which words.
type Reader struct {
	Lang, Dir string
	T         func(id string, args ...any) string
	Time      func(time.Time) string
}

// Zip writes the export: a page to read, and the same for programs.
func (p *Person) Zip(w io.Writer, r Reader) error {
	z := zip.NewWriter(w)
	file, err := z.CreateHeader(&zip.FileHeader{Name: "me.html", Method: zip.Deflate, Modified: p.Made.Time})
	if err == nil {
		err = exportPage.Execute(file, struct {
			Reader
			Sections []section
		}{r, p.sections(r)})
	}
	if err != nil {
		return err
	}
	if file, err = z.CreateHeader(&zip.FileHeader{Name: "me.json", Method: zip.Deflate, Modified: p.Made.Time}); err != nil {
		return err
	}
	e := json.NewEncoder(file)
	e.SetIndent("", "  ")
	if err := e.Encode(p); err != nil {
		return err
	}
	return z.Close()
}

// section is a collection as it is shown to its person.
type section struct {
	Purpose, Keep string
	Records       [][]line
}

type line struct{ Label, Value string }

func (p *Person) sections(r Reader) []section {
	var out []section
	for _, c := range Map {
		records := p.Records[c.Name]
		if len(records) == 0 {
			continue
		}
		s := section{Purpose: r.T("privacy.purpose-" + c.Purpose), Keep: r.T("privacy.keep-" + c.Keep)}
		for _, record := range records {
			fields, ok := record.(map[string]any)
			if !ok {
				text, _ := json.Marshal(record)
				_ = json.Unmarshal(text, &fields)
			}
			var lines []line
			for _, f := range c.Fields {
				lines = append(lines, line{r.T(f.Label()), r.value(fields[f.Name])})
			}
			s.Records = append(s.Records, lines)
		}
		out = append(out, s)
	}
	return out
}

// Label is the id of the sentence that names the field.
func (f Field) Label() string { return "privacy.field-" + strings.ReplaceAll(f.Name, "_", "-") }

func (r Reader) value(v any) string {
	switch v := v.(type) {
	case nil:
		return "–"
	case string:
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return r.Time(t)
		}
		if v == "" {
			return "–"
		}
		return v
	case float64, bool:
		return fmt.Sprint(v)
	}
	text, _ := json.MarshalIndent(v, "", "  ")
	if s := string(text); s != "[]" && s != "{}" {
		return s
	}
	return "–"
}
