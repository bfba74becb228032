package roster_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"havn/internal/roster"
)

// slow is how much slower the race detector makes everything.
var slow time.Duration = 1

// cost is what a reading takes: the most that the heap grew, all that was
// allocated, and the time.
func cost(f func()) (grown, allocated uint64, took time.Duration) {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, total := m.HeapAlloc, m.TotalAlloc
	var peak atomic.Uint64
	done, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.HeapAlloc))
			}
		}
	}()
	start := time.Now()
	f()
	took = time.Since(start)
	close(done)
	<-stopped
	runtime.ReadMemStats(&m)
	return max(peak.Load(), m.HeapAlloc, before) - before, m.TotalAlloc - total, took
}

// TestAHostileFileCostsLittle has no t.Parallel: it measures the heap.
func TestAHostileFileCostsLittle(t *testing.T) {
	r := strings.Repeat
	ok := aHeader + aPerson
	many := parts{}
	for i := range 10_000 {
		many = append(many, [2]string{fmt.Sprintf("xl/media/%d", i), ""})
	}
	var sheets, rels strings.Builder
	for i := range 4_900 {
		fmt.Fprintf(&sheets, `<sheet name="s%d" sheetId="%d" r:id="rId%d"/>`, i, i+1, i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet1.xml"/>`, i+1, office)
	}
	longStrings := r("<si><t>"+r("õ", 8_000)+"</t></si>", 700)
	var pointing, wide strings.Builder
	for i := range 9_000 {
		fmt.Fprintf(&pointing, `<row r="%d"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>`, i+2)
		fmt.Fprintf(&wide, `<row r="%d"><c r="XFD%d"><v>1</v></c></row>`, i+2, i+2)
	}
	for name, x := range map[string]struct {
		file  []byte
		fault string // "" where it can be read
		early bool   // refused before anything is inflated
	}{
		"unpacks to 64 MiB":             {bomb(t, sheetXML, 64<<20), "roster-too-large", true},
		"parts of 33 MiB together":      {aWorkbook(ok).with("xl/media/a", r("a", 17<<20)).with("xl/media/b", r("a", 16<<20)).zip(t), "roster-too-large", true},
		"31 MiB of sheet":               {aWorkbook(r(" ", 31<<20)).zip(t), "roster-too-large", true},
		"10,000 entries":                {many.zip(t), "roster-too-large", false},
		"a zip in a zip":                {aWorkbook(ok).with("xl/embeddings/a.zip", string(bomb(t, "b", 64<<20))).zip(t), "", false},
		"30 MiB of styles, not read":    {aWorkbook(ok).with("xl/styles.xml", "<styleSheet><cellXfs>"+r("<xf/>", 6<<20)+"</cellXfs></styleSheet>").zip(t), "", false},
		"a size that is not true":       {lie(aWorkbook(ok+r(" ", 11<<20)).zip(t), 11<<20, 1_000), "roster-unreadable", false},
		"cells without end":             {aWorkbook(aHeader + "<row>" + r("<c/>", 3<<20-200) + "</row>").zip(t), "roster-too-large", false},
		"cells to the limit":            {aWorkbook(aHeader + "<row>" + r("<c/>", 499_000) + "</row>").zip(t), "roster-empty", false},
		"values to the limit":           {aWorkbook(aHeader + r("<row><c><v>1</v></c><c><v>1</v></c></row>", 49_000)).zip(t), "roster-too-long", false},
		"formulas to the limit":         {aWorkbook(aHeader + r("<row>"+r("<c><f/></c>", 90)+"</row>", 1_300)).zip(t), "roster-header", false},
		"strings to the limit":          {aWorkbook(ok).with(stringsX, sst(r("<si/>", 139_000))).zip(t), "", false},
		"11 MiB of strings":             {aWorkbook(ok).with(stringsX, sst(longStrings)).zip(t), "", false},
		"few long strings, many cells":  {aWorkbook(aHeader+pointing.String()).with(stringsX, sst(longStrings)).zip(t), "roster-too-large", false},
		"one string of runs":            {aWorkbook(ok).with(stringsX, sst("<si>"+r("<r><t>a</t></r>", 30_000)+"</si>")).zip(t), "", false},
		"one cell of 11 MiB":            {aWorkbook(aHeader + "<row><c><v>" + r("a", 11<<20) + "</v></c></row>").zip(t), "roster-too-large", false},
		"one tag of 11 MiB":             {aWorkbook(aHeader + "<row " + r(`a="" `, 2<<20) + "/>").zip(t), "roster-too-large", false},
		"attributes in all tags":        {aWorkbook(aHeader + r("<a "+r(`a="" `, 2_000)+"/>", 1_100)).zip(t), "roster-empty", false},
		"elements in elements":          {aWorkbook(r("<a>", 100_000)).zip(t), "roster-too-large", false},
		"row 1,048,577":                 {aWorkbook(ok + `<row r="1048577"><c r="A1048577"><v>1</v></c></row>`).zip(t), "roster-unreadable", false},
		"row 1,048,576":                 {aWorkbook(ok + `<row r="1048576"/>`).zip(t), "", false},
		"a row further than numbers go": {aWorkbook(ok + `<row r="99999999999999999999"/>`).zip(t), "roster-unreadable", false},
		"a row in a row":                {aWorkbook(aHeader + "<row>" + aPerson + "</row>").zip(t), "roster-unreadable", false},
		"cells at the far right":        {aWorkbook(aHeader + wide.String()).zip(t), "roster-header", false},
		"4,900 sheets":                  {aWorkbook(ok).with(workX, `<workbook `+mainNS+` xmlns:r="`+office+`"><sheets>`+sheets.String()+`</sheets></workbook>`).with("xl/_rels/workbook.xml.rels", `<Relationships xmlns=`+relNS+`>`+rels.String()+`</Relationships>`).zip(t), "", false},
		"2 MiB of commas":               {[]byte(r(",", roster.MaxBytes)), "roster-unreadable", false},
		"2 MiB of quotes":               {[]byte(r(`"`, roster.MaxBytes-1)), "roster-unreadable", false},
		"2 MiB of line ends":            {[]byte("email,name" + r("\n", roster.MaxBytes-10)), "roster-empty", false},
		"a header of 2 MiB":             {[]byte(r("é", roster.MaxBytes/2)), "roster-header", false},
		"a name of 2 MiB":               {[]byte("email,name\na@b.ee," + r("é", roster.MaxBytes/2-50)), "", false},
		"3 MiB of text":                 {[]byte(r("a", 3<<20)), "roster-too-large", true},
	} {
		var err error
		grown, allocated, took := cost(func() { _, err = roster.Read(x.file) })
		t.Logf("%-32s %7d bytes: grew %5.1f MiB, allocated %6.1f MiB, %v, %v", name, len(x.file), float64(grown)/(1<<20), float64(allocated)/(1<<20), took.Round(time.Millisecond), err)
		if got := code(err); got != x.fault {
			t.Errorf("%s: %q instead of %q (%v)", name, got, x.fault, err)
		}
		if grown > 64<<20 || took > 2*time.Second*slow {
			t.Errorf("%s: the heap grew by %d MiB in %v", name, grown>>20, took)
		}
		if x.early && allocated > 1<<20 {
			t.Errorf("%s: %d KiB were allocated before the refusal", name, allocated>>10)
		}
	}
}

// bomb is a zip with one part of zeros.
func bomb(t *testing.T, name string, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	zeros := make([]byte, 1<<20)
	for range size >> 20 {
		if err == nil {
			_, err = f.Write(zeros)
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lie writes another size for the directory's entry of at least so many bytes.
func lie(z []byte, least, size uint32) []byte {
	for i := 0; ; {
		n := bytes.Index(z[i:], []byte("PK\x01\x02"))
		if n < 0 {
			return z
		}
		i += n + 4
		if at := z[i+20 : i+24]; binary.LittleEndian.Uint32(at) >= least {
			binary.LittleEndian.PutUint32(at, size)
		}
	}
}
