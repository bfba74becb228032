// Package locale speaks to people: the messages of locales/ by go-i18n, with
// plurals, dates and numbers as each language writes them.
//
// A message that a language lacks is shown in English, and a test makes sure
// that none lacks. Translators find their guide in locales/README.md.
package locale

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	xlanguage "golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Source is the language that the interface is written in.
const Source = "en"

// Catalog holds the messages of all languages. It is safe for concurrent use.
type Catalog struct {
	languages  []string // Source first, the others sorted
	localizers map[string]*i18n.Localizer
	printers   map[string]*message.Printer
}

// Load reads <tag>.yaml of each language from the root of fsys.
func Load(fsys fs.FS) (*Catalog, error) {
	files, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	bundle := i18n.NewBundle(xlanguage.Make(Source))
	bundle.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
	c := &Catalog{localizers: map[string]*i18n.Localizer{}, printers: map[string]*message.Printer{}}
	for _, f := range files {
		src, err := fs.ReadFile(fsys, f)
		if err != nil {
			return nil, err
		}
		if _, err := bundle.ParseMessageFileBytes(src, f); err != nil {
			return nil, fmt.Errorf("locales/%s: %w", f, err)
		}
		c.languages = append(c.languages, strings.TrimSuffix(path.Base(f), ".yaml"))
	}
	if !slices.Contains(c.languages, Source) {
		return nil, fmt.Errorf("locales/%s.yaml is missing", Source)
	}
	slices.SortFunc(c.languages, func(a, b string) int {
		switch {
		case a == Source:
			return -1
		case b == Source:
			return 1
		}
		return strings.Compare(a, b)
	})
	for _, lang := range c.languages {
		c.localizers[lang] = i18n.NewLocalizer(bundle, lang, Source)
		// Western digits everywhere: article numbers, dates and codes have to be
		// found again in documents of other languages.
		c.printers[lang] = message.NewPrinter(xlanguage.Make(lang + "-u-nu-latn"))
	}
	return c, nil
}

// In is T in one language.
func (c *Catalog) In(lang string) func(id string, args ...any) string {
	return func(id string, args ...any) string { return c.T(lang, id, args...) }
}

// Languages lists the interface's languages, the source first.
func (c *Catalog) Languages() []string { return c.languages }

// T is a message in a language. Arguments are name and value in turn; "n" with
// a whole number chooses the plural form and is shown as {{.n}}. Numbers are
// written as the language writes them. An unknown message is its id.
func (c *Catalog) T(lang, id string, args ...any) string {
	l, ok := c.localizers[lang]
	if !ok {
		lang, l = Source, c.localizers[Source]
	}
	cfg := &i18n.LocalizeConfig{MessageID: id}
	if len(args) > 0 {
		data := make(map[string]any, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			name, _ := args[i].(string)
			value := args[i+1]
			if n, ok := value.(int); ok {
				if name == "n" {
					cfg.PluralCount = n
				}
				value = c.Number(lang, n)
			}
			data[name] = value
		}
		cfg.TemplateData = data
	}
	s, err := l.Localize(cfg)
	if err != nil && s == "" {
		return id
	}
	return s
}

// Has tells whether some language has the message.
func (c *Catalog) Has(id string) bool { return c.T(Source, id, "n", 1) != id }

// Number writes a number with the language's separators and western digits.
func (c *Catalog) Number(lang string, n any) string {
	p, ok := c.printers[lang]
	if !ok {
		p = c.printers[Source]
	}
	return p.Sprint(number.Decimal(n, number.MaxFractionDigits(2)))
}

// Date writes a day in words: "12 December 2026".
func (c *Catalog) Date(lang string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	month := c.T(lang, fmt.Sprintf("date.month.m%d", int(t.Month())))
	return c.T(lang, "date.long", "day", fmt.Sprint(t.Day()), "month", month, "year", fmt.Sprint(t.Year()))
}

// Time writes the hour and minute, on the 24-hour clock.
func (c *Catalog) Time(t time.Time) string { return t.Format("15:04") }
