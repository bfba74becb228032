package server_test

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"havn/internal/store"
	"havn/internal/store/storetest"
)

// walk reads the list of completions person by person, as somebody would who looks
// at the length of each page, and says what it counted.
func (c *client) walk(query string) (seen [3]int, counted *figures) {
	c.h.t.Helper()
	for cursor := ""; ; {
		var page struct {
			Items []struct {
				Status  string
				Overdue bool
			}
			Next    string
			Counted *figures
		}
		c.want(200, "GET", path("/completions?limit=1&%s&cursor=%s", query, cursor), nil).decode(c.h.t, &page)
		counted = page.Counted
		if len(page.Items) == 0 && cursor != "" {
			c.h.t.Errorf("%s: an empty page tells that somebody is behind it", query)
		}
		for _, p := range page.Items {
			seen[0]++
			if p.Overdue {
				seen[2]++
			} else if p.Status == "completed" {
				seen[1]++
			}
		}
		if cursor = page.Next; cursor == "" {
			return seen, counted
		}
	}
}

// Somebody who sees the names of some organisations and only counts of others asks
// for everything, by all filters and reports, takes those off whom they know, and
// subtracts: no number of one to four people comes out.
func TestCountsWithoutNamesGiveNobodyAwayWithAllThatCanBeAsked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Authority", "")
		north, south := site.organisation("North", top.ID), site.organisation("South", top.ID)
		quiet, still, few := site.organisation("Quiet", top.ID), site.organisation("Still", north.ID), site.organisation("Few", south.ID)
		h.crowd(e, north, "en", "police", 6, 7, 5)
		h.crowd(e, south, "et", "guardian", 5, 9, 0)
		h.crowd(e, quiet, "en", "police", 7, 12, 6)
		h.crowd(e, still, "uk", "police", 8, 9, 5)
		h.crowd(e, few, "et", "police", 1, 2, 0)
		for _, o := range []organisation{quiet, still, few} {
			site.set(o, m{"sees": "counts"})
		}
		units := map[string][]organisation{"": {north, south, quiet, still, few}, top.ID: {north, south, quiet, still, few}, north.ID: {north, still}, south.ID: {south, few}, quiet.ID: {quiet}, still.ID: {still}, few.ID: {few}}
		group := func(list []organisation, hidden bool) (key string) {
			for i, o := range []organisation{north, south, quiet, still, few} {
				if slices.Contains(list, o) && (!hidden || i >= 2) {
					key += string(rune('0' + i))
				}
			}
			return key
		}
		told := map[string][3]*int{} // of the hidden in a group of units
		take := func(list []organisation, f figures, known [3]int) {
			key := group(list, true)
			for i, n := range []*int{f.Assigned, f.Certified, f.Overdue} {
				if n != nil {
					x := told[key]
					rest := *n - known[i]
					x[i] = &rest
					told[key] = x
				}
			}
		}
		for id, list := range units {
			known, counted := site.walk("organisation=" + id)
			take(list, site.report("by=course&unit=" + id)["first-contact"], known)
			var hidden []organisation
			for _, o := range list {
				if o == quiet || o == still || o == few {
					hidden = append(hidden, o)
				}
			}
			take(hidden, *counted, [3]int{})
			for _, filter := range []string{"status=assigned", "status=enrolled", "status=completed", "overdue=true", "delta=true", "course=first-contact"} {
				if strings.HasPrefix(filter, "delta") { // never ends
					h.clock.advance(time.Minute)
					var page struct{ Items []struct{ Name string } }
					site.want(200, "GET", path("/completions?limit=500&%s&organisation=%s", filter, id), nil).decode(t, &page)
					if len(page.Items) != known[0] {
						t.Errorf("%s: %d instead of %d", filter, len(page.Items), known[0])
					}
					continue
				}
				_, again := site.walk(filter + "&organisation=" + id)
				if !reflect.DeepEqual(again, counted) {
					t.Errorf("%s: the filter changes what is counted", filter)
				}
				_, _, html := h.browserOf(site).get("/admin/completions?" + filter + "&organisation=" + id)
				if want := fmt.Sprintf("<strong>%d</strong>", known[1]); !bytes.Contains(html, []byte(want)) && known[0] > 0 {
					t.Errorf("%s of %q: the page does not say %s, or says more", filter, id, want)
				}
			}
		}
		some := 0
		for a, x := range told {
			for i, n := range x {
				if n == nil {
					continue
				}
				some++
				if *n != 0 && *n < 5 {
					t.Errorf("figure %d of %s is %d", i, a, *n)
				}
				for b, y := range told {
					if y[i] != nil && a != b && strings.Trim(b, a) == "" && strings.ContainsAny(a, b) {
						if d := *n - *y[i]; d != 0 && d < 5 {
							t.Errorf("figure %d of %s less %s is %d", i, a, b, d)
						}
					}
				}
			}
		}
		if some == 0 {
			t.Error("nothing is told")
		}
	})
}
