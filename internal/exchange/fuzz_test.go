package exchange_test

import (
	"testing"

	"havn/internal/exchange"
)

// fuzz feeds whatever: nothing panics, and what is read can be imported without
// an error, each unit told of.
func fuzz(f *testing.F, format string) {
	f.Add(export(f, "small", small(), format, "et"))
	f.Add([]byte("msgid \"\"\nmsgstr \"\"\n#~ msgid \"x\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := exchange.Read(format, data)
		if err != nil {
			return
		}
		_, r := take(t, "small", small(), format, "et", d, exchange.Options{By: "m-tamm"})
		told := map[string]bool{}
		for _, x := range r.Taken {
			told[x.Unit] = true
		}
		for _, x := range r.Unchanged {
			told[x] = true
		}
		for _, x := range r.Refused {
			told[x.Unit] = true
		}
		for _, u := range d.Units {
			if len(u.ID) < 200 && !told[u.ID] {
				t.Errorf("%q is dropped", u.ID)
			}
		}
	})
}

func FuzzPO(f *testing.F)    { fuzz(f, exchange.PO) }
func FuzzXLIFF(f *testing.F) { fuzz(f, exchange.XLIFF) }
