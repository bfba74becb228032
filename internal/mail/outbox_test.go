package mail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"havn/internal/locale"
	"havn/internal/store"
	"havn/internal/store/storetest"
	"havn/locales"
)

// desk is an outbox whose clock and mail server the test decides.
type desk struct {
	*Outbox
	mu   sync.Mutex
	now  time.Time
	sent []*Message
	fail error
}

func open(t *testing.T, e store.Engine, look func(context.Context, *Letter) (Verdict, error)) *desk {
	t.Helper()
	words, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	d.Outbox, err = Open(t.Context(), e, Options{
		Words: words, Base: "https://havn.example", Look: look, Now: func() time.Time { return d.now },
		Send: func(_ context.Context, m *Message) error {
			d.mu.Lock()
			defer d.mu.Unlock()
			if d.fail == nil {
				d.sent = append(d.sent, m)
			}
			return d.fail
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) work(t *testing.T) {
	t.Helper()
	if err := d.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A link to sign in does not stand in the queue of reminders that came before it.
func TestWhatSomebodyWaitsForLeavesFirst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		d := open(t, e, nil)
		for i := range 300 {
			if err := d.Put(t.Context(), Letter{Meta: store.Meta{ID: fmt.Sprint("r", i)}, Kind: Reminder, To: "mari@example.org", Language: "en"}); err != nil {
				t.Fatal(err)
			}
		}
		d.now = d.now.Add(time.Second)
		if err := d.Put(t.Context(), Letter{Kind: SignInLink, To: "jonas@example.org", Language: "en"}); err != nil {
			t.Fatal(err)
		}
		d.work(t)
		if at := slices.IndexFunc(d.sent, func(m *Message) bool { return m.To == "jonas@example.org" }); at != 0 || len(d.sent) != 301 {
			t.Errorf("the link left as number %d of %d", at+1, len(d.sent))
		}
	})
}

// The outbox holds one letter of an id, however often it is put in, and says what
// was found out when it left; what is to wait waits and is not tried meanwhile.
func TestALetterWithAnIDIsOneAndSaysWhatHoldsWhenItLeaves(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		var told int
		verdict := Verdict{}
		d := open(t, e, func(context.Context, *Letter) (Verdict, error) { return verdict, nil })
		put := func() {
			if err := d.Put(t.Context(), Letter{Meta: store.Meta{ID: "mari.2026-11-23"}, Kind: Reminder, To: "old@example.org", Account: "mari", Language: "en", Path: "/learning"}); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			put()
		}
		morning := d.now.Add(20 * time.Hour)
		verdict = Verdict{Until: morning}
		d.work(t)
		d.now = morning.Add(-time.Second)
		verdict = Verdict{To: "new@example.org", Language: "ar", Lines: []string{"first", "<second>"}, Sent: func(context.Context) error { told++; return nil }}
		d.work(t)
		if len(d.sent) != 0 {
			t.Fatal("it did not wait")
		}
		d.now, d.fail = morning, errors.New("down")
		d.work(t)
		if told != 0 {
			t.Error("it is told that a letter has left that has not")
		}
		d.now, d.fail = morning.Add(time.Minute), nil
		d.work(t)
		put()
		verdict = Verdict{Drop: true}
		d.work(t)
		if len(d.sent) != 1 || told != 1 {
			t.Fatalf("%d letters, told %d times", len(d.sent), told)
		}
		m := d.sent[0]
		if m.To != "new@example.org" || m.Language != "ar" || m.ID != "mari.2026-11-23" || m.Subject != "2 تذكيران بدوراتك" {
			t.Errorf("%+v", m)
		}
		if want := "\n\n- first\n- <second>\n\n"; !strings.Contains(m.Text, want) || !strings.Contains(m.HTML, "<li>first</li><li>&lt;second&gt;</li>") {
			t.Errorf("%s\n%s", m.Text, m.HTML)
		}
		if left, err := d.About(t.Context(), "mari", ""); err != nil || len(left) != 0 {
			t.Errorf("left over: %v %v", left, err)
		}
	})
}

// A letter of each kind leaves, also of one that is declared tomorrow; one that is
// put in again under its key leaves once.
func TestALetterOfEachKindLeaves(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		src, err := os.ReadFile("mail.go")
		if err != nil {
			t.Fatal(err)
		}
		kinds := regexp.MustCompile(`Kind = "([a-z-]+)"`).FindAllStringSubmatch(string(src), -1)
		if len(kinds) < 8 {
			t.Fatalf("only %d kinds", len(kinds))
		}
		d := open(t, e, nil)
		for _, kind := range kinds {
			for range 2 {
				if err := d.PutOnce(t.Context(), kind[1], Letter{Kind: Kind(kind[1]), To: kind[1] + "@example.org", Language: "en", Path: "/x", About: "x"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		d.work(t)
		if len(d.sent) != len(kinds) {
			t.Errorf("%d letters of %d kinds have left", len(d.sent), len(kinds))
		}
	})
}
