package server_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"havn/internal/store"
	"havn/internal/store/storetest"
)

// A course is withdrawn while somebody is in the middle of it, without network.
// Nobody finds or begins it any more; what was begun is taken and ended, nothing
// is lost, the certificate holds; and it can be put back.
func TestAWithdrawnCourseLosesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		authority := site.organisation("Authority", "")
		_, code := h.certified("Kaja Kask", site.invite(authority, 1))
		mari := h.enrolled("Mari Tamm")
		a := mari.start("m1-quiz")
		withdrawal := path("/courses/first-contact/withdrawal")
		mari.refuse("forbidden", "PUT", withdrawal, m{"withdrawn": true})
		for range 2 {
			site.want(204, "PUT", withdrawal, m{"withdrawn": true})
		}

		var list struct{ Items []struct{ Slug string } }
		mari.want(200, "GET", path("/courses"), nil).decode(t, &list)
		if len(list.Items) != 0 {
			t.Errorf("it is offered still: %v", list.Items)
		}
		told := mari.refuse("course-withdrawn", "GET", path("/courses/first-contact/pages/m1-rights"), nil)
		if !strings.Contains(string(told.body), "What you did in it is kept") {
			t.Errorf("the reader is told: %s", told.body)
		}
		jonas := h.learner("Jonas Petraitis")
		jonas.refuse("course-withdrawn", "PUT", path("/enrolments/first-contact"), nil)
		site.refuse("course-unknown", "PUT", path("/organisations/%s/assignments/%s", authority.ID, uuid.NewString()), m{"course": "first-contact", "to": m{"kind": "unit", "id": authority.ID}})
		mari.want(204, "PUT", path("/enrolments/first-contact/pages/m1-rights"), nil)
		a.answerAll()
		if o, _ := a.submit(); !o.Passed {
			t.Errorf("what was begun does not count: %+v", o)
		}
		mari.want(200, "GET", path("/enrolments/first-contact"), nil)
		h.anonymous().want(200, "GET", path("/certificates/%s", code), nil)
		b := h.browser("mari.tamm@example.org")
		for _, page := range []string{"/", "/learning", "/practice", "/attempts/" + a.ID + "/result"} {
			if status, _, body := b.get(page); status != 200 {
				t.Errorf("%s: %d %s", page, status, body)
			}
		}
		if status, _, body := b.get("/courses/first-contact/m1-rights"); status != 404 || !strings.Contains(string(body), "This course was withdrawn.") {
			t.Errorf("the page of a withdrawn course: %d %s", status, body)
		}

		site.want(204, "PUT", withdrawal, m{"withdrawn": false})
		jonas.want(201, "PUT", path("/enrolments/first-contact"), nil)
	})
}

// A course may be for those only who have to take it. Whoever has begun goes on.
func TestACourseIsBegunByThoseWhoHaveTo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		unit := site.organisation("Harbour", "")
		mari := h.enrolled("Mari Tamm")
		rule := path("/courses/first-contact/enrolment-rule")
		mari.refuse("forbidden", "PUT", rule, m{"assigned_only": true})
		site.want(204, "PUT", rule, m{"assigned_only": true})

		jonas := h.learner("Jonas Petraitis")
		jonas.refuse("enrolment-closed", "PUT", path("/enrolments/first-contact"), nil)
		jonas.want(200, "GET", path("/courses/first-contact/pages/m1-rights"), nil)
		if _, _, page := h.browserOf(jonas).get("/courses/first-contact"); !strings.Contains(string(page), "begun by those to whom it is assigned") || strings.Contains(string(page), "/enrolment\"") {
			t.Errorf("the page offers to begin it:\n%s", page)
		}
		mari.want(200, "PUT", path("/enrolments/first-contact"), nil)
		mari.start("m1-quiz").submit()
		site.want(200, "PUT", path("/organisations/%s/assignments/%s", unit.ID, uuid.NewString()), m{"course": "first-contact", "to": m{"kind": "unit", "id": unit.ID}})
		nour := h.newcomer("Nour Haddad", site.invite(unit, 1))
		h.until("the course is assigned", func() bool { return nour.do("PUT", path("/enrolments/first-contact"), nil).status == 201 })

		site.want(204, "PUT", rule, m{"assigned_only": false})
		jonas.want(201, "PUT", path("/enrolments/first-contact"), nil)
	})
}
