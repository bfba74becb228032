package server_test

import (
	"strconv"
	"strings"
	"testing"

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
