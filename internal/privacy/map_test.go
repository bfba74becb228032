package privacy_test

import (
	"testing"

	"havn/internal/locale"
	"havn/internal/privacy"
	"havn/locales"
)

// Whoever reads what is held of them reads words, not names of fields.
func TestEverythingOnTheMapHasWords(t *testing.T) {
	t.Parallel()
	words, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range privacy.Map {
		ids := []string{"privacy.purpose-" + c.Purpose, "privacy.keep-" + c.Keep}
		for _, f := range c.Fields {
			ids = append(ids, f.Label(), "privacy.who-"+string(f.Who))
		}
		if c.Basis != "" {
			ids = append(ids, "record.basis-"+c.Basis)
		}
		for _, id := range ids {
			for _, lang := range words.Languages() {
				if words.T(lang, id) == id {
					t.Errorf("%s: there are no words for %s in %s", c.Name, id, lang)
				}
			}
		}
	}
}
