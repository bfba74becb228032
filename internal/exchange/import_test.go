package exchange_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"havn/internal/course"
	"havn/internal/exchange"
)

// Where no block moved, a file of before is refused for the touched units alone.
func TestAnOldFileIsRefusedForTheTouchedUnitsAlone(t *testing.T) {
	t.Parallel()
	files := small()
	for _, format := range formats {
		old := edit(read(t, format, export(t, "small", files, format, "et")), "course.title", func(u *exchange.Unit) { u.Target = "Uus" })
		old = edit(old, "page:p1#3", func(u *exchange.Unit) { u.Target = "- üks\n- kolm" })
		now := maps.Clone(files)
		now["en/p1.md"] = bytes.Replace(files["en/p1.md"], []byte("- two"), []byte("- three"), 1)
		now["en/facts.yaml"] = []byte("f1: It holds now.\n")
		_, r := take(t, "small", now, format, "et", old, exchange.Options{By: "m-tamm"})
		if diff := cmp.Diff(map[string]string{"page:p1#3": "source-changed", "fact:f1": "source-changed"}, reasons(r)); diff != "" {
			t.Error(diff)
		}
		if len(r.Taken) != 1 || r.Taken[0].Unit != "course.title" || len(r.Taken)+len(r.Refused)+len(r.Unchanged) != len(old.Units) {
			t.Errorf("%+v", r.Taken)
		}
		for _, x := range r.Refused {
			if x.Want == "" || x.Got == "" || x.Message == "" {
				t.Errorf("it is not said what changed: %+v", x)
			}
		}
	}
}

// A file that was made before a paragraph was put into a page, taken out of it or
// moved on it is taken for every paragraph that says what it said.
func TestAnOldFileIsTakenForTheParagraphsThatStayed(t *testing.T) {
	t.Parallel()
	page := func(blocks ...string) []byte { return []byte(strings.Join(blocks, "\n\n") + "\n") }
	title, link, list, box := "# Page", "See [the text](https://example.org/a) & `code`.[^fact:f1] {{name}}", "- one\n- two", ":::note\nSlowly.\n\nReally.\n:::"
	for name, c := range map[string]struct {
		now     []byte
		refused map[string]string
		taken   []string
	}{
		"put in":     {page(title, "New.", link, list, "Newer.", box), map[string]string{}, []string{"page:p1#1", "page:p1#3", "page:p1#4", "page:p1#6"}},
		"taken out":  {page(title, list, box), map[string]string{"page:p1#2": "unit-unknown"}, []string{"page:p1#1", "page:p1#2", "page:p1#3"}},
		"moved":      {page(title, box, link, list), map[string]string{}, []string{"page:p1#1", "page:p1#2", "page:p1#3", "page:p1#4"}},
		"changed":    {page(title, "New.", link, "- one\n- three", box), map[string]string{"page:p1#4": "source-changed"}, []string{"page:p1#1", "page:p1#3", "page:p1#5"}},
		"twice":      {page(title, list, link, list, box), map[string]string{}, []string{"page:p1#1", "page:p1#3", "page:p1#4", "page:p1#5"}},
		"other page": {page(title, "One.", "Two.", "Three."), map[string]string{"page:p1#2": "source-changed", "page:p1#3": "source-changed", "page:p1#4": "source-changed"}, []string{"page:p1#1"}},
	} {
		for _, format := range formats {
			for _, lang := range []string{"et", "lt"} {
				files := small()
				lock, problems := course.MarkTranslated("small", files, "et", course.MachineDraft, "x", day)
				if files["translations.lock"] = lock; problems.Errors() > 0 {
					t.Fatal(problems)
				}
				old := read(t, format, export(t, "small", files, format, lang))
				for i, u := range old.Units {
					old.Units[i].Target, old.Units[i].State = strings.NewReplacer("Page", "Puslapis", "See", "Žr.", "one", "vienas", "Slowly", "Lėtai").Replace(u.Source), ""
				}
				now := maps.Clone(files)
				now["en/p1.md"] = c.now
				after, r := take(t, "small", now, format, lang, old, exchange.Options{By: "m-tamm"})
				if diff := cmp.Diff(c.refused, reasons(r)); diff != "" {
					t.Errorf("%s, %s, %s: %s", name, format, lang, diff)
				}
				var taken []string
				for _, x := range r.Taken {
					if strings.HasPrefix(x.Unit, "page:") {
						taken = append(taken, x.Unit)
					}
				}
				if diff := cmp.Diff(c.taken, taken); diff != "" {
					t.Errorf("%s, %s, %s: %s", name, format, lang, diff)
				}
				for _, p := range translation(t, "small", after, lang).Pairs {
					if strings.HasPrefix(p.ID, "page:") && p.Target != "" && len(p.Keeps(p.Target)) > 0 && p.State != course.Stale {
						t.Errorf("%s, %s: %s is %q for %q", name, format, p.ID, p.Target, p.Source)
					}
				}
			}
		}
	}
}

func TestWhatIsBrokenIsRefusedAtItsUnitAndAllElseIsTaken(t *testing.T) {
	t.Parallel()
	link := "Vaata [teksti](https://example.org/a) ja `code`.[^fact:f1] {{name}}"
	for reason, c := range map[string]struct{ unit, text string }{
		"broken-link":        {"page:p1#2", strings.Replace(link, "example.org/a", "example.org/b", 1)},
		"broken-code":        {"page:p1#2", strings.Replace(link, "`code`", "`kood`", 1)},
		"broken-note":        {"page:p1#2", strings.Replace(link, "[^fact:f1]", "", 1)},
		"broken-placeholder": {"page:p1#2", strings.Replace(link, "{{name}}", "{{nimi}}", 1)},
		"broken-html":        {"page:p1#2", link + " <b>x</b>"},
		"broken-picture":     {"page:p1#2", link + " ![x](media/x.png)"},
		"broken-structure":   {"page:p1#1", "## Leht"},
		"broken-block":       {"page:p1#4", ":::note\nAeglaselt.\n\nTõesti."},
		"broken-control":     {"course.title", "V\x01"},
		"broken-lines":       {"course.title", "V\nä"},
		"target-empty":       {"course.title", ""},
	} {
		d := exchange.Export(translation(t, "small", small(), "et"), nil, day)
		d = edit(d, c.unit, func(u *exchange.Unit) { u.Target = c.text })
		d = edit(d, "module:m1.title", func(u *exchange.Unit) { u.Target = "Esimene" })
		after, r := take(t, "small", small(), exchange.PO, "et", d, exchange.Options{By: "m-tamm"})
		if reasons(r)[c.unit] == "" || !slices.ContainsFunc(r.Refused, func(x exchange.Refused) bool { return x.Reason == reason && x.Message != "" }) {
			t.Errorf("%s: %+v", reason, r.Refused)
		}
		if !strings.Contains(string(after["et/course.yaml"]), "Esimene") || len(r.Taken) != 1 {
			t.Errorf("%s: the other unit is not taken: %+v", reason, r.Taken)
		}
	}
	for _, text := range []string{"1. üks\n2. kaks", "- üks", "üks\n\nkaks", "* üks\n* kaks\n\n\n# x"} {
		d := edit(exchange.Export(translation(t, "small", small(), "et"), nil, day), "page:p1#3", func(u *exchange.Unit) { u.Target = text })
		if _, r := take(t, "small", small(), exchange.PO, "et", d, exchange.Options{}); len(r.Refused) == 0 {
			t.Errorf("a list is taken as %q", text)
		}
	}
}

func TestIdsLanguagesAndDoublesAreRefused(t *testing.T) {
	t.Parallel()
	po := string(export(t, "small", small(), exchange.PO, "et"))
	xliff := string(export(t, "small", small(), exchange.XLIFF, "et"))
	title := "\nmsgctxt \"course.title\"\nmsgid \"Small\"\nmsgstr \"Uus\"\n"
	for name, c := range map[string]struct{ format, data, unit, reason string }{
		"an id":            {exchange.PO, strings.Replace(po, `"course.title"`, `"course.titel"`, 1), "course.titel", "unit-unknown"},
		"no context":       {exchange.PO, strings.Replace(po, "msgctxt \"course.title\"\n", "", 1), "", "unit-unknown"},
		"twice":            {exchange.PO, po + title, "course.title", "unit-twice"},
		"the source":       {exchange.PO, strings.Replace(po, `msgid "Small"`, `msgid "Smaller"`, 1), "course.title", "source-altered"},
		"the language":     {exchange.PO, strings.Replace(po, "Language: et", "Language: lv", 1), "course.title", "language"},
		"plural":           {exchange.PO, strings.Replace(po, `msgstr "Väike"`, "msgid_plural \"x\"\nmsgstr[0] \"y\"", 1), "course.title", "plural"},
		"another language": {exchange.XLIFF, strings.Replace(xliff, `target-language="et"`, `target-language="fi"`, 1), "course.title", "language"},
		"another source":   {exchange.XLIFF, strings.Replace(xliff, `source-language="en"`, `source-language="de"`, 1), "course.title", "source-language"},
		"elements":         {exchange.XLIFF, strings.Replace(xliff, "Väike<", `V<g id="1">äike</g><`, 1), "course.title", "inline"},
		"two targets":      {exchange.XLIFF, strings.Replace(xliff, "Väike</target>", "V</target><target>W</target>", 1), "course.title", "unit-broken"},
		"an unknown state": {exchange.XLSX, "state", "course.title", "state-unknown"},
		"a formula":        {exchange.XLSX, "formula", "course.title", "formula"},
	} {
		data := []byte(c.data)
		if c.format == exchange.XLSX {
			f, err := excelize.OpenReader(bytes.NewReader(export(t, "small", small(), exchange.XLSX, "et")))
			if err != nil {
				t.Fatal(err)
			}
			if c.data == "formula" {
				err = f.SetCellFormula("Sheet1", "C2", "1+1")
			} else {
				err = f.SetCellStr("Sheet1", "D2", "perfect")
			}
			b, _ := f.WriteToBuffer()
			if data = b.Bytes(); err != nil {
				t.Fatal(err)
			}
		}
		_, r := take(t, "small", small(), c.format, "et", read(t, c.format, data), exchange.Options{By: "m-tamm"})
		if got := reasons(r)[c.unit]; got != c.reason || len(r.Files) > 0 {
			t.Errorf("%s: %q, %v", name, got, r.Files)
		}
	}
	// A segment's marks and a region that goes without saying are no fault.
	d := read(t, exchange.XLIFF, []byte(strings.NewReplacer("Väike<", `<mrk mtype="seg" mid="0">Uus</mrk><`, `target-language="et"`, `target-language="et-EE"`).Replace(xliff)))
	if _, r := take(t, "small", small(), exchange.XLIFF, "et", d, exchange.Options{}); len(r.Taken) != 1 || len(r.Refused) > 0 {
		t.Errorf("%+v", r)
	}
}

// What the file says of a text counts as far as somebody stands for it.
func TestStatesAfterAnImport(t *testing.T) {
	t.Parallel()
	const none = course.State("")
	for _, c := range []struct {
		unit    string
		changed bool
		says    course.State
		by      string
		state   course.State
		want    course.State
	}{
		{"question:q1.stem", false, course.MachineDraft, "m-tamm", none, course.MachineDraft},
		{"question:q1.stem", false, none, "m-tamm", course.LanguageReviewed, course.MachineDraft},
		{"question:q1.stem", false, course.LanguageReviewed, "", none, course.MachineDraft},
		{"question:q1.stem", false, course.LanguageReviewed, "m-tamm", none, course.LanguageReviewed},
		{"question:q1.stem", true, none, "", none, course.MachineDraft},
		{"question:q1.stem", true, course.LanguageReviewed, "", none, course.MachineDraft},
		{"question:q1.stem", true, none, "m-tamm", none, course.LanguageReviewed},
		{"question:q1.stem", true, none, "deepl", course.MachineDraft, course.MachineDraft},
		{"question:q1.stem", true, course.MachineDraft, "m-tamm", none, course.MachineDraft},
		{"question:q1.stem", true, course.Stale, "m-tamm", course.LanguageReviewed, course.MachineDraft},
		{"question:q1.stem", true, course.ExpertReviewed, "k-kask", none, course.LanguageReviewed},
		{"module:m1.title", false, course.ExpertReviewed, "m-tamm", none, course.LanguageReviewed},  // who translated it
		{"question:q1.stem", false, course.ExpertReviewed, "m-tamm", none, course.LanguageReviewed}, // nobody had read it
		{"module:m1.title", false, course.ExpertReviewed, "k-kask", none, course.ExpertReviewed},
		{"module:m1.title", false, course.Stale, "k-kask", none, course.LanguageReviewed},
		{"course.title", false, course.LanguageReviewed, "m-tamm", none, course.ExpertReviewed},
		{"course.summary", false, course.Stale, "m-tamm", none, course.Stale},
		{"course.summary", false, none, "m-tamm", none, course.LanguageReviewed}, // it is true of the new source too
		{"course.summary", false, none, "", none, course.MachineDraft},
	} {
		d := edit(exchange.Export(translation(t, "small", small(), "et"), nil, day), c.unit, func(u *exchange.Unit) {
			if u.State = c.says; c.changed {
				u.Target = "Uus"
			}
		})
		after, _ := take(t, "small", small(), exchange.PO, "et", d, exchange.Options{By: c.by, State: c.state})
		for _, p := range translation(t, "small", after, "et").Pairs {
			if p.ID == c.unit && p.State != c.want {
				t.Errorf("%+v: %s", c, p.State)
			}
		}
	}
}

func TestALanguageIsTakenFromNothing(t *testing.T) {
	t.Parallel()
	for _, format := range formats {
		d := read(t, format, export(t, "small", small(), format, "lt"))
		for i := range d.Units {
			d.Units[i].Target, d.Units[i].State = d.Units[i].Source, course.LanguageReviewed
		}
		after, r := take(t, "small", small(), format, "lt", d, exchange.Options{By: "r-k"})
		p, problems := course.Load("small", after)
		if p == nil || len(r.Refused) > 0 {
			t.Fatalf("%v %v", problems, r.Refused)
		}
		if got := p.Editions["lt"].State; got != course.LanguageReviewed {
			t.Errorf("%s: the edition is %s", format, got)
		}
		// A page may have holes, but it begins with its title.
		d = edit(d, "page:p1#2", func(u *exchange.Unit) { u.Target, u.State = "", course.Missing })
		after, r = take(t, "small", small(), format, "lt", d, exchange.Options{By: "r-k"})
		if len(r.Refused) > 0 || bytes.Contains(after["lt/p1.md"], []byte("[the text]")) || !bytes.Contains(after["lt/p1.md"], []byte("- two")) {
			t.Errorf("%s %+v", after["lt/p1.md"], r.Refused)
		}
		d = edit(d, "page:p1#1", func(u *exchange.Unit) { u.Target, u.State = "", course.Missing })
		after, r = take(t, "small", small(), format, "lt", d, exchange.Options{By: "r-k"})
		if _, made := after["lt/p1.md"]; made || reasons(r)["page:p1#3"] != "page-untitled" || r.Refused[0].Want != "page:p1#1" {
			t.Errorf("%+v", r.Refused)
		}
	}
}

// A memory fills what is missing, where the source is the same, as a machine draft.
func TestAMemoryFillsWhatIsMissing(t *testing.T) {
	t.Parallel()
	memory := func(pairs ...string) exchange.Document {
		var b strings.Builder
		b.WriteString(`<tmx version="1.4"><header srclang="en"/><body>`)
		for i := 0; i+1 < len(pairs); i += 2 {
			fmt.Fprintf(&b, `<tu><tuv xml:lang="en-GB"><seg>%s</seg></tuv><tuv xml:lang="et-EE"><seg>%s</seg></tuv></tu>`, pairs[i], pairs[i+1])
		}
		b.WriteString(`</body></tmx>`)
		return read(t, exchange.TMX, []byte(strings.ReplaceAll(b.String(), "en-GB", "en")))
	}
	after, r := take(t, "small", small(), exchange.TMX, "et", memory("It holds.", "See kehtib.", "Small", "Muu", "Elsewhere", "Mujal"), exchange.Options{By: "m-tamm"})
	if len(r.Taken) != 1 || r.Taken[0] != (exchange.Taken{Unit: "fact:f1", Was: course.Missing, Now: course.MachineDraft, Text: true}) || r.Unused != 2 {
		t.Errorf("%+v", r)
	}
	if string(after["et/facts.yaml"]) != "f1: \"See kehtib.\"\n" {
		t.Errorf("%s", after["et/facts.yaml"])
	}
	if _, r = take(t, "small", small(), exchange.TMX, "et", memory("It holds.", "A", "It holds.", "B"), exchange.Options{}); reasons(r)["fact:f1"] != "ambiguous" {
		t.Errorf("%+v", r)
	}
}

func TestWhatATranslatorWritesBesideIsTold(t *testing.T) {
	t.Parallel()
	po := strings.Replace(string(export(t, "small", small(), exchange.PO, "et")), "#. state: expert", "# kas nii?\n#. state: expert", 1)
	po = strings.Replace(po, `msgstr "Väike"`, "msgstr \"V\u202eäike\"", 1)
	_, r := take(t, "small", small(), exchange.PO, "et", read(t, exchange.PO, []byte(po)), exchange.Options{})
	got := map[string]string{}
	for _, n := range r.Noted {
		got[n.Reason] = n.Unit + n.Text
	}
	if diff := cmp.Diff(map[string]string{"comment": "course.titlekas nii?", "direction": "course.title"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestHostileFilesAreRefused(t *testing.T) {
	t.Parallel()
	bomb := func(size int) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, _ := z.Create("xl/worksheets/sheet1.xml")
		_, _ = w.Write(bytes.Repeat([]byte(" "), size))
		_ = z.Close()
		return b.Bytes()
	}
	xliff := `<xliff version="1.2"><file><body>`
	for name, c := range map[string]struct {
		format string
		data   []byte
	}{
		"an entity":        {exchange.XLIFF, []byte(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + xliff + `<trans-unit id="a"><source>&e;</source></trans-unit></body></file></xliff>`)},
		"an entity in TMX": {exchange.TMX, []byte(`<!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.4"/>`)},
		"half a file":      {exchange.XLIFF, []byte(xliff + `<trans-unit id="a"><source>x`)},
		"depth":            {exchange.XLIFF, []byte(xliff + strings.Repeat("<group>", 1000))},
		"XLIFF 2":          {exchange.XLIFF, []byte(`<xliff version="2.0"/>`)},
		"another XML":      {exchange.TMX, []byte(`<html/>`)},
		"not UTF-8":        {exchange.PO, []byte("msgid \"\"\nmsgstr \"\xff\"\n")},
		"another charset":  {exchange.PO, []byte("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=latin-1\\n\"\n")},
		"no PO":            {exchange.PO, []byte("hello")},
		"an open quote":    {exchange.PO, []byte("msgid \"a\nmsgstr \"\"\n")},
		"half an entry":    {exchange.PO, []byte("msgctxt \"a\"\nmsgid \"a\"\n")},
		"a long text":      {exchange.PO, []byte("msgid \"" + strings.Repeat("a", 100_000) + "\"\nmsgstr \"\"\n")},
		"a large file":     {exchange.PO, make([]byte, exchange.MaxFile+1)},
		"a zip bomb":       {exchange.XLSX, bomb(40 << 20)},
		"no workbook":      {exchange.XLSX, []byte("PK")},
		"PO as XLIFF":      {exchange.XLIFF, []byte("msgid \"\"\nmsgstr \"\"\n")},
		"nothing":          {exchange.XLIFF, nil},
	} {
		if d, err := exchange.Read(c.format, c.data); err == nil || len(d.Units) > 0 {
			t.Errorf("%s is read: %v", name, err)
		}
	}
}
