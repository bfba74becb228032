package server_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"havn/internal/live"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// opens lets somebody open a room that is asked these questions, and tells its code.
func (b *browser) opens(questions ...string) string {
	b.h.t.Helper()
	status, to, page := b.post("/trainer/first-contact/live", url.Values{"csrf": {b.csrf()}, "question": questions})
	if status != 303 || !strings.HasPrefix(to, "/live/") {
		b.h.t.Fatalf("%d %s %s", status, to, page)
	}
	return strings.TrimSuffix(strings.TrimPrefix(to, "/live/"), "/board")
}

func (b *browser) step(code, at, step string) {
	b.h.t.Helper()
	if status, _, page := b.post("/live/"+code+"/board", url.Values{"csrf": {b.csrf()}, "at": {at}, "step": {step}}); status != 303 {
		b.h.t.Fatalf("%d %s", status, page)
	}
}

// seats are people in the room, each with a phone.
func (h *havn) seats(code string, n int) []*browser {
	h.t.Helper()
	list := make([]*browser, n)
	for i := range list {
		list[i] = h.stranger()
		if status, _, _ := list[i].get("/live/" + code); status != 200 {
			h.t.Fatalf("%d", status)
		}
	}
	return list
}

func (b *browser) gives(code, question string, choices ...string) int {
	b.h.t.Helper()
	status, _, _ := b.post("/live/"+code, url.Values{"question": {question}, "choices": choices})
	return status
}

var share = regexp.MustCompile(`(\d+) % · (\d+)</bdi>`)

// A trainer asks a room, which answers without signing in. The wall shows how many
// chose what, and only then; nobody is counted twice, and nothing stays.
func TestARoomIsAsked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := start(t, e, everyType(t, ""))
		wall := h.browser(adminEmail)
		code := wall.opens("q-true", "q-signs")
		room := h.seats(code, 6)
		for i, seat := range room {
			if status := seat.gives(code, "q-true", map[bool]string{true: "true", false: "false"}[i < 4]); status != 303 {
				t.Fatalf("%d", status)
			}
		}
		room[0].gives(code, "q-true", "false") // thinks better of it
		room[0].gives(code, "q-true", "true")
		if status := room[0].gives(code, "q-true", "perhaps"); status != 422 {
			t.Errorf("%d", status)
		}
		if status := room[0].gives(code, "q-signs"); status != 409 {
			t.Errorf("a question that is not asked yet is answered: %d", status)
		}
		if _, _, now := wall.get("/live/" + code + "/now"); !strings.Contains(string(now), "6 answers") {
			t.Errorf("the wall is told %s", now)
		}
		if _, _, now := room[0].get("/live/" + code + "/now"); strings.Contains(string(now), "answers") {
			t.Errorf("a phone is told %s", now)
		}
		_, _, board := wall.get("/live/" + code + "/board")
		if share.Match(board) || !strings.Contains(string(board), "6 answers") {
			t.Errorf("before they are shown:\n%s", board)
		}
		wall.step(code, "0", "show")
		_, _, board = wall.get("/live/" + code + "/board")
		if got := share.FindAllStringSubmatch(string(board), -1); len(got) != 2 || got[0][1] != "67" || got[0][2] != "4" || got[1][1] != "33" || got[1][2] != "2" {
			t.Errorf("%v\n%s", got, board)
		}
		if status := room[5].gives(code, "q-true", "true"); status != 409 {
			t.Errorf("an answer came after they were shown: %d", status)
		}
		wall.step(code, "0", "next")
		wall.step(code, "0", "next") // sent twice, taken once
		for _, seat := range room[:4] {
			seat.gives(code, "q-signs", "a", "c")
		}
		wall.step(code, "1", "show")
		if _, _, board = wall.get("/live/" + code + "/board"); share.Match(board) || !strings.Contains(string(board), "From 5 answers on") {
			t.Errorf("four answers are shown:\n%s", board)
		}
		if status, _, _ := h.browserOf(h.learner("Mari Tamm")).get("/live/" + code + "/board"); status != 403 {
			t.Errorf("a learner sees the wall: %d", status)
		}
		wall.step(code, "", "end")
		if status, _, _ := room[0].get("/live/" + code); status != 404 {
			t.Errorf("the room is still open: %d", status)
		}
		again := wall.opens("q-true")
		h.seats(again, 1)[0].gives(again, "q-true", "true")
		h.clock.advance(live.Open)
		if status, _, _ := room[0].get("/live/" + again); status != 404 {
			t.Errorf("the room is open for ever: %d", status)
		}
		if err := h.Live.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rooms, err := h.Live.Of(t.Context(), h.admin().id()); err != nil || len(rooms) > 0 {
			t.Errorf("%v %v", rooms, err)
		}
	})
}

// What a quiz keeps back from those who have not passed, a room is not told.
func TestARoomIsNotToldWhatAQuizKeepsBack(t *testing.T) {
	t.Parallel()
	for policy, told := range map[string]bool{"after-attempt": true, "after-pass": false, "never": false} {
		h := start(t, storetest.SQLite().New(t).Open(t), everyType(t, "feedback: "+policy))
		wall := h.browser(adminEmail)
		code := wall.opens("q-true")
		for _, seat := range h.seats(code, live.Fewest) {
			seat.gives(code, "q-true", "true")
		}
		wall.step(code, "0", "show")
		_, _, board := wall.get("/live/" + code + "/board")
		if is := strings.Contains(string(board), `class="right"`); is != told || !share.Match(board) {
			t.Errorf("%s: the key is told: %v\n%s", policy, is, board)
		}
	}
}

// The phone and the wall follow the room by themselves, each in its own language.
func TestPhonesFollowTheRoom(t *testing.T) {
	t.Parallel()
	h := start(t, storetest.SQLite().New(t).Open(t), everyType(t, ""))
	trainer := h.browser(adminEmail)
	code := trainer.opens("q-true", "q-signs")
	phone := openChrome(t, h, 320, 640, false)
	phone.open("/live?lang=ar")
	phone.js(`document.querySelector("input[name=code]").value = "`+strings.ToLower(code)+`"`, nil)
	phone.click("main form button")
	phone.js(`document.querySelector(".option input").click()`, nil)
	phone.click("main form button")
	phone.until("the answer has arrived", `document.querySelector(".notice.good") !== null`)
	trainer.step(code, "0", "show")
	phone.until("the phone says that the answers are shown", `document.querySelector("fieldset").disabled`)
	trainer.step(code, "0", "next")
	phone.until("the phone shows the next question", `document.querySelector("input[type=checkbox]") !== null && !document.querySelector("fieldset").disabled`)
	trainer.step(code, "", "end")
	phone.until("the phone says that the room has ended", `document.querySelector("[data-room]") === null`)
	h.clock.advance(time.Second)
}
