package server_test

import (
	"bytes"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/course"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// What somebody saves while the draft is being published is not lost: the draft
// stays, from the new version, with what they wrote.
func TestWhatIsSavedWhileADraftIsPublishedStays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		between := &interrupted{Engine: e}
		h := withRules(t, between, "")
		asta, bo, _ := h.trainers()
		draft := path("/courses/words/draft")
		asta.want(200, "PUT", draft, m{"title": "Words", "languages": []string{"en"}})
		asta.want(200, "PUT", draft+"/review", m{"state": "review"})
		bo.want(200, "PUT", draft+"/review", m{"state": "approved"})
		between.before("insert", "publications", func() error {
			bo.write("words", "en/m1-page.md", "# Words\n\nAt the last moment.\n")
			return nil
		})
		asta.want(201, "POST", draft+"/publication", nil)
		if d := bo.draft("words"); d.State != "open" || d.From != 1 {
			t.Errorf("the draft is %+v", d)
		}
		if file := bo.want(200, "GET", draft+"/file?path=en/m1-page.md", nil); !bytes.Contains(file.body, []byte("At the last moment.")) {
			t.Errorf("lost: %s", file.body)
		}
		if page := bo.want(200, "GET", path("/courses/words/pages/m1-page"), nil); bytes.Contains(page.body, []byte("At the last moment.")) {
			t.Errorf("published without review: %s", page.body)
		}
	})
}

// A server falls while it clears away a draft that was thrown away: nothing of it
// is in the next one.
func TestNothingOfADraftIsInTheNext(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		between := &interrupted{Engine: e}
		h := withRules(t, between, "")
		site := h.admin()
		draft := path("/courses/first-contact/draft")
		site.want(200, "PUT", draft, m{})
		site.write("first-contact", "en/m1-rights.md", "# Rights\n\nThrown away.\n")
		site.write("first-contact", "en/left.md", "# Left\n\nBehind.\n")
		between.before("delete", "draft_files", func() error { return errors.New("cut off") })
		site.want(500, "DELETE", draft, nil)
		site.refuse("not-found", "GET", draft, nil)
		site.want(200, "PUT", draft, m{})
		if d := site.draft("first-contact"); d.rev("en/left.md") != 0 {
			t.Errorf("a file is left over: %+v", d.Files)
		}
		if file := site.want(200, "GET", draft+"/file?path=en/m1-rights.md", nil); bytes.Contains(file.body, []byte("Thrown away.")) {
			t.Errorf("what was thrown away is back: %s", file.body)
		}
	})
}

// What one wrote is kept when another writes over it, however soon; what one saves
// in one sitting is one change.
func TestWhatAnotherWroteIsKept(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	asta, bo, _ := h.trainers()
	asta.want(200, "PUT", path("/courses/words/draft"), m{"title": "Words", "languages": []string{"en"}})
	for _, text := range []string{"Asta 1", "Asta 2", "Asta 3"} {
		asta.write("words", "en/m1-page.md", "# "+text+"\n")
		h.clock.advance(time.Minute)
	}
	bo.write("words", "en/m1-page.md", "# Bo 1\n")
	var file struct{ Earlier []struct{ Text string } }
	bo.want(200, "GET", path("/courses/words/draft/file?path=en/m1-page.md"), nil).decode(t, &file)
	var kept []string
	for _, x := range file.Earlier {
		kept = append(kept, strings.TrimSpace(strings.SplitN(x.Text, "\n", 2)[0]))
	}
	if want := []string{"# Words", "# Asta 1", "# Asta 3"}; !slices.Equal(kept, want) {
		t.Errorf("kept are %q instead of %q", kept, want)
	}
}

// A draft that cannot be published at its time, as something else was published
// meanwhile, is open again; what its author weighed counts when it can.
func TestAScheduledDraftIsWeighedAndNotTriedForEver(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	chief := h.learner("Reviewer Kask")
	site.want(200, "PUT", path("/organisations/%s/members/%s", site.organisation("Authority", "").ID, chief.id()), m{"roles": []string{"learner"}})
	draft := path("/courses/first-contact/draft")
	ready := func() {
		site.want(200, "PUT", draft, m{})
		var keys struct{ Text string }
		site.want(200, "GET", draft+"/file?path=questions.yaml", nil).decode(t, &keys)
		site.write("first-contact", "questions.yaml", strings.Replace(keys.Text, "key: 15", "key: 16", 1)) // major, if nobody says otherwise
		site.want(200, "PUT", draft+"/review", m{"state": "review"})
		x, err := h.Drafts.Get(t.Context(), "first-contact")
		if err == nil {
			_, err = h.Drafts.Approve(t.Context(), x, chief.id())
		}
		if err != nil {
			t.Fatal(err)
		}
		var all struct{ Changes []struct{ Unit string } }
		site.want(200, "GET", draft, nil).decode(t, &all)
		minor := []string{}
		for _, c := range all.Changes {
			minor = append(minor, c.Unit)
		}
		site.want(200, "PUT", draft+"/schedule", m{"publish_at": h.clock.now().Add(time.Hour), "minor": minor})
		h.clock.advance(2 * time.Hour)
	}
	ready()
	h.republish(t, edited(t, "", newStem))
	if err := h.Drafts.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := site.draft("first-contact"); d.State != "open" {
		t.Fatalf("the draft is %+v", d)
	}
	site.want(204, "DELETE", draft, nil)
	ready()
	if err := h.Drafts.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := h.Library.Versions(t.Context(), "first-contact", "", 0)
	if err != nil || list.Items[0].Version != 3 || len(list.Items[0].Changes) == 0 {
		t.Fatalf("%+v %v", list.Items, err)
	}
	for _, c := range list.Items[0].Changes {
		if c.Weight != course.Minor {
			t.Errorf("%s was weighed minor and is %s", c.Unit, c.Weight)
		}
	}
}

// A reviewer suggests what a line should say; whoever writes takes it over by one
// press, also where the line has moved; where it says something else by now, nobody's
// words are lost.
func TestASuggestionIsTakenOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		asta, bo, other := h.trainers()
		asta.want(200, "PUT", path("/courses/words/draft"), m{"title": "First words", "languages": []string{"en"}})
		const file = "en/m1-page.md"
		asta.write("words", file, "# First words\n\nTalk fast.\n\nSit down.\n")
		suggest := func(line int, text string) string {
			id := uuid.NewString()
			bo.want(204, "PUT", path("/courses/words/draft/comments/%s", id), m{"path": file, "line": line, "suggests": text})
			return id
		}
		first, second := suggest(3, "Talk slowly."), suggest(5, "Sit down first.")
		bo.refuse("suggestion-line", "PUT", path("/courses/words/draft/comments/%s", uuid.NewString()), m{"path": file, "line": 70, "suggests": "No such line."})
		bo.refuse("comment-text", "PUT", path("/courses/words/draft/comments/%s", uuid.NewString()), m{"path": file, "line": 3, "suggests": ""})
		asta.write("words", file, "# First words\n\nGreet her.\n\nTalk fast.\n\nSit on the floor.\n")
		accept := func(id string) string { return path("/courses/words/draft/comments/%s/acceptance", id) }
		other.refuse("not-found", "PUT", accept(first), nil)
		b := h.browserOf(asta)
		_, _, page := b.get("/trainer/words/draft/edit?path=" + file)
		if !strings.Contains(string(page), "<ins dir=\"auto\">Talk slowly.</ins>") {
			t.Errorf("the suggestion is not shown:\n%s", page)
		}
		if status, _, page := b.post("/trainer/words/draft/comments", url.Values{"csrf": {b.csrf()}, "path": {file}, "comment": {first}, "accept": {"1"}}); status != 303 {
			t.Fatalf("%d %s", status, page)
		}
		asta.want(204, "PUT", accept(first), nil)
		asta.refuse("suggestion-gone", "PUT", accept(second), nil)
		var f struct{ Text string }
		asta.want(200, "GET", path("/courses/words/draft/file?path=%s", file), nil).decode(t, &f)
		if f.Text != "# First words\n\nGreet her.\n\nTalk slowly.\n\nSit on the floor.\n" {
			t.Errorf("%q", f.Text)
		}
	})
}
