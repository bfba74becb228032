package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"golang.org/x/tools/txtar"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/learning"
	"havn/internal/locale"
	"havn/internal/mail"
	"havn/internal/oidc/oidctest"
	"havn/internal/people"
	"havn/internal/server"
	"havn/internal/store"
	"havn/locales"
)

const adminEmail, password = "admin@example.org", "harbour light seven"

// clock is a time that the test decides.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// havn is a server under test, listening on the loopback.
type havn struct {
	*server.Server
	t     testing.TB
	URL   string
	clock *clock
	post  *post

	provider *oidctest.Server // nil where people cannot come by one

	store    store.Engine
	accounts int // made by session
}

// post is the mail server of a test: it keeps what arrives, or is down.
type post struct {
	mu      sync.Mutex
	down    bool
	letters []*mail.Message
}

func (p *post) send(_ context.Context, m *mail.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return errors.New("the mail server is down")
	}
	p.letters = append(p.letters, m)
	return nil
}

func (p *post) turn(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// to are the letters to an address so far.
func (p *post) to(address string) (list []*mail.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.letters {
		if m.To == address {
			list = append(list, m)
		}
	}
	return list
}

// letter waits for the n-th letter to an address and gives the last part of its
// link.
func (h *havn) letter(address string, n int) (m *mail.Message, secret string) {
	h.t.Helper()
	for range 200 {
		if list := h.post.to(address); len(list) >= n {
			m = list[n-1]
			if at := strings.Index(m.Text, h.URL+"/"); at >= 0 {
				line, _, _ := strings.Cut(m.Text[at:], "\n")
				secret = line[strings.LastIndex(line, "/")+1:]
			}
			return m, secret
		}
		time.Sleep(20 * time.Millisecond)
	}
	h.t.Fatalf("letter %d to %s does not come", n, address)
	return nil, ""
}

// sample is the course of the format's own page, with changes: path → content,
// "" removes a file.
func sample(t testing.TB, changes map[string]string) fs.FS {
	t.Helper()
	a, err := txtar.ParseFile("../course/testdata/format-sample.txtar")
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for _, f := range a.Files {
		fsys["first-contact/"+f.Name] = &fstest.MapFile{Data: f.Data}
	}
	for name, text := range changes {
		if text == "" {
			delete(fsys, "first-contact/"+name)
		} else {
			fsys["first-contact/"+name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return fsys
}

// courseYAML is the sample's course.yaml with the given lines of quiz rules and
// every question asked.
func courseYAML(rules string) string {
	return `format: 1
slug: first-contact
source: en
languages: [en, et, ar]
fallback: [en]
completion: {require: all, valid_months: 24}
modules:
  - id: m1
    pages: [m1-rights, m1-status]
    quiz:
      id: m1-quiz
      pass_mark: 80
` + indent(rules) + `
      items: [{question: q-true}, {question: q-first}, {question: q-steps}, {question: q-who}, {question: q-days}, {question: q-last}, {question: q-term}, {question: q-lines}, {question: s-desk}, {question: r-work}, {question: c-case}, {question: g-before}]
`
}

func indent(s string) string {
	return "      " + strings.ReplaceAll(s, "\n", "\n      ")
}

func start(t testing.TB, e store.Engine, courses fs.FS) *havn {
	t.Helper()
	return startWith(t, e, courses, func(*server.Config) {})
}

// words are read once for all servers.
func words(t testing.TB) *locale.Catalog {
	t.Helper()
	c, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var readWords = sync.OnceValues(func() (*locale.Catalog, error) { return locale.Load(locales.FS) })

// startWith starts a server with settings of its own. Several may share a store.
func startWith(t testing.TB, e store.Engine, courses fs.FS, set func(*server.Config)) *havn {
	t.Helper()
	c := &clock{t: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	config := server.Config{
		Store: e, Courses: courses, Words: words(t), BaseURL: url, SignUp: true, Version: "test",
		AdminEmail: adminEmail, AdminPassword: password, Now: c.now,
	}
	if _, measured := t.(*testing.B); !measured {
		config.CountWithin = time.Hour // figures are those of now, however slow the machine
	}
	mails := &post{}
	config.Mail = mails.send
	set(&config)
	s, err := server.New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	h := &havn{Server: s, t: t, URL: url, clock: c, post: mails, store: e}
	for range 100 {
		if r, err := http.Get(url + "/livez"); err == nil {
			_ = r.Body.Close()
			return h
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the server does not answer")
	return nil
}

// session makes an account without asking for a password and signs it in.
func (h *havn) session(t testing.TB) string {
	t.Helper()
	h.accounts++
	a, err := h.People.Create(t.Context(), people.NewAccount{Email: fmt.Sprintf("learner-%d@example.org", h.accounts), Name: "Mari Tamm", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := h.People.OpenSession(t.Context(), a, "program")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// client speaks to the API as one person.
type client struct {
	h     *havn
	token string
	lang  string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) decode(t testing.TB, into any) {
	t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
}

// code is that of a problem document.
func (a answer) code() string {
	var p struct{ Code string }
	_ = json.Unmarshal(a.body, &p)
	return p.Code
}

func (c *client) do(method, path string, body any) answer {
	c.h.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			c.h.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, c.h.URL+path, r)
	if err != nil {
		c.h.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.lang != "" {
		req.Header.Set("Accept-Language", c.lang)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.h.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.h.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, text}
}

// want does a request that must have a status.
func (c *client) want(status int, method, path string, body any) answer {
	c.h.t.Helper()
	a := c.do(method, path, body)
	if a.status != status {
		c.h.t.Fatalf("%s %s: %d instead of %d: %s", method, path, a.status, status, a.body)
	}
	return a
}

// refuse does a request that must be refused with a code, as a problem document.
func (c *client) refuse(code, method, path string, body any) answer {
	c.h.t.Helper()
	a := c.do(method, path, body)
	if a.code() != code || a.header.Get("Content-Type") != "application/problem+json" {
		c.h.t.Fatalf("%s %s: %d %q (%s) instead of %q: %s", method, path, a.status, a.code(), a.header.Get("Content-Type"), code, a.body)
	}
	return a
}

func (h *havn) anonymous() *client { return &client{h: h} }

func (h *havn) signIn(email string) *client {
	h.t.Helper()
	var s struct{ Token string }
	h.anonymous().want(201, "POST", "/api/v1/sessions", map[string]string{"email": email, "password": password}).decode(h.t, &s)
	return &client{h: h, token: s.Token}
}

func (h *havn) admin() *client { return h.signIn(adminEmail) }

// learner makes an account and signs in.
func (h *havn) learner(name string) *client {
	h.t.Helper()
	email := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.org"
	h.anonymous().want(201, "POST", "/api/v1/accounts", map[string]string{"email": email, "password": password, "name": name, "language": "en"})
	return h.signIn(email)
}

// enrolled is a learner who is enrolled in the sample.
func (h *havn) enrolled(name string) *client {
	c := h.learner(name)
	c.want(201, "PUT", "/api/v1/enrolments/first-contact", nil)
	return c
}

type attempt struct {
	learning.View
	c *client
}

func (c *client) start(quiz string) *attempt {
	c.h.t.Helper()
	return c.startAt("first-contact", quiz)
}

func (c *client) startAt(course, quiz string) *attempt {
	c.h.t.Helper()
	a := &attempt{c: c}
	c.want(201, "PUT", "/api/v1/attempts/"+uuid.NewString(), map[string]string{"course": course, "quiz": quiz}).decode(c.h.t, &a.View)
	return a
}

func (a *attempt) save(question string, r assessment.Response) answer {
	a.c.h.t.Helper()
	return a.c.do("PUT", "/api/v1/attempts/"+a.ID+"/answers/"+question, map[string]any{"response": r})
}

func (a *attempt) submit() (learning.Outcome, []byte) {
	a.c.h.t.Helper()
	var o learning.Outcome
	got := a.c.want(200, "PUT", "/api/v1/attempts/"+a.ID+"/submission", nil)
	got.decode(a.c.h.t, &o)
	return o, got.body
}

// publication is the course that the server serves.
func (h *havn) publication() *course.Publication {
	p, ok := h.Library.Current("first-contact")
	if !ok {
		h.t.Fatal("the sample is not published")
	}
	return p
}

// key is the right response to a question, nil for what is not graded.
func key(q *course.Question) *assessment.Response {
	switch q.Type {
	case course.Single, course.TrueFalse:
		return &assessment.Response{Choice: &q.Key.Choice}
	case course.Multiple, course.Hotspot:
		return &assessment.Response{Choices: &q.Key.Choices}
	case course.Ordering:
		return &assessment.Response{Order: &q.Key.Order}
	case course.Matching:
		return &assessment.Response{Pairs: &q.Key.Pairs}
	case course.Numeric:
		return &assessment.Response{Number: &q.Key.Number}
	case course.Date:
		return &assessment.Response{Date: &q.Key.Date}
	case course.ShortText:
		return &assessment.Response{Text: &q.Accept["en"][0]}
	case course.Scenario:
		return &assessment.Response{Path: &[]string{"n1:a", "n2:a"}}
	}
	return nil
}

// answerAll saves the key of every question, but for those left out.
func (a *attempt) answerAll(without ...string) {
	a.c.h.t.Helper()
	for _, q := range a.Questions {
		r := key(a.c.h.publication().Questions[q.ID])
		if r == nil || slices.Contains(without, q.ID) {
			continue
		}
		if got := a.save(q.ID, *r); got.status != 200 {
			a.c.h.t.Fatalf("saving %s: %d %s", q.ID, got.status, got.body)
		}
	}
}

func path(format string, args ...any) string { return "/api/v1" + fmt.Sprintf(format, args...) }
