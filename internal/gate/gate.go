// Package gate is what each request passes before a face (api, web) sees it:
// limits, security headers, who is asking, in which language, and whether a
// browser was sent here by another site.
//
// Both faces ask the gate for the Visitor and nothing else, so neither can let
// in whom the other would not.
package gate

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/audit"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/language"
	"havn/internal/learning"
	"havn/internal/people"
)

// MaxBody is the largest request body in bytes, but for a course that is published.
const MaxBody = 64 << 10

// LanguageCookie holds the language chosen on a page, CountryCookie the country
// that somebody without an account works in.
const (
	LanguageCookie = "havn_lang"
	CountryCookie  = "havn_country"
)

// Gate is set up once for a server.
type Gate struct {
	People    *people.People
	Languages []string // of the interface, the source first
	// BaseURL is where browsers reach the server; links in certificates lead there.
	BaseURL *url.URL
	// Proxies are the networks whose X-Forwarded-For is believed; none by default.
	Proxies []netip.Prefix
	// LargeBodies are the paths' suffixes that may send more than MaxBody.
	LargeBodies []string
}

// Visitor is who is asking, and how they wish to be spoken to.
type Visitor struct {
	Account *people.Account // nil: nobody has signed in
	Lang    string          // of the interface
	Device  string          // phone, computer or program
	Country string          // that they work in (ISO 3166); "" unknown
	// Pending tells that a sign-in waits for its second factor: there is a token,
	// but nobody has signed in.
	Pending bool
	wishes  []string
	token   string
}

type key struct{}

// From finds the visitor of a request.
func From(ctx context.Context) *Visitor {
	if v, ok := ctx.Value(key{}).(*Visitor); ok {
		return v
	}
	return &Visitor{Lang: "en"}
}

// Of finds the visitor of a Fiber request.
func Of(c *fiber.Ctx) *Visitor { return From(c.UserContext()) }

// Edition is the edition of a course that suits the visitor best.
func (v *Visitor) Edition(p *course.Publication) *course.Edition {
	return p.Edition(language.Match(p.Offered(), v.wishes...))
}

// Learner is the visitor as the learning room knows people.
func (v *Visitor) Learner() learning.Learner { return LearnerOf(v.Account) }

// LearnerOf is an account as the learning room knows people.
func LearnerOf(a *people.Account) learning.Learner {
	return learning.Learner{ID: a.ID, Name: a.Name, Language: a.Language, Unit: a.Unit, Country: a.WorksIn(), Profession: string(a.Profession), ExtraTime: a.ExtraTime}
}

// May asks the policy whether the visitor may do the act.
func (v *Visitor) May(act people.Act) error {
	if v.Pending {
		return fault.New("second-factor-needed")
	}
	return people.May(v.Account, act)
}

// Entry is how the visitor would come in.
func (v *Visitor) Entry(shared bool) people.Entry {
	return people.Entry{Device: v.Device, Shared: shared}
}

// MayAt asks the policy whether the visitor may do the act to what is at a path.
func (v *Visitor) MayAt(act people.Act, path string) error { return people.MayAt(v.Account, act, path) }

// Scope is where the visitor may do the act; see people.Scope.
func (v *Visitor) Scope(act people.Act) []string { return people.Scope(v.Account, act) }

// As is the visitor in a session that was just opened.
func (v *Visitor) As(o *people.Opened) *Visitor {
	w := *v
	w.Account, w.token, w.Pending = o.Account, o.Token, o.Session.Pending
	return &w
}

// Token is the session's token, "" where nobody has signed in.
func (v *Visitor) Token() string { return v.token }

// CSRF is the token that a form or script of one's own pages sends along. It
// follows from the session's secret, so that nothing has to be kept.
func (v *Visitor) CSRF() string {
	if v.token == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("csrf:" + v.token))
	return hex.EncodeToString(sum[:16])
}

// device is the coarse word by which a person tells their sessions apart.
func device(agent string) string {
	switch {
	case strings.Contains(agent, "Mobi"):
		return "phone"
	case strings.HasPrefix(agent, "Mozilla/"):
		return "computer"
	}
	return "program"
}

// CookieName is that of the session. The prefix makes browsers refuse it from
// other hosts and over plain HTTP (RFC 6265bis §4.1.3).
func (g *Gate) CookieName() string {
	if g.secure() {
		return "__Host-havn"
	}
	return "havn"
}

func (g *Gate) secure() bool { return g.BaseURL.Scheme == "https" }

// Cookie is the session cookie. On a shared device it goes when the browser is
// closed.
func (g *Gate) Cookie(o *people.Opened) *fiber.Cookie {
	c := g.cookie(g.CookieName(), o.Token)
	if !o.Session.Shared {
		c.MaxAge = int(people.SessionLife.Seconds())
	}
	return c
}

// NoCookie removes the session cookie.
func (g *Gate) NoCookie() *fiber.Cookie {
	c := g.cookie(g.CookieName(), "")
	c.MaxAge = -1
	return c
}

// AskedCookie ties what was asked for (the link of a mail, a visit to an
// identity provider) to the browser that asked, for as long as that is open.
func (g *Gate) AskedCookie(secret string) *fiber.Cookie { return g.cookie(g.asked(), secret) }

// Asked is the secret of AskedCookie that the browser sends.
func (g *Gate) Asked(c *fiber.Ctx) string { return c.Cookies(g.asked()) }

func (g *Gate) asked() string { return g.CookieName() + "-asked" }

func (g *Gate) cookie(name, value string) *fiber.Cookie {
	return &fiber.Cookie{Name: name, Value: value, Path: "/", HTTPOnly: true, Secure: g.secure(), SameSite: "Lax"}
}

// Pass is the middleware.
func (g *Gate) Pass(c *fiber.Ctx) error {
	g.headers(c)
	if e := c.Request().Header.Peek(fiber.HeaderContentEncoding); len(e) > 0 && string(e) != "identity" {
		return fault.New("compressed-body")
	}
	if len(c.Request().Body()) > MaxBody && !g.large(c.Path()) {
		return fault.New("too-large").With("limit_kb", MaxBody>>10)
	}
	v, byCookie, err := g.identify(c)
	if err != nil {
		return err
	}
	if byCookie || v.token == "" {
		if err := g.sameSite(c, v, byCookie); err != nil {
			return err
		}
	}
	if v.Account != nil && v.Account.ReadOnly() && unsafe(c.Method()) {
		return fault.New("token-read-only")
	}
	c.SetUserContext(audit.WithSource(context.WithValue(c.UserContext(), key{}, v), g.from(c)))
	err = c.Next()
	if v.Account != nil && (fault.Is(err, "forbidden") || c.Response().StatusCode() == fiber.StatusForbidden) {
		slog.Info("somebody was refused", "account", v.Account.ID, "method", c.Method(), "route", c.Route().Path)
	}
	return err
}

// from is the network address that a request came from: the last one that no
// proxy of ours added. What stands before it in X-Forwarded-For a client may
// have made up.
func (g *Gate) from(c *fiber.Ctx) string {
	at := c.Context().RemoteIP().String()
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0 && g.proxy(at); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = next.Unmap().String()
	}
	return at
}

func (g *Gate) proxy(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(g.Proxies, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

func (g *Gate) large(path string) bool {
	for _, s := range g.LargeBodies {
		if strings.HasSuffix(path, s) {
			return true
		}
	}
	return false
}

// headers are set on every answer. What only a page can do is said to pages.
func (g *Gate) headers(c *fiber.Ctx) {
	c.Set("X-Content-Type-Options", "nosniff")
	if g.secure() {
		c.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	if strings.HasPrefix(c.Path(), "/api/") && !strings.HasSuffix(c.Path(), "/docs") {
		c.Set("Content-Security-Policy", "default-src 'none'")
		return
	}
	c.Set("Referrer-Policy", "same-origin")
	c.Set("X-Frame-Options", "DENY")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'")
}

// LetFrame lets a page hold another of this server in a frame.
func LetFrame(c *fiber.Ctx) {
	changePolicy(c, "default-src 'none'", "default-src 'none'; frame-src 'self'")
}

// LetBeFramed lets a page stand in a frame of another of this server.
func LetBeFramed(c *fiber.Ctx) {
	changePolicy(c, "frame-ancestors 'none'", "frame-ancestors 'self'")
	c.Set("X-Frame-Options", "SAMEORIGIN")
}

func changePolicy(c *fiber.Ctx, from, to string) {
	c.Set("Content-Security-Policy", strings.Replace(c.GetRespHeader("Content-Security-Policy"), from, to, 1))
}

// identify reads the session: a Bearer token for programs, a cookie for browsers.
func (g *Gate) identify(c *fiber.Ctx) (v *Visitor, byCookie bool, err error) {
	v = &Visitor{Device: device(c.Get(fiber.HeaderUserAgent))}
	bearer, isBearer := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
	if isBearer {
		v.token = strings.TrimSpace(bearer)
	} else if v.token = c.Cookies(g.CookieName()); v.token != "" {
		byCookie = true
	}
	if v.token != "" {
		v.Account, err = g.People.Who(c.UserContext(), v.token)
		if fault.Is(err, "sign-in-needed") && byCookie {
			v.token, byCookie, err = "", false, nil // a cookie that is over is no cookie
		}
		if fault.Is(err, "second-factor-needed") {
			v.Pending, err = true, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
	g.speak(c, v, isBearer)
	if v.Account != nil {
		v.Country = v.Account.WorksIn()
	} else if chosen := c.Cookies(CountryCookie); chosen != "" && language.Country(chosen) {
		v.Country = chosen
	}
	return v, byCookie, nil
}

// speak decides the language: what the address says, then what was chosen on a
// page, then the account's and the client's own; a program's header goes before
// its account, since browsers always send one and programs only on purpose.
func (g *Gate) speak(c *fiber.Ctx, v *Visitor, program bool) {
	v.wishes = make([]string, 0, 5)
	add := func(tag string) {
		if tag != "" {
			v.wishes = append(v.wishes, tag)
		}
	}
	if len(c.Request().URI().QueryString()) > 0 {
		add(c.Query("lang"))
	}
	if program {
		add(c.Get(fiber.HeaderAcceptLanguage))
	} else {
		add(c.Cookies(LanguageCookie))
	}
	if v.Account != nil {
		add(v.Account.Language)
	}
	if !program {
		add(c.Get(fiber.HeaderAcceptLanguage))
	}
	v.Lang = language.Match(g.Languages, v.wishes...)
	add(v.Lang)
}

// unsafe tells whether a method may change something (RFC 9110 §9.2.1).
func unsafe(method string) bool {
	return method != fiber.MethodGet && method != fiber.MethodHead && method != fiber.MethodOptions
}

// sameSite refuses what changes something and comes from another site's page.
// Programs that send a Bearer token never come here: no browser adds that by
// itself. A browser's form or script must also carry the session's token.
func (g *Gate) sameSite(c *fiber.Ctx, v *Visitor, byCookie bool) error {
	if !unsafe(c.Method()) {
		return nil
	}
	if site := c.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return fault.New("cross-site")
	}
	if origin := c.Get(fiber.HeaderOrigin); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || u.Host != string(c.Request().Host()) && u.Host != g.BaseURL.Host {
			return fault.New("cross-site")
		}
	}
	if !byCookie {
		return nil
	}
	sent := c.Get("X-CSRF-Token")
	if sent == "" {
		sent = c.FormValue("csrf")
	}
	if subtle.ConstantTimeCompare([]byte(sent), []byte(v.CSRF())) != 1 {
		return fault.New("cross-site")
	}
	return nil
}
