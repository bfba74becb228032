package server_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"havn/internal/store/storetest"
)

// Row 33: after signing out the device holds nothing of the person, and the
// next one sees nothing of them.
func TestADeviceKeepsNothingOfWhoSignedOut(t *testing.T) {
	t.Parallel()
	h := named(t, storetest.SQLite().New(t).Open(t))
	a := h.enrolled("Mari Tamm").start("m1-quiz")
	reflection := 0
	for n, q := range a.Questions {
		if q.Type == "reflection" {
			reflection = n + 1
		}
	}
	h.learner("Jonas Petraitis")
	c := openChrome(t, h, 390, 844, false)
	signIn := func(email, next string) {
		c.open("/sign-in?next=" + next)
		c.do(chromedp.SendKeys("form[action='/sign-in'] [name=email]", email), chromedp.SendKeys("[name=password]", password), chromedp.Click("[name=shared]"))
		c.click("form[action='/sign-in'] .button")
	}
	question := "/attempts/" + a.ID + "?q=" + strconv.Itoa(reflection)
	signIn("mari.tamm@example.org", "/account")
	c.open(question)
	c.do(chromedp.SendKeys("textarea", "What I thought of Toomas"))
	var kept int
	c.js(`localStorage.length`, &kept)
	if kept == 0 {
		t.Fatal("the reflection is not kept while its writer is here")
	}
	c.open("/account")
	c.click("form[action='/sign-out'] button")
	var left string
	c.do(chromedp.Evaluate(`(async () => {
		const databases = indexedDB.databases ? (await indexedDB.databases()).length : 0;
		const stores = window.caches ? (await caches.keys()).length : 0;
		return [localStorage.length, sessionStorage.length, databases, stores].join(" ");
	})()`, &left, promised))
	if left != "0 0 0 0" {
		t.Errorf("after signing out the browser holds %s (local, session, databases, caches)", left)
	}
	signIn("jonas.petraitis@example.org", "/account")
	for _, page := range []string{"/account", question, "/"} {
		c.open(page)
		var text string
		c.js(`document.documentElement.outerHTML`, &text)
		if strings.Contains(text, "Mari") || strings.Contains(text, "Toomas") {
			t.Errorf("%s shows the one before", page)
		}
	}
	c.do(chromedp.NavigateBack())
	var text string
	c.js(`document.documentElement.outerHTML`, &text)
	if strings.Contains(text, "Mari Tamm") || strings.Contains(text, "Toomas") {
		t.Error("going back shows the one before")
	}
}

// On one's own device the browser keeps the texts of courses while somebody is
// signed in. After signing out neither going back nor the address shows a page
// of theirs, and another's session gets nothing of it.
func TestATextIsKeptNoLongerThanItsReaderIsSignedIn(t *testing.T) {
	t.Parallel()
	h := named(t, storetest.SQLite().New(t).Open(t))
	mari := h.enrolled("Mari Tamm")
	id := mari.id()
	jonas := h.learner("Jonas Petraitis")
	c := openChrome(t, h, 390, 844, false)
	const lesson = "/courses/first-contact/m1-rights"
	of := func() (account string) {
		c.js(`(document.querySelector("meta[name=account]") || {content: ""}).content`, &account)
		return account
	}
	c.open("/sign-in?next=/account")
	c.do(chromedp.SendKeys("form[action='/sign-in'] [name=email]", "mari.tamm@example.org"), chromedp.SendKeys("[name=password]", password))
	c.click("form[action='/sign-in'] .button")
	c.open(lesson)
	c.open("/help")
	c.open(lesson)
	var bytes int
	c.js(`performance.getEntriesByType("navigation")[0].transferSize`, &bytes)
	if bytes > 1000 || of() != id {
		t.Errorf("the page is not kept: %d bytes came, of %q", bytes, of())
	}
	c.open("/account")
	c.click("form[action='/sign-out'] button")
	for n, visit := range []func(){ // back over the account to the lesson, and by the address
		func() { c.do(chromedp.NavigateBack()) }, func() { c.do(chromedp.NavigateBack()) }, func() { c.open(lesson) },
	} {
		visit()
		if n > 0 && !strings.HasSuffix(c.where(), lesson) {
			t.Fatalf("way %d leads to %s", n+1, c.where())
		}
		var text string
		c.js(`document.documentElement.outerHTML`, &text)
		if strings.Contains(text, id) || strings.Contains(text, "Mari") {
			t.Errorf("way %d shows a page of who signed out: %s", n+1, c.where())
		}
	}
	c.do(network.SetCookie("havn", jonas.token).WithURL(h.URL))
	c.open(lesson)
	if of() != jonas.id() {
		t.Errorf("Jonas is shown the page of %q", of())
	}
}
