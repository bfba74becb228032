package api

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"log/slog"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"havn/internal/sheet"
)

// table is rows that come one after another; f ends them by its error.
type table struct {
	name    string // of the file, without what says its kind
	columns []string
	each    func(row func(...string) error) error
}

// rows takes a table's rows.
type rows interface {
	Row(cells ...string) error
	Flush() error
	Close() error
}

// kinds are those of files that a table can become.
var kinds = map[string]struct {
	media string
	begin func(io.Writer, []string) (rows, error)
}{
	"csv": {"text/csv; charset=utf-8", newCSV},
	"xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", func(w io.Writer, columns []string) (rows, error) {
		return sheet.New(w, columns)
	}},
}

// file streams a table: its rows leave as they come, and none is kept. No cell of
// it is one that a spreadsheet would run.
func file(kind string, t table) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", kinds[kind].media)
		h.SetHeader("Content-Disposition", `attachment; filename="`+t.name+"."+kind+`"`)
		h.SetHeader("Cache-Control", "no-store")
		humafiber.Unwrap(h).Context().SetBodyStreamWriter(func(w *bufio.Writer) {
			if err := t.write(kind, w); err != nil {
				slog.Error("a list broke off", "file", t.name, "error", err)
			}
		})
	}}
}

// often is how many rows leave together.
const often = 500

func (t table) write(kind string, w *bufio.Writer) error {
	out, err := kinds[kind].begin(w, t.columns)
	if err == nil {
		err = push(out, w) // whoever waits sees that it has begun
	}
	if err != nil {
		return err
	}
	n := 0
	failed := t.each(func(cells ...string) error {
		if err := out.Row(cells...); err != nil {
			return err
		}
		if n++; n%often == 0 {
			return push(out, w)
		}
		return nil
	})
	if failed != nil {
		// The headers are gone: a last line says that the list is not whole.
		_ = out.Row("incomplete", "the list broke off here; ask again")
	}
	if err := out.Close(); err != nil && failed == nil {
		failed = err
	}
	if err := w.Flush(); err != nil && failed == nil {
		failed = err
	}
	return failed
}

func push(out rows, w *bufio.Writer) error {
	if err := out.Flush(); err != nil {
		return err
	}
	return w.Flush()
}

// comma writes CSV (RFC 4180).
type comma struct{ *csv.Writer }

func newCSV(w io.Writer, columns []string) (rows, error) {
	c := comma{csv.NewWriter(w)}
	return c, c.Row(columns...)
}

// Row adds a row of cells that no spreadsheet takes for formulas.
func (c comma) Row(cells ...string) error {
	for i := range cells {
		cells[i] = inert(cells[i])
	}
	return c.Write(cells)
}

// Flush hands on what is written so far.
func (c comma) Flush() error {
	c.Writer.Flush()
	return c.Error()
}

// Close ends the file.
func (c comma) Close() error { return c.Flush() }

// jsonBody is the answer of an operation that may also answer with a file.
func jsonBody(v any) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", "application/json")
		h.SetHeader("Cache-Control", "no-store")
		_ = json.NewEncoder(h.BodyWriter()).Encode(v)
	}}
}

// inert keeps a spreadsheet from taking a text for a formula (OWASP, CSV
// Injection): an apostrophe goes before what could begin one.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
