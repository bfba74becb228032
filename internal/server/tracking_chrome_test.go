package server_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/google/uuid"

	"havn/internal/store/storetest"
)

// The pages of cohorts and assignments fit a small phone, a phone at night read
// from right to left, and a desk; see TestEachPageFitsItsScreen for what is looked for.
func TestPagesOfCohortsFitTheirScreen(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top := site.organisation("Piirivalve ja väga pika nimega amet", "")
	mari := h.newcomer("Mari Tamm", site.invite(top, 1))
	cohort := site.cohort(top, "2026-11-01", "2026-12-31", mari)
	site.want(200, "PUT", path("/organisations/%s/cohorts/%s", top.ID, cohort), m{"name": "Autumn at the harbour", "kind": "hand", "starts_on": "2026-11-01", "ends_on": "2026-12-31", "answers": true, "pace": 30})
	h.tutor("Tutor Kask", site, top, cohort)
	rule, assignment := uuid.NewString(), uuid.NewString()
	site.want(200, "PUT", path("/organisations/%s/cohorts/%s", top.ID, rule), m{"name": "Everybody who reads Estonian", "kind": "rule", "rule": m{"languages": []string{"et"}}})
	site.want(200, "PUT", path("/organisations/%s/assignments/%s", top.ID, assignment), m{"course": "first-contact", "to": m{"kind": "unit", "id": top.ID}, "due_on": "2026-11-23", "priority": "high", "renew_days": 30})
	site.settled(top)
	h.clock.advance(20 * 3600 * 1e9)
	site, mari = h.admin(), h.signIn("mari.tamm@example.org")
	tutor := h.signIn("tutor.kask@example.org")
	late := h.newcomer("Jonas Petraitis", site.invite(top, 1))
	mari.want(201, "PUT", path("/enrolments/first-contact"), nil)
	seen := mari.handIn()
	tutor.want(200, "GET", path("/cohorts/%s/members/%s/attempts/%s", cohort, mari.id(), seen), nil)
	base := "/organisations/" + top.ID
	views := []struct{ name, path, token string }{
		{"cohorts", base + "/cohorts", site.token}, {"cohort", base + "/cohorts/" + cohort, site.token}, {"cohort-rule", base + "/cohorts/" + rule, site.token},
		{"cohort-list", base + "/cohorts/" + cohort + "/list", site.token}, {"assignment", base + "/assignments/" + assignment, site.token},
		{"tutored", "/cohorts", tutor.token}, {"tutored-cohort", "/cohorts/" + cohort, tutor.token}, {"member", "/cohorts/" + cohort + "/members/" + mari.id(), tutor.token},
		{"answers", "/cohorts/" + cohort + "/members/" + mari.id() + "/attempts/" + seen, tutor.token},
		{"assigned-start", "/", late.token}, {"overdue-start", "/", mari.token}, {"assigned-learning", "/learning", mari.token}, {"watched-quiz", "/courses/first-contact/quiz/m1-quiz", mari.token},
		{"who-looked", "/privacy", mari.token}, {"completions-due", "/admin/completions", site.token},
	}
	for _, s := range []struct {
		name          string
		width, height int64
		dark          bool
		lang          string
	}{{"small", 320, 640, false, "uk"}, {"night", 390, 844, true, "ar"}, {"desk", 1280, 800, false, "en"}} {
		t.Run(s.name, func(t *testing.T) {
			c := openChrome(t, h, s.width, s.height, s.dark)
			for _, v := range views {
				c.do(network.ClearBrowserCookies(), network.SetCookie("havn_lang", s.lang).WithURL(h.URL), network.SetCookie("havn", v.token).WithURL(h.URL))
				c.open(v.path)
				var wrong []string
				c.js(checks, &wrong)
				if len(wrong) > 0 {
					t.Errorf("%s: %s", v.name, strings.Join(wrong, "\n\t"))
				}
				c.axe(v.name)
				c.whole(s.name + "-" + v.name)
			}
		})
	}
}
