package roster_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"havn/internal/fault"
	"havn/internal/roster"
)

// FuzzRead feeds whatever: nothing panics or lasts, every refusal is of the file
// and known, and a row without a problem holds nothing hidden.
func FuzzRead(f *testing.F) {
	for _, rows := range [][][]string{golden, golden[:2], golden[1:2]} {
		for _, separator := range ",;\t" {
			f.Add([]byte(asCSV(f, rows, separator, true)))
		}
		f.Add(asXLSX(f, rows, nil))
	}
	for _, s := range []string{"", "PK", "PK\x05\x06", "\xFF\xFEe\x00", "\xFE\xFF", "\xD0\xCF\x11\xE0", "email,name\n\"", "email,name\n\x00", "name;email\n'=;\"a\"@b", "\xc3;\xe4"} {
		f.Add([]byte(s))
	}
	f.Add(aWorkbook(aHeader+aPerson).with(stringsX, sst("<si><t>a</t></si>")).zip(f))
	f.Add(aWorkbook(aHeader + `<row r="1048577"/>`).zip(f))
	f.Add(aWorkbook(aHeader + strings.Repeat("<c/>", 1_000)).zip(f))
	codes := map[string]bool{"roster-empty": true, "roster-too-long": true, "roster-too-large": true, "roster-header": true, "roster-sheets": true, "roster-unreadable": true}
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		rows, err := roster.Read(data)
		if took := time.Since(start); took > 2*time.Second*slow {
			t.Errorf("took %v", took)
		}
		if err != nil {
			if e, ok := err.(*fault.Error); !ok || !codes[e.Code] || e.Field != "file" || rows != nil {
				t.Errorf("%v with %d rows", err, len(rows))
			}
			return
		}
		if len(rows) == 0 || len(rows) > roster.MaxRows {
			t.Errorf("%d rows", len(rows))
		}
		last := 1
		for _, r := range rows {
			if r.Line <= last || (r.Problem == "") != (r.Field == "") || (r.Problem == "repeated") != (r.Earlier > 0) || r.Earlier >= r.Line {
				t.Errorf("%+v after line %d", r, last)
			}
			last = r.Line
			if r.Problem == "" && (r.Name == "" || !strings.Contains(r.Email, "@") || strings.ContainsAny(r.Email+r.Name, "\x00\r\n\u202E")) {
				t.Errorf("%+v", r)
			}
		}
		if again, _ := roster.Read(data); !cmp.Equal(rows, again) {
			t.Error("it was read otherwise the second time")
		}
	})
}
