package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"regexp"
	"strings"
	"sync"
)

//go:embed templates/*.html
var templatesFS embed.FS

//go:embed static/*
var staticFS embed.FS

// files are what pages are made of and what goes with them.
type files struct {
	templates map[string]*template.Template
	static    map[string]asset
}

// asset is a file of static/, kept under its hash so that browsers may keep it
// for ever.
type asset struct {
	body []byte
	kind string
	url  string
}

var tags = regexp.MustCompile(`<[^>]*>`)

// plain is what package course rendered, without its markup.
func plain(s string) string { return html.UnescapeString(tags.ReplaceAllString(s, "")) }

// errorKind is which heading an error page has.
func errorKind(status int) string {
	switch {
	case status == 404:
		return "not-found"
	case status == 401 || status == 403:
		return "forbidden"
	case status >= 500:
		return "trouble"
	}
	return "refused"
}

// readFiles parses the templates. Every server of a process shares them.
var readFiles = sync.OnceValues(func() (*files, error) {
	w := &files{map[string]*template.Template{}, map[string]asset{}}
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	files, err := fs.ReadDir(staticFS, "static")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		body, err := staticFS.ReadFile("static/" + f.Name())
		if err != nil {
			return nil, err
		}
		dot := strings.LastIndexByte(f.Name(), '.')
		w.keep(f.Name(), kinds[f.Name()[dot:]], body)
	}
	w.bundle("ordering.js", "quiz.js", "order.js")
	w.bundle("matching.js", "quiz.js", "match.js")
	names, err := fs.Glob(templatesFS, "templates/*.html")
	if err != nil {
		return nil, err
	}
	funcs := template.FuncMap{
		"static": func(name string) string { return w.static[name].url },
		"html":   func(s string) template.HTML { return template.HTML(s) }, // what package course rendered
		"plain":  plain,
		"inc":    func(n int) int { return n + 1 },
		"dec":    func(n int) int { return n - 1 },
		"line":   transcriptLine,
		"deref":  func(f *float64) float64 { return *f },
		"kind":   errorKind,
	}
	for _, name := range names {
		page := strings.TrimSuffix(strings.TrimPrefix(name, "templates/"), ".html")
		if page == "layout" || strings.HasPrefix(page, "part-") {
			continue
		}
		t, err := template.New("layout.html").Funcs(funcs).ParseFS(templatesFS, "templates/layout.html", "templates/part-*.html", name)
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", page, err)
		}
		w.templates[page] = t
	}
	return w, nil
})

func (w *files) keep(name, kind string, body []byte) {
	sum := sha256.Sum256(body)
	w.static[name] = asset{body, kind, "/static/" + name + "?v=" + hex.EncodeToString(sum[:6])}
}

// bundle makes one script of several, each in a block of its own, so that a page
// fetches one: a slow network pays for each request.
func (w *files) bundle(name string, parts ...string) {
	var b bytes.Buffer
	for _, part := range parts {
		fmt.Fprintf(&b, "{\n%s}\n", w.static[part].body)
	}
	w.keep(name, w.static[parts[0]].kind, b.Bytes())
}
