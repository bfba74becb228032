package server_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/learning"
	"havn/internal/store/storetest"
)

// focused is where the keyboard is, as somebody sees it.
type focused struct {
	Tag, Type, Name, Value, Text, Item string
	Checked                            bool
	Wrong                              string // what keeps somebody from seeing where it is
}

// where is asked after each key. The place of the focus must be on the screen,
// not under a bar that stands still (WCAG 2.2, success criterion 2.4.11), and
// marked by an outline (2.4.7).
const whereTheFocusIs = `(() => {
	const e = document.activeElement, label = e.closest("label") || e, marked = [e, label, e.nextElementSibling].some(x => x && getComputedStyle(x).outlineStyle !== "none" && parseFloat(getComputedStyle(x).outlineWidth) >= 2);
	const r = label.getBoundingClientRect(), at = (x, y) => { const o = document.elementFromPoint(x, y); return o && (label.contains(o) || o.contains(label)); };
	const seen = e === document.body || [.2, .5, .8].some(f => at(r.left + r.width * f, r.top + r.height / 2) || at(r.left + r.width / 2, r.top + r.height * f));
	return {tag: e.tagName, type: e.type || "", name: e.name || "", value: String(e.value || ""), text: (e.getAttribute("aria-label") || e.textContent).trim(), checked: Boolean(e.checked),
		item: (e.closest("[data-name]") || {dataset: {name: ""}}).dataset.name,
		wrong: e === document.body ? "" : (seen ? "" : "hidden ") + (marked ? "" : "not marked")};
})()`

func (c *chrome) focus() (f focused) {
	c.t.Helper()
	c.js(whereTheFocusIs, &f)
	return f
}

// press presses keys as a hand does.
func (c *chrome) press(keys string, modifiers ...input.Modifier) {
	c.t.Helper()
	c.do(chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...)), chromedp.Sleep(c.rest))
}

// tab goes on, key by key, until the focus is where is says.
func (c *chrome) tab(what string, is func(focused) bool, modifiers ...input.Modifier) {
	c.t.Helper()
	way := ""
	for range 80 {
		c.press(kb.Tab, modifiers...)
		f := c.focus()
		for n := 0; f.Wrong != "" && n < 20; n++ { // the page may still be scrolling
			time.Sleep(20 * time.Millisecond)
			f = c.focus()
		}
		if f.Wrong != "" {
			c.t.Errorf("%s: the focus on %s %q is %s", c.where(), f.Tag, f.Text, f.Wrong)
		}
		if is(f) {
			return
		}
		way += fmt.Sprintf("\n\t%s %s %s %.30q", f.Tag, f.Name, f.Value, f.Text)
	}
	c.t.Fatalf("no key leads to %s at %s:%s", what, c.where(), way)
}

// press what the focus is on, and wait for the page that follows.
func (c *chrome) enter() {
	c.t.Helper()
	c.js(`document.documentElement.dataset.old = "yes"`, nil)
	c.press(kb.Enter)
	c.turn()
}

func button(text string) func(focused) bool {
	return func(f focused) bool { return (f.Tag == "BUTTON" || f.Tag == "A") && f.Text == text }
}

func field(name, value string) func(focused) bool {
	return func(f focused) bool { return f.Name == name && (value == "" || f.Value == value) }
}

// typed are a day's keys in the order in which this browser asks for its parts.
func (c *chrome) typed(date string) string {
	c.t.Helper()
	var keys string
	c.js(fmt.Sprintf(`new Intl.DateTimeFormat(navigator.language, {year: "numeric", month: "2-digit", day: "2-digit"}).formatToParts(new Date(%q)).map(p => p.value.replace(/\D/g, "")).join("")`, date), &keys)
	return keys
}

// choose moves within a group of radio buttons by the arrow keys.
func (c *chrome) choose(name, value string) {
	c.t.Helper()
	c.tab(name, field(name, ""))
	for range 8 {
		f := c.focus()
		if f.Value == value {
			if !f.Checked {
				c.press(" ")
			}
			return
		}
		c.press(kb.ArrowDown)
	}
	c.t.Fatalf("the arrows do not lead to %s of %s", value, name)
}

// byKeys gives the answer to the question on the screen.
func (c *chrome) byKeys(q learning.QuestionView, r *assessment.Response) {
	c.t.Helper()
	switch q.Type {
	case course.Single, course.TrueFalse:
		c.choose("value", *r.Choice)
	case course.Multiple, course.Hotspot:
		for _, o := range q.Options { // they come in this order
			if slices.Contains(*r.Choices, o.ID) {
				c.tab(o.ID, field("choices", o.ID))
				c.press(" ")
			}
		}
	case course.Ordering:
		c.inOrder(q, *r.Order)
	case course.Matching:
		c.together(q, *r.Pairs)
	case course.Numeric:
		c.tab("the field", field("value", ""))
		c.press(strconv.FormatFloat(*r.Number, 'f', -1, 64))
	case course.Date:
		c.tab("the field", field("value", ""))
		c.press(c.typed(*r.Date))
	case course.ShortText:
		c.tab("the field", field("value", ""))
		c.press(*r.Text)
	case course.Rating:
		c.choose("value", "3")
	case course.Reflection:
		c.tab("the box", func(f focused) bool { return f.Tag == "TEXTAREA" })
		c.press("What I keep to myself.")
	case course.Scenario:
		for _, step := range *r.Path {
			c.tab(step, field("step", step))
			c.enter()
		}
	default:
		c.t.Fatalf("no hand for %s", q.Type)
	}
	if q.Confidence {
		c.choose("confidence", "sure")
	}
}

// inOrder takes up each step, moves it to its place and puts it down; the last
// ones by their buttons.
func (c *chrome) inOrder(q learning.QuestionView, want []string) {
	c.t.Helper()
	text := map[string]string{}
	var now []string
	for _, o := range q.Options {
		text[o.ID] = plainText(o.HTML)
		now = append(now, o.ID)
	}
	for place, id := range want {
		at := slices.Index(now, id)
		if at == place {
			continue
		}
		if place == 0 {
			c.tab("the grip of "+id, func(f focused) bool { return f.Item == text[id] && strings.HasPrefix(f.Text, "Move") })
			c.press(" ")
			for range at - place {
				c.press(kb.ArrowUp)
			}
			c.press(" ")
		} else {
			for range at - place {
				c.fromTheTop()
				c.tab("the button of "+id, func(f focused) bool { return f.Item == text[id] && strings.HasPrefix(f.Text, "Up") })
				c.press(kb.Enter)
			}
		}
		now = slices.Insert(slices.Delete(now, at, at+1), place, id)
		if said := c.text(".said"); !strings.Contains(said, text[id]) || !strings.Contains(said, fmt.Sprint(place+1)) {
			c.t.Errorf("after moving %s to %d those who listen hear %q", text[id], place+1, said)
		}
	}
}

// fromTheTop goes back to the first thing in the form, by Shift and Tab.
func (c *chrome) fromTheTop() {
	c.t.Helper()
	c.tab("the way out", func(f focused) bool { return strings.Contains(f.Text, "Leave quickly") }, input.ModifierShift)
}

// together puts the first pair together with its select and the others by choosing.
func (c *chrome) together(q learning.QuestionView, want map[string]string) {
	c.t.Helper()
	target := map[string]string{}
	for _, o := range q.Targets {
		target[o.ID] = plainText(o.HTML)
	}
	for n, o := range q.Options {
		if n == 0 {
			c.tab("the select", field("pair."+o.ID, ""))
			for range len(q.Targets) {
				if c.focus().Value != want[o.ID] {
					c.press(kb.ArrowDown)
				}
			}
			c.fromTheTop()
			continue
		}
		c.tab("the target", button(target[want[o.ID]]))
		c.press(" ")
		c.tab("its place", func(f focused) bool { return f.Tag == "BUTTON" && strings.HasSuffix(f.Text, plainText(o.HTML)) })
		c.press(kb.Enter)
		if f := c.focus(); f.Name != "pair."+o.ID || f.Value != want[o.ID] {
			c.t.Errorf("after placing, the focus is on %s %s", f.Name, f.Value)
		}
	}
}

// Each type of question is taken with nothing but keys, from the start to the
// result, with the focus in sight all the way: on a phone, where a desk's screen is
// enlarged to 400 % (WCAG 2.2, success criterion 1.4.10), and where the browser
// has colours of its own.
func TestAQuizIsTakenByKeyboardAlone(t *testing.T) {
	t.Parallel()
	for _, s := range []struct {
		name          string
		width, height int64
		forced        string
	}{{"phone", 390, 700, "none"}, {"enlarged", 320, 256, "none"}, {"forced-colours", 1280, 800, "active"}} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			h := start(t, storetest.SQLite().New(t).Open(t), everyType(t, "shuffle: [options]"))
			mari := h.enrolled("Mari Tamm")
			c := openChrome(t, h, s.width, s.height, false)
			c.do(network.SetCookie("havn", mari.token).WithURL(h.URL), emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "forced-colors", Value: s.forced}}))
			c.open("/courses/first-contact/quiz/m1-quiz")
			c.tab("the way to the text", func(f focused) bool { return f.Text == "To the content" })
			c.press(kb.Enter)
			c.tab("Start", button("Start"))
			c.enter()
			met := map[course.Type]bool{}
			for _, q := range c.questions(mari) {
				if met[q.Type] = true; q.Type == course.Vignette {
					continue
				}
				c.byKeys(q, key(h.publication().Questions[q.ID]))
				c.picture(s.name + "-" + q.ID)
				var broken []string
				if c.js(checks, &broken); len(broken) > 0 {
					t.Errorf("%s: %s", q.ID, strings.Join(broken, "\n\t"))
				}
				c.tab("Next", button("Next"))
				c.enter()
			}
			allTypes(t, met)
			c.tab("Hand in", button("Hand in"))
			c.enter()
			if s := c.text("h1"); s != "Passed: 100 per cent." {
				t.Errorf("all right, and told: %q\n%s", s, c.text("main"))
			}
		})
	}
}

// What is chosen can be told from what is not where the browser has colours of
// its own, and nothing moves for those who wish that nothing does.
func TestAChoiceIsSeenInForcedColoursAndNothingMoves(t *testing.T) {
	t.Parallel()
	h := start(t, storetest.SQLite().New(t).Open(t), everyType(t, ""))
	mari := h.enrolled("Mari Tamm")
	a := mari.start("m1-quiz")
	c := openChrome(t, h, 390, 844, false)
	c.do(network.SetCookie("havn", mari.token).WithURL(h.URL), emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}, {Name: "prefers-reduced-motion", Value: "reduce"}}))
	for _, v := range []struct{ page, thing, press string }{
		{"?q=1", ".option:has([value=false])", "input"}, {"?q=1", ".segments label:last-child", "input"}, {"?q=4", ".target[value=r1]", ""}, {"?q=8", ".transcript .option", "input"}, {"?q=13", ".segments label:first-child", "input"},
	} {
		c.open("/attempts/" + a.ID + v.page)
		picture := func() (png []byte) {
			c.do(chromedp.Screenshot(v.thing, &png, chromedp.ByQuery))
			return png
		}
		before := picture()
		c.js(fmt.Sprintf(`(() => { const e = document.querySelector(%q); (%q ? e.querySelector(%[2]q) : e).click(); document.activeElement.blur(); })()`, v.thing, v.press), nil)
		if bytes.Equal(before, picture()) {
			t.Errorf("%s %s looks the same when it is chosen", v.page, v.thing)
		}
		var moving int
		c.js(`[...document.querySelectorAll("*")].filter(e => { const s = getComputedStyle(e); return s.animationName !== "none" || parseFloat(s.transitionDuration) > 0 || s.scrollBehavior === "smooth"; }).length + document.getAnimations().length`, &moving)
		if moving > 0 {
			t.Errorf("%s: %d things move", v.page, moving)
		}
	}
}

// questions are those of the attempt on the screen, in the client's language.
func (c *chrome) questions(who *client) []learning.QuestionView {
	c.t.Helper()
	_, id, _ := strings.Cut(c.where(), "/attempts/")
	id, _, _ = strings.Cut(id, "?")
	return who.questions(id)
}

func (c *client) questions(attempt string) []learning.QuestionView {
	c.h.t.Helper()
	var v learning.View
	c.want(200, "GET", path("/attempts/%s", attempt), nil).decode(c.h.t, &v)
	return v.Questions
}

func allTypes(t *testing.T, met map[course.Type]bool) {
	t.Helper()
	for _, kind := range []course.Type{course.Single, course.TrueFalse, course.Multiple, course.Ordering, course.Matching, course.Numeric, course.Date, course.ShortText,
		course.Hotspot, course.Scenario, course.Reflection, course.Vignette, course.Rating} {
		if !met[kind] {
			t.Errorf("no question of type %s was asked", kind)
		}
	}
}

var marks = strings.NewReplacer("<p>", "", "</p>", "", "\n", "")

func plainText(html string) string { return strings.TrimSpace(marks.Replace(html)) }

// hand is a pointer: a mouse, or a finger.
type hand struct {
	name             string
	down, move, lift func(ctx context.Context, x, y float64) error
}

func hands() []hand {
	mouse := func(kind input.MouseType) func(context.Context, float64, float64) error {
		return func(ctx context.Context, x, y float64) error {
			return input.DispatchMouseEvent(kind, x, y).WithButton(input.Left).WithButtons(1).WithClickCount(1).Do(ctx)
		}
	}
	touch := func(kind input.TouchType) func(context.Context, float64, float64) error {
		return func(ctx context.Context, x, y float64) error {
			points := []*input.TouchPoint{{X: x, Y: y}}
			if kind == input.TouchEnd {
				points = []*input.TouchPoint{}
			}
			return input.DispatchTouchEvent(kind, points).Do(ctx)
		}
	}
	return []hand{{"mouse", mouse(input.MousePressed), mouse(input.MouseMoved), mouse(input.MouseReleased)}, {"finger", touch(input.TouchStart), touch(input.TouchMove), touch(input.TouchEnd)}}
}

// drag pulls the middle of one thing to the middle of another, and a little on.
func (c *chrome) drag(by hand, from, to string, on float64) {
	c.t.Helper()
	var a, b struct{ X, Y float64 }
	const middle = `(() => { const r = (%s).getBoundingClientRect(); return {x: r.left + r.width / 2, y: r.top + r.height / 2}; })()`
	c.js(fmt.Sprintf(middle, from), &a)
	c.js(fmt.Sprintf(middle, to), &b)
	c.do(chromedp.ActionFunc(func(ctx context.Context) error {
		if err := by.down(ctx, a.X, a.Y); err != nil {
			return err
		}
		for n := 1.0; n <= 8; n++ {
			if err := by.move(ctx, a.X+(b.X-a.X)*n/8, a.Y+(b.Y+on-a.Y)*n/8); err != nil {
				return err
			}
		}
		return by.lift(ctx, b.X, b.Y+on)
	}))
}

// What is put in order or together is pulled there by a mouse or a finger, and
// is saved as it lies.
func TestStepsAndPairsArePulledIntoPlace(t *testing.T) {
	t.Parallel()
	for _, by := range hands() {
		t.Run(by.name, func(t *testing.T) {
			t.Parallel()
			h := start(t, storetest.SQLite().New(t).Open(t), everyType(t, ""))
			mari := h.enrolled("Mari Tamm")
			a := mari.start("m1-quiz")
			c := openChrome(t, h, 390, 1200, false)
			if by.name == "finger" {
				c.do(emulation.SetTouchEmulationEnabled(true))
			}
			c.do(network.SetCookie("havn", mari.token).WithURL(h.URL))
			response := func(id string) *assessment.Response {
				t.Helper()
				for _, q := range c.questions(mari) {
					if q.ID == id && q.Response != nil {
						return q.Response
					}
				}
				t.Fatalf("%s has no answer", id)
				return nil
			}
			c.open("/attempts/" + a.ID + "?q=3")
			c.until("ready", `document.querySelector(".grip").checkVisibility()`)
			var before []string
			c.js(`[...document.querySelectorAll(".place select")].map(s => s.name.slice(6))`, &before)
			c.drag(by, `document.querySelectorAll(".grip")[3]`, `document.querySelectorAll(".place")[0]`, -45)
			c.until("saved", `document.querySelector(".saved").textContent === "Saved"`)
			want := []string{before[3], before[0], before[1], before[2]}
			if got := *response("q-steps").Order; !slices.Equal(got, want) {
				t.Errorf("the last step was pulled to the top: %v instead of %v", got, want)
			}
			c.js(`document.querySelector(".saved").textContent = ""`, nil)
			c.do(chromedp.Click(`.place:first-child [data-by="1"]`, chromedp.ByQuery))
			c.until("saved", `document.querySelector(".saved").textContent === "Saved"`)
			want[0], want[1] = want[1], want[0]
			if got := *response("q-steps").Order; !slices.Equal(got, want) {
				t.Errorf("the button moved it: %v instead of %v", got, want)
			}

			c.open("/attempts/" + a.ID + "?q=4")
			c.until("ready", `document.querySelector(".target").checkVisibility()`)
			for _, pull := range [][2]string{{"l1", "r1"}, {"l1", "r3"}, {"l1", "r2"}, {"l2", "r1"}} { // from each place of the list
				option, target := pull[0], pull[1]
				c.until("at rest", `document.getElementById("waiting").hidden`)
				c.js(`scrollTo(0, 0); document.querySelector(".saved").textContent = ""`, nil)
				c.drag(by, `document.querySelector(".target[value=`+target+`] svg")`, `document.getElementById("pair-`+option+`")`, 0)
				c.until("saved", `document.querySelector(".saved").textContent === "Saved"`)
			}
			if got := *response("q-who").Pairs; got["l1"] != "r2" || got["l2"] != "r1" {
				t.Errorf("the pairs are %v", got)
			}
		})
	}
}
