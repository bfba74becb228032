package api

import (
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// csvFile streams a table as a file. No cell of it is one that a spreadsheet
// would run.
func csvFile(name string, columns []string, each func(row func(...string) error) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", "text/csv; charset=utf-8")
		h.SetHeader("Content-Disposition", `attachment; filename="`+name+`"`)
		h.SetHeader("Cache-Control", "no-store")
		out := csv.NewWriter(h.BodyWriter())
		_ = out.Write(columns)
		err := each(func(cells ...string) error {
			for i := range cells {
				cells[i] = inert(cells[i])
			}
			return out.Write(cells)
		})
		if err != nil {
			// The headers are gone: a last line says that the list is not whole.
			slog.Error("a list broke off", "file", name, "error", err)
			_ = out.Write([]string{"incomplete", "the list broke off here; ask again"})
		}
		out.Flush()
	}}
}

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
