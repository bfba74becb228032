package server_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/google/uuid"

	"havn/courses"
	"havn/internal/assessment"
	"havn/internal/authoring"
	"havn/internal/course"
	"havn/internal/learning"
	"havn/internal/live"
	"havn/internal/machine"
	"havn/internal/server"
	"havn/internal/store/storetest"
)

// view is a page in one of its states, as somebody sees it.
type view struct {
	name, path, token string
	h                 *havn
	more              bool // there is another of the same kind
	// post are the fields of a form that is sent to post[""], from the page at
	// path; a field whose name begins with "@" is a file.
	post map[string]string
	// act brings the page into its state.
	act func(c *chrome)
}

// errorsMeant are the pages that are there to show an error.
var errorsMeant = map[string]string{"nowhere": "404", "forbidden": "403", "cross-site": "403", "certificate-none": "404", "set-up-gone": "422", "bare-sign-up": "403", "trouble": "500"}

// see opens a view in a language.
func (c *chrome) see(v view, lang string) {
	c.t.Helper()
	c.h = v.h
	c.do(network.ClearBrowserCookies(), network.SetCookie("havn_lang", lang).WithURL(v.h.URL))
	if v.token != "" {
		c.do(network.SetCookie("havn", v.token).WithURL(v.h.URL))
	}
	c.open(v.path)
	if v.post != nil {
		c.post(v.post)
	}
	if v.act != nil {
		v.act(c)
	}
	// A page in whose place an error stands looks well, too.
	var status string
	c.js(`document.querySelector("main .wrap > p.small:first-child + h1 + p.lead") ? document.querySelector("main .wrap > p.small").textContent : ""`, &status)
	if want := errorsMeant[v.name]; len(status) == 3 && status != want {
		c.t.Errorf("%s is an error page: %s", v.name, c.text("main"))
	}
}

// post sends a form from the page that is open, with the page's own token.
func (c *chrome) post(fields map[string]string) {
	c.t.Helper()
	text, err := json.Marshal(fields)
	if err != nil {
		c.t.Fatal(err)
	}
	c.js(`(fields => {
		document.documentElement.dataset.old = "yes";
		const form = document.createElement("form"), csrf = document.querySelector("meta[name=csrf]");
		form.method = "post";
		form.action = fields[""];
		const add = (name, value) => { const e = document.createElement("input"); e.name = name; e.value = value; form.append(e); };
		if (csrf) add("csrf", csrf.content);
		for (const [name, value] of Object.entries(fields)) {
			if (name[0] === "@") {
				form.enctype = "multipart/form-data";
				const e = document.createElement("input"), files = new DataTransfer();
				e.type = "file";
				e.name = name.slice(1);
				files.items.add(new File([value], "list.csv"));
				e.files = files.files;
				form.append(e);
			} else if (name) add(name, value);
		}
		document.body.append(form);
		form.submit();
	})(`+string(text)+`)`, nil)
	c.turn()
}

// paleDoor is a picture whose text contrasts too little.
const paleDoor = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50"><rect width="100" height="50" fill="#fff"/><text x="9" y="30" fill="#999">Door</text></svg>`

// tangled is the sample's questions with a story that goes round, ends nowhere and
// has a step that nothing leads to.
func tangled(t *testing.T, c *client) string {
	t.Helper()
	var f struct{ Text string }
	c.want(200, "GET", path("/courses/first-contact/draft/file?path=questions.yaml"), nil).decode(t, &f)
	after := strings.NewReplacer("b: e-late}", "b: n1}", "e-bad:  {end: harmful}", "e-bad:  {}").Replace(f.Text)
	if strings.Count(after, "e-late") != 1 || !strings.Contains(after, "e-bad:  {}") {
		t.Fatal("the sample's story is another")
	}
	return after
}

// both are the real course and the sample, which has each type of question; its
// quiz explains each answer at once, asks how sure one is and has a time limit.
func both(t *testing.T) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	for _, from := range []fs.FS{courses.FS, everyType(t, "feedback: after-answer\ntime_limit_minutes: 600\ncool_down_minutes: 30")} {
		if err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(from, name)
			all[name] = &fstest.MapFile{Data: text}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// everyType is the sample with all its questions in one quiz, one of which asks
// how sure one is.
func everyType(t testing.TB, rules string) fstest.MapFS {
	t.Helper()
	fsys, ok := sample(t, map[string]string{"course.yaml": courseYAML(rules)}).(fstest.MapFS)
	if !ok {
		t.Fatal("the sample is no map")
	}
	const file = "first-contact/questions.yaml"
	before := string(fsys[file].Data)
	after := strings.Replace(before, "key: false, tags: [m1]", "key: false, confidence: true, tags: [m1]", 1)
	if after == before {
		t.Fatal("no question asks how sure one is")
	}
	fsys[file] = &fstest.MapFile{Data: []byte(after)}
	return fsys
}

// everyPage makes two servers, one of them new and empty, people in every state,
// and lists every page as they see it; HAVN_TEST_PAGES takes those only whose names
// begin with it.
func everyPage(t *testing.T) []view {
	t.Helper()
	broken := &cutOff{Engine: storetest.SQLite().New(t).Open(t)}
	h := start(t, broken, both(t))
	p, _ := h.Library.Current(realCourse)
	first, second := p.Course.Modules[0], p.Course.Modules[1]
	enrolment, here := "/api/v1/enrolments/"+realCourse, "/courses/"+realCourse

	mari := h.learner("Mari Tamm") // has not passed, and is in the middle of the next attempt
	mari.want(201, "PUT", enrolment, nil)
	failed, open := mari.take(first.Quiz.ID, false, false), mari.take(second.Quiz.ID, false, true)
	oksana := h.learner("Oksana Koval") // has completed
	oksana.want(201, "PUT", enrolment, nil)
	for _, m := range p.Course.Modules {
		for _, page := range m.Pages {
			oksana.want(204, "PUT", enrolment+"/pages/"+page, nil)
		}
		for range 8 {
			oksana.take(m.Quiz.ID, true, false)
		}
	}
	var done struct{ Certificate string }
	oksana.want(200, "GET", enrolment, nil).decode(t, &done)
	if done.Certificate == "" {
		t.Fatal("Oksana has no certificate")
	}
	h.clock.advance(24 * time.Hour)

	site := h.admin()
	authority := site.organisation("Piirivalve ja väga pika nimega amet", "")
	unit := site.organisation("Harbour unit", authority.ID)
	h.anonymous().want(201, "POST", "/api/v1/accounts", m{"email": "jonas.petraitis.with.a.long.address@example.org", "password": password, "name": "Jonas Petraitis", "invitation": site.invite(unit, 1, "trainer", "learner")})
	code, used := site.invite(unit, 20), site.invite(unit, 1)
	kaja, revoked := h.certified("Kaja Kask", used)
	site.want(204, "PUT", path("/certificates/%s/revocation", revoked), nil)
	h.reminded(kaja)
	recorded := h.newcomer("Liis Kuusk", site.invite(unit, 1)) // was trained elsewhere
	site.bring(unit, uuid.NewString(), true, recorded.id()+","+realCourse+",2026-03-02,,A-17,Coast School")
	site.want(200, "PUT", path("/organisations/%s/hooks/%s", unit.ID, uuid.NewString()), m{"url": "https://localhost:9/a-rather-long/path-of-a-personnel-system?with=parameters"})
	h.tell()
	past := "/organisations/" + unit.ID + "/history"
	secured := h.learner("Dana Berg")
	secured.factor()
	half := h.signIn("dana.berg@example.org")
	secured.want(201, "POST", "/api/v1/me/tokens", m{"name": "Reports", "scopes": []string{"learning"}, "password": password})
	fresh := h.learner("Nour Haddad") // has done nothing yet
	mari.want(204, "PUT", path("/reports/%s", uuid.NewString()), m{"course": realCourse, "place": "page:m1-rights", "kind": "fact", "text": "Article 3 says otherwise."})
	h.anonymous().want(202, "POST", "/api/v1/sign-in-links", m{"email": "mari.tamm@example.org"})

	asks := slices.DeleteFunc(slices.Clone(p.QuestionOrder()), func(id string) bool { return !live.Askable(p.Questions[id]) })
	room, err := h.Live.Begin(t.Context(), site.id(), realCourse, "", asks)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := h.Live.Begin(t.Context(), site.id(), realCourse, "", asks)
	for i := 0; err == nil && i < 9; i++ {
		err = h.Live.Give(t.Context(), shown, fmt.Sprint(i), asks[0], assessment.OptionOrder(p.Questions[asks[0]], &course.Quiz{}, 0)[i%2:i%2+1])
	}
	if err == nil {
		shown, err = h.Live.Take(t.Context(), shown, 0, live.Show)
	}
	if err != nil {
		t.Fatal(err)
	}
	drafted := path("/courses/%s/draft", realCourse)
	site.want(200, "PUT", drafted, m{})
	site.want(204, "PUT", drafted+"/comments/"+uuid.NewString(), m{"path": "en/m1-words.md", "line": 3, "text": "Who says so?"})
	site.write(realCourse, "sv/m1-words.md", "Utan rubrik.\n")
	site.write(realCourse, "media/door.svg", paleDoor)
	editing := "/trainer/" + realCourse + "/draft"
	sampled := path("/courses/first-contact/draft")
	site.want(200, "PUT", sampled, m{})
	site.translate("first-contact", "ar", "course.title", "أول لقاء")
	site.translate("first-contact", "ar", "page:m1-rights#1", "# حقوق لا وضع قانوني")
	site.translate("first-contact", "ar", "page:m1-rights#2", "الطفل طفل.[^fact:palermo-3c] انظر [الصفحة التالية](m1-status).")
	var rights struct{ Text string }
	site.want(200, "GET", sampled+"/file?path=en/m1-rights.md", nil).decode(t, &rights)
	site.write("first-contact", "en/m1-rights.md", strings.Replace(rights.Text, "A child is a child.", "Every child is a child first.", 1))
	summary := site.unit("first-contact", "ar", "course.summary")
	if d, err := h.Drafts.Get(t.Context(), "first-contact"); err != nil {
		t.Fatal(err)
	} else if _, err := h.Drafts.SaveUnit(t.Context(), d, "ar", authoring.UnitEdit{Unit: summary.ID, Hash: summary.Hash, Seen: summary.Seen, Text: "ما تفعله في الدقائق الأولى."}, "a-colleague"); err != nil {
		t.Fatal(err)
	}
	service, err := machine.New("http://127.0.0.1:1", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	h.Drafts.Machine = service
	stale, untitled := site.unit("first-contact", "ar", "page:m1-rights#2"), site.unit("first-contact", "ar", "page:m1-status#1")
	bench := "/trainer/first-contact/draft/translate"
	reusing := "/trainer/our-words/draft"
	site.want(200, "PUT", path("/courses/our-words/draft"), m{"title": "Our words", "languages": []string{"en", "ar"}})
	if d, err := h.Drafts.Get(t.Context(), "our-words"); err != nil {
		t.Fatal(err)
	} else {
		for _, what := range []authoring.Reused{{Course: "first-contact", Page: "m1-status"}, {Course: "first-contact", ID: "q-days"}} {
			if err := h.Drafts.Reuse(t.Context(), d, what, "m1", site.id()); err != nil {
				t.Fatal(err)
			}
		}
	}
	stories := start(t, storetest.SQLite().New(t).Open(t), everyType(t, ""))
	author, tangle := stories.admin(), "/trainer/first-contact/draft"
	author.want(200, "PUT", path("/courses/%s/draft", "first-contact"), m{})
	author.write("first-contact", "questions.yaml", tangled(t, author))
	views := []view{
		{name: "draft-broken", path: tangle, token: author.token, h: stories}, {name: "draft-about", path: editing + "/about", token: site.token}, {name: "draft-module", path: editing + "/module?id=m1", token: site.token},
		{name: "draft-facts", path: editing + "/facts", token: site.token}, {name: "draft-fact", path: editing + "/fact?id=crc-1", token: site.token}, {name: "draft-fact-new", path: editing + "/fact", token: site.token}, {name: "draft-fact-place", path: editing + "/fact?id=crc-1&country=EE", token: site.token},
		{name: "draft-place", path: editing + "/place?country=EE", token: site.token}, {name: "draft-media", path: editing + "/media", token: site.token}, {name: "reuse-none", path: editing + "/reuse", token: site.token}, {name: "reuse", path: reusing + "/reuse?from=first-contact", token: site.token}, {name: "reuse-draft", path: reusing, token: site.token}, {name: "reuse-module", path: reusing + "/module?id=m1", token: site.token},
		{name: "draft-question-story", path: editing + "/question?id=m1-s-desk", token: site.token}, {name: "draft-question-tangled", path: tangle + "/question?id=s-desk", token: author.token, h: stories},
		{name: "draft-question-conflict", path: editing + "/question?id=m1-q-private", token: site.token, post: map[string]string{"": editing + "/question", "id": "m1-q-private", "type": "true-false", "stem": "Mine", "stamp": "old", "points": "1", "o.id.0": "true", "o.id.1": "false", "right": "0"}},
		{name: "draft", path: editing, token: site.token}, {name: "draft-forms", path: editing, token: site.token, act: func(c *chrome) { c.js(`for (const d of document.querySelectorAll("details.card")) d.open = true`, nil) }}, {name: "edit", path: editing + "/edit?path=en/m1-words.md", token: site.token}, {name: "edit-wrong", path: editing + "/edit?path=sv/m1-words.md", token: site.token},
		{name: "preview", path: editing + "/preview?path=en/m1-words.md", token: site.token}, {name: "preview-none", path: editing + "/preview?path=en/questions.yaml", token: site.token},
		{name: "edit-conflict", path: editing + "/edit?path=en/m1-words.md", token: site.token, post: map[string]string{"": editing + "/edit", "path": "en/m1-words.md", "rev": "77", "text": "# Mine"}},
		{name: "translate", path: bench + "/ar", token: site.token}, {name: "translate-files", path: bench + "/uk?part=questions", token: site.token, act: func(c *chrome) { c.js(`for (const d of document.querySelectorAll("details")) d.open = true`, nil) }}, {name: "translate-none", path: bench + "/et?state=expert-reviewed", token: site.token},
		{name: "translate-wrong", path: bench + "/ar", token: site.token, post: map[string]string{"": bench + "/ar", "unit": "page:m1-status#1", "hash": untitled.Hash, "seen": untitled.Seen, "text": "بلا عنوان"}},
		{name: "translate-conflict", path: bench + "/ar", token: site.token, post: map[string]string{"": bench + "/ar", "unit": "page:m1-rights#2", "hash": stale.Hash, "seen": "0", "text": "نص آخر"}},
		{name: "translate-report", path: bench + "/ar", token: site.token, post: map[string]string{"": bench + "/ar/file", "format": "po", "@file": "msgid \"\"\nmsgstr \"Language: ar\\n\"\n\nmsgctxt \"course.title\"\nmsgid \"Another\"\nmsgstr \"آخر\"\n"}},
		{name: "translations", path: "/translations/" + realCourse}, {name: "start-stranger", path: "/"}, {name: "start", path: "/", token: mari.token}, {name: "start-fresh", path: "/", token: fresh.token}, {name: "course-stranger", path: here}, {name: "course", path: here, token: mari.token}, {name: "course-done", path: here, token: oksana.token},
		{name: "quiz", path: here + "/quiz/" + first.Quiz.ID, token: mari.token}, {name: "quiz-stranger", path: here + "/quiz/" + first.Quiz.ID}, {name: "check", path: "/attempts/" + open + "/check", token: mari.token},
		{name: "result", path: "/attempts/" + failed + "/result", token: mari.token}, {name: "account", path: "/account", token: mari.token},
		{name: "certificate", path: "/certificates/" + done.Certificate}, {name: "certificate-own", path: "/certificates/" + done.Certificate, token: oksana.token}, {name: "certificate-kept", path: "/certificates/" + done.Certificate + "?kept=1", token: oksana.token},
		{name: "certificate-revoked", path: "/certificates/" + revoked, token: kaja.token}, {name: "certificate-form", path: "/certificates"}, {name: "certificate-none", path: "/certificates/NONE"},
		{name: "sign-in", path: "/sign-in"}, {name: "sign-in-wrong", path: "/sign-in", post: map[string]string{"": "/sign-in", "email": "mari.tamm@example.org", "password": "not this one"}},
		{name: "link-sent", path: "/sign-in", post: map[string]string{"": "/sign-in/link", "email": "nobody@example.org"}}, {name: "link", path: "/link/abc"}, {name: "link-gone", path: "/link/abc", post: map[string]string{"": "/link/abc"}},
		{name: "confirm", path: "/confirm/abc", token: mari.token}, {name: "confirm-gone", path: "/confirm/abc", token: mari.token, post: map[string]string{"": "/confirm/abc"}},
		{name: "second-factor", path: "/sign-in/second", token: half.token}, {name: "second-factor-wrong", path: "/sign-in/second", token: half.token, post: map[string]string{"": "/sign-in/second", "code": "000000"}},
		{name: "come-back", path: "/sign-in/code"}, {name: "come-back-wrong", path: "/sign-in/code", post: map[string]string{"": "/sign-in/code", "code": "AAAA-BBBB"}},
		{name: "pseudonym", path: "/sign-up", post: map[string]string{"": "/sign-up/pseudonym", "age": "adult"}},
		{name: "sign-up", path: "/sign-up"}, {name: "sign-up-short", path: "/sign-up", post: map[string]string{"": "/sign-up", "age": "adult", "name": "Mari", "email": "m@example.org", "password": "short"}}, {name: "sign-up-child", path: "/sign-up", post: map[string]string{"": "/sign-up", "age": "child", "name": "Mari", "email": "m@example.org", "password": password}}, {name: "sign-up-invited", path: "/sign-up?code=" + code},
		{name: "help", path: "/help"}, {name: "nowhere", path: "/nowhere"}, {name: "forbidden", path: "/admin/completions", token: mari.token}, {name: "cross-site", path: "/account", token: mari.token, post: map[string]string{"": "/account/password", "csrf": "none"}},
		{name: "completions", path: "/admin/completions?course=" + realCourse, token: site.token}, {name: "completions-none", path: "/admin/completions?course=none", token: site.token}, {name: "trainer", path: "/trainer", token: site.token}, {name: "quality-few", path: "/trainer/" + realCourse + "/quality", token: site.token},
		{name: "figures-none", path: "/admin/figures?course=none", token: site.token}, {name: "figures-few", path: "/admin/figures", token: site.token},
		{name: "organisations", path: "/organisations", token: site.token}, {name: "organisation", path: "/organisations/" + authority.ID, token: site.token}, {name: "organisation-invited", path: "/organisations/" + authority.ID, token: site.token, post: map[string]string{"": "/organisations/" + authority.ID + "/invitations", "role": "learner", "uses": "3"}},
		{name: "reminders", path: "/organisations/" + authority.ID + "/reminders?language=ar", token: site.token}, {name: "reminders-sent", path: "/organisations/" + unit.ID + "/reminders", token: site.token},
		{name: "history", path: past, token: site.token}, {name: "history-wrong", path: past, token: site.token, post: map[string]string{"": past, "@file": "name\nMari\n"}}, {name: "history-learner", path: "/learning", token: recorded.token}, {name: "history-list", path: "/admin/completions?status=recorded", token: site.token},
		{name: "history-plan", path: past, token: site.token, post: map[string]string{"": past, "@file": "person,course,completed on\nliis.kuusk@example.org," + realCourse + ",2024-03-02\nkaja.kask@example.org," + realCourse + ",2031-03-02\nnobody@example.org," + realCourse + ",2024-03-02\nliis.kuusk@example.org,sailing,2024-03-02\n"}},
		{name: "hooks", path: "/organisations/" + authority.ID + "/hooks", token: site.token}, {name: "hooks-wrong", path: "/organisations/" + authority.ID + "/hooks", token: site.token, post: map[string]string{"": "/organisations/" + authority.ID + "/hooks", "url": "https://10.0.0.1", "hook": uuid.NewString()}},
		{name: "hooks-made", path: "/organisations/" + unit.ID + "/hooks", token: site.token, post: map[string]string{"": "/organisations/" + unit.ID + "/hooks", "url": "https://hr.example.org", "hook": uuid.NewString()}},
		{name: "account-calendar", path: "/account", token: mari.token, post: map[string]string{"": "/account/calendar"}},
		{name: "organisation-refused", path: "/organisations/" + authority.ID, token: site.token, post: map[string]string{"": "/organisations/" + authority.ID, "name": "", "country": "EE"}},
		{name: "join", path: "/join?code=" + code, token: mari.token}, {name: "join-stranger", path: "/join?code=" + code}, {name: "join-form", path: "/join"}, {name: "join-used", path: "/join?code=" + used, token: mari.token},
		{name: "privacy", path: "/privacy"}, {name: "record", path: "/privacy/record"}, {name: "audit", path: "/admin/audit", token: site.token}, {name: "retention", path: "/admin/retention", token: site.token},
		{name: "verify", path: "/verify"}, {name: "verify-no", path: "/verify", post: map[string]string{"": "/verify", "text": "nothing of ours"}}, {name: "verify-yes", path: "/verify", post: map[string]string{"": "/verify", "text": string(h.anonymous().accepting("application/json", path("/certificates/%s/credential", done.Certificate)).body)}},
		{name: "roster", path: "/organisations/" + authority.ID + "/list", token: site.token}, {name: "roster-wrong", path: "/organisations/" + authority.ID + "/list", token: site.token, post: map[string]string{"": "/organisations/" + authority.ID + "/list", "@file": ""}},
		{name: "roster-plan", path: "/organisations/" + authority.ID + "/list", token: site.token, post: map[string]string{"": "/organisations/" + authority.ID + "/list", "@file": "e-mail,name\nmari.tamm@example.org,Mari Tamm\nnew@example.org,Nele New\nnobody,Nobody\n"}},
		{name: "live-code", path: "/live"}, {name: "live-choose", path: "/trainer/" + realCourse + "/live", token: site.token}, {name: "slides", path: "/trainer/" + realCourse + "/slides", token: site.token}, {name: "slides-paper", path: "/trainer/" + realCourse + "/slides?notes=paper", token: site.token}, {name: "live-phone", path: "/live/" + room.ID}, {name: "live-wall", path: "/live/" + room.ID + "/board", token: site.token}, {name: "live-shown", path: "/live/" + shown.ID + "/board", token: site.token}, {name: "live-phone-shown", path: "/live/" + shown.ID}, {name: "merge", path: "/account/merge", token: mari.token}, {name: "merge-wrong", path: "/account/merge", token: mari.token, post: map[string]string{"": "/account/merge/other", "secret": "not a code"}}, {name: "security", path: "/account/security", token: mari.token}, {name: "security-on", path: "/account/security", token: secured.token}, {name: "security-wrong", path: "/account/security", token: mari.token, post: map[string]string{"": "/account/second-factor", "password": "not this one"}},
		{name: "security-proposed", path: "/account/security", token: fresh.token, post: map[string]string{"": "/account/second-factor", "password": password}}, {name: "security-token", path: "/account/security", token: fresh.token, post: map[string]string{"": "/account/tokens", "name": "Reports", "scope": "learning", "read_only": "1", "password": password}},
		{name: "password-wrong", path: "/account", token: mari.token, post: map[string]string{"": "/account/password", "current": "not this one", "password": password}}, {name: "erasure-wrong", path: "/account", token: mari.token, post: map[string]string{"": "/account/erasure", "password": "not this one"}},
		{name: "country", path: "/country", token: mari.token}, {name: "report", path: "/report?course=" + realCourse + "&place=page:m1-rights", token: mari.token}, {name: "report-empty", path: "/report?course=" + realCourse + "&place=page:m1-rights", token: mari.token, post: map[string]string{"": "/report", "course": realCourse, "place": "page:m1-rights", "report": uuid.NewString(), "kind": "fact", "text": ""}}, {name: "reports", path: "/trainer/reports", token: site.token},
		{name: "answers-file", path: "/answers/file", token: mari.token}, {name: "answers-file-wrong", path: "/answers/file", token: mari.token, post: map[string]string{"": "/answers/file", "@file": "no file of ours"}},
		{name: "offline", path: "/offline", token: mari.token}, {name: "offline-stranger", path: "/offline"}, {name: "api", path: "/api/v1/docs"},
		{name: "learning", path: "/learning", token: mari.token}, {name: "learning-done", path: "/learning", token: oksana.token}, {name: "learning-none", path: "/learning", token: fresh.token},
		{name: "practice", path: "/practice", token: mari.token}, {name: "practice-none", path: "/practice", token: fresh.token},
		{name: "beside", path: here + "/m1-words?source=beside", token: mari.token}, {name: "hard-page", path: here + "/m2-forms?read=1", token: mari.token}, {name: "lesson-stranger", path: here + "/" + first.Pages[0]}, {name: "not-enrolled", path: here + "/" + first.Pages[0], token: fresh.token},
		{name: "break", path: "/break?back=" + here + "/m1-words", token: mari.token},
		{name: "languages", path: here, token: mari.token, act: func(c *chrome) {
			c.js(`document.querySelector(".languages").open = true; document.querySelector(".menu").hidden = true`, nil) // what the list lies over is no target then
		}},
		{name: "panel", path: here + "/m1-words", token: mari.token, act: func(c *chrome) { c.js(`document.querySelector(".panel").open = true`, nil) }},
		{name: "word", path: here + "/m1-where", token: mari.token, act: func(c *chrome) {
			c.js(`document.querySelector("a.term").click()`, nil)
			c.until("shown", `document.querySelector("#word:popover-open") !== null`)
		}},
	}
	for _, m := range p.Course.Modules {
		for _, id := range m.Pages {
			views = append(views, view{name: "lesson-" + id, more: id != first.Pages[0] && p.Editions["en"].Pages[id].Note == "", path: here + "/" + id, token: mari.token})
		}
	}
	var running learning.View
	mari.want(200, "GET", path("/attempts/%s", open), nil).decode(t, &running)
	for n := range running.Questions {
		views = append(views, view{name: fmt.Sprintf("question-%02d", n+1), more: n > 0, path: fmt.Sprintf("/attempts/%s?q=%d", open, n+1), token: mari.token})
	}
	var cards struct{ Items []struct{ Question string } }
	mari.want(200, "GET", "/api/v1/practice", nil).decode(t, &cards)
	for n, card := range cards.Items {
		views = append(views, view{name: "exercise-" + card.Question, more: n > 0, path: "/practice/" + realCourse + "/" + card.Question, token: mari.token})
	}
	views = append(views, view{name: "practised", path: "/practice/" + realCourse + "/" + cards.Items[len(cards.Items)-1].Question, token: mari.token, act: (*chrome).tellAtOnce})

	// The sample: each type of question as it is asked and as it is explained.
	asked, told := h.enrolled("Asta Kask").start("m1-quiz"), h.enrolled("Liis Kask").start("m1-quiz")
	for _, q := range told.Questions {
		if r := key(h.publication().Questions[q.ID]); r != nil {
			if slices.Contains([]string{"q-true", "q-days", "q-first"}, q.ID) {
				*r = wrong(q.ID)
			}
			told.save(q.ID, *r)
		}
	}
	number := 0
	for _, q := range told.Questions {
		if q.Type == course.Vignette {
			continue
		}
		number++
		for name, a := range map[string]*attempt{"asked": asked, "told": told} {
			views = append(views, view{name: name + "-" + q.ID, path: fmt.Sprintf("/attempts/%s?q=%d", a.ID, number), token: a.c.token})
		}
		if q.Type == course.Ordering || q.Type == course.Numeric {
			field := map[course.Type]string{course.Ordering: "place.a", course.Numeric: "value"}[q.Type]
			views = append(views, view{name: "refused-" + q.ID, path: fmt.Sprintf("/attempts/%s?q=%d", asked.ID, number), token: asked.c.token,
				post: map[string]string{"": "/attempts/" + asked.ID + "/answers/" + q.ID, "q": fmt.Sprint(number), "type": string(q.Type), field: "x", "answer": "yes"}})
		}
	}
	views = append(views,
		view{name: "asked-waiting", path: "/attempts/" + open + "?q=1", token: mari.token, act: func(c *chrome) {
			c.cut(true)
			c.js(`[...document.querySelectorAll("#answer [name=value], #answer [name=choices]")].find(e => !e.checked).click()`, nil) // another language was here before
			c.until("waiting", `!document.getElementById("seal").hidden`)
			c.js(`document.getElementById("seal").open = true`, nil)
			c.cut(false)
		}},
		view{name: "break-timed", path: "/break?back=/attempts/" + asked.ID, token: asked.c.token})
	over := h.enrolled("Piret Kask").start("m1-quiz")
	over.submit()
	views = append(views, view{name: "result-nothing", path: "/attempts/" + over.ID + "/result", token: over.c.token},
		view{name: "quiz-cool-down", path: "/courses/first-contact/quiz/m1-quiz", token: over.c.token, post: map[string]string{"": "/courses/first-contact/quiz/m1-quiz/attempts", "attempt": uuid.NewString()}},
		view{name: "trouble", path: "/", token: fresh.token, act: func(c *chrome) {
			broken.set(true)
			c.post(map[string]string{"": "/courses/" + realCourse + "/enrolment"})
			broken.set(false)
		}})
	for n := range views {
		if views[n].h == nil {
			views[n].h = h
		}
	}

	engine := storetest.SQLite().New(t).Open(t)
	many := startWith(t, engine, both(t), func(c *server.Config) { c.PublicFigures = true })
	head := many.admin()
	north, south := head.organisation("Põhja piirkonna piirivalve ja rannikuvalve", ""), head.organisation("South", "")
	head.want(200, "PUT", path("/organisations/%s", north.ID), m{"name": "Põhja piirkonna piirivalve ja rannikuvalve", "country": "EE"})
	harbour, islands := head.organisation("Harbour", north.ID), head.organisation("Islands", north.ID)
	many.crowd(engine, harbour, "en", "police", 60, 170, 18)
	many.crowd(engine, islands, "uk", "guardian", 3, 0, 0)
	many.crowd(engine, south, "et", "health", 20, 30, 0)
	many.crowd(engine, south, "ar", "interpreter", 12, 25, 8)
	for range 6 { // few each week, told together
		many.clock.advance(7 * 24 * time.Hour)
		many.crowd(engine, harbour, "en", "police", 0, 2, 0)
	}
	many.clock.advance(36 * 24 * time.Hour)
	many.crowd(engine, harbour, "et", "guardian", 11, 90, 6)
	head = many.admin() // whose session has ended meanwhile
	day := func(n int) string { return many.clock.now().AddDate(0, 0, n).Format(time.DateOnly) }
	for name, query := range map[string]string{"figures": "", "figures-unit": "?course=first-contact&unit=" + north.ID, "figures-period": "?compare=1&from=" + day(-27) + "&to=" + day(0), "figures-language": "?by=language", "figures-wrong": "?from=2026-12-01&to=2026-11-01"} {
		views = append(views, view{name: name, path: "/admin/figures" + query, h: many, token: head.token})
	}

	views = append(views, view{name: "figures-public", path: "/figures", h: many})

	empty := startWith(t, storetest.SQLite().New(t).Open(t), fstest.MapFS{}, func(c *server.Config) { c.AdminEmail, c.AdminPassword = "", "" })
	setUp := strings.TrimPrefix(empty.SetUpLink, empty.URL)
	if setUp == "" {
		t.Fatal("a new server has no link to set it up")
	}
	bare := startWith(t, storetest.SQLite().New(t).Open(t), fstest.MapFS{"unfinished/course.yaml": &fstest.MapFile{Data: []byte("format: 1\nslug: other\n")}}, func(c *server.Config) { c.SignUp = false })
	owner := bare.admin()
	views = append(views, []view{
		{name: "set-up", path: setUp, h: empty}, {name: "set-up-short", path: setUp, h: empty, post: map[string]string{"": setUp, "name": "Mari", "email": "m@example.org", "password": "short"}}, {name: "set-up-gone", path: "/set-up/none", h: empty},
		{name: "bare-start", path: "/", h: bare}, {name: "bare-start-owner", path: "/", h: bare, token: owner.token}, {name: "bare-figures", path: "/admin/figures", h: bare, token: owner.token}, {name: "bare-completions", path: "/admin/completions", h: bare, token: owner.token}, {name: "bare-trainer", path: "/trainer", h: bare, token: owner.token},
		{name: "bare-reports", path: "/trainer/reports", h: bare, token: owner.token}, {name: "bare-organisations", path: "/organisations", h: bare, token: owner.token}, {name: "bare-sign-in", path: "/sign-in", h: bare}, {name: "bare-sign-up", path: "/sign-up", h: bare},
	}...)
	return slices.DeleteFunc(views, func(v view) bool { return !strings.HasPrefix(v.name, os.Getenv("HAVN_TEST_PAGES")) })
}

// tellAtOnce sends the form of an exercise with its first answer, whether it was
// sent before or not.
func (c *chrome) tellAtOnce() {
	c.t.Helper()
	c.js(`document.querySelectorAll("#answer [name=value], #answer [name=choices]").forEach((e, n) => n || (e.type === "text" ? e.value = "3" : e.click()))`, nil)
	// What is wanted is the page that follows; that a hand hits the button is tried elsewhere.
	c.js(`document.documentElement.dataset.old = "yes", document.querySelector(".actions button").click()`, nil)
	c.turn()
}
