package server_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/mail"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// An administrator who asked for it gets a letter each week or month with a link
// behind the sign-in, in their language, once however many servers there are, and
// not once they stopped it or may not see the figures any more.
func TestAReportComesEachWeekOrMonth(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		servers := several(t, e, e, e)
		h := servers[0]
		site := h.admin()
		top := site.organisation("Authority", "")
		chief := h.invited("Chief Kask", site.invite(top, 1, "administrator"))
		chief.want(200, "PATCH", path("/me"), m{"language": "sv"})
		account, weekly, monthly := chief.id(), uuid.NewString(), uuid.NewString()
		var asked struct {
			NextOn string `json:"next_on"`
		}
		for range 2 {
			chief.want(200, "PUT", path("/reports/standing/%s", weekly), m{"unit": top.ID, "course": "first-contact", "every": "week"}).decode(t, &asked)
		}
		if asked.NextOn != "2026-11-30" { // the clock begins on Monday 23 November 2026
			t.Errorf("%+v", asked)
		}
		chief.want(200, "PUT", path("/reports/standing/%s", monthly), m{"every": "month"})
		chief.refuse("course-unknown", "PUT", path("/reports/standing/%s", uuid.NewString()), m{"course": "sailing", "every": "month"})
		chief.refuse("order-exists", "PUT", path("/reports/standing/%s", monthly), m{"course": "first-contact", "every": "month"})
		letters := func() (list []*mail.Message) {
			for range 3 {
				for _, s := range servers {
					if err := s.Standing.Work(t.Context()); err != nil {
						t.Error(err)
					}
				}
				for _, s := range servers {
					if err := s.Letters.Work(t.Context()); err != nil {
						t.Error(err)
					}
				}
			}
			for _, l := range h.post.all() {
				if l.To == "chief.kask@example.org" && strings.Contains(l.Text, "/admin/figures") {
					list = append(list, l)
				}
			}
			return list
		}
		for _, x := range []struct {
			at   string
			want int
			link string
		}{
			{"2026-11-29 12:00", 0, ""},
			{"2026-11-30 07:00", 0, ""}, // before eight
			{"2026-11-30 08:10", 1, "/admin/figures?compare=1&course=first-contact&from=2026-11-23&to=2026-11-29&unit=" + top.ID},
			{"2026-11-30 12:00", 1, ""},
			{"2026-12-01 09:00", 2, "/admin/figures?compare=1&from=2026-11-01&to=2026-11-30&unit=" + top.ID},
			{"2026-12-07 09:00", 3, "from=2026-11-30&to=2026-12-06"},
		} {
			h.at(x.at, "UTC")
			list := letters()
			if len(list) != x.want {
				t.Fatalf("%s: %d letters instead of %d", x.at, len(list), x.want)
			}
			if last := x.want - 1; x.link != "" && (!strings.Contains(list[last].Text, x.link) || list[last].Language != "sv") {
				t.Errorf("%s: no %s in %s", x.at, x.link, list[last].Text)
			}
		}
		b := h.browser("chief.kask@example.org")
		if _, _, page := b.get("/admin/figures"); bytes.Count(page, []byte("/admin/figures/letters/end")) != 2 {
			t.Errorf("%s", page)
		}
		if status, to, _ := b.post("/admin/figures/letters/end", url.Values{"csrf": {b.csrf()}, "report": {weekly}}); status != 303 || !strings.HasPrefix(to, "/admin/figures") {
			t.Errorf("stopping it: %d %s", status, to)
		}
		h.at("2026-12-14 09:00", "UTC")
		if n := len(letters()); n != 3 {
			t.Errorf("it was stopped: %d letters", n)
		}
		h.admin().want(200, "PUT", path("/organisations/%s/members/%s", top.ID, account), m{"roles": []string{"learner"}})
		h.at("2027-01-01 09:00", "UTC")
		if n := len(letters()); n != 3 {
			t.Errorf("who may not see the figures is written to: %d letters", n)
		}
	})
}

// A server that falls before it has put the letter in is followed by another; a mail
// server that is away brings one letter when it is back.
func TestALetterAboutAReportIsNotLost(t *testing.T) {
	t.Parallel()
	e := storetest.SQLite().New(t).Open(t)
	h := withRules(t, e, "")
	site := h.admin()
	site.want(200, "PUT", path("/reports/standing/%s", uuid.NewString()), m{"every": "week"})
	h.post.turn(true)
	h.at("2026-11-30 09:00", "UTC")
	for range 3 {
		if err := h.Standing.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		_ = h.Letters.Work(t.Context())
		h.clock.advance(3 * time.Hour)
	}
	h.post.turn(false)
	h.until("the letter comes", func() bool {
		_ = h.Standing.Work(t.Context())
		_ = h.Letters.Work(t.Context())
		return len(h.post.to(adminEmail)) > 0
	})
	for range 3 {
		_ = h.Standing.Work(t.Context())
		_ = h.Letters.Work(t.Context())
	}
	// The clock went on while the server was sending: whoever took that letter up
	// sends it under the same Message-ID, so that it is one in the mailbox.
	for _, letter := range h.post.to(adminEmail) {
		if first := h.post.to(adminEmail)[0]; letter.ID != first.ID {
			t.Errorf("another letter: %s and %s", first.ID, letter.ID)
		}
	}
}
