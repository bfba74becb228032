// Package server puts the rooms together: the store, the domain, the two faces
// on one Fiber app with its limits, and the work that is done now and then.
package server

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/audit"
	"havn/internal/authoring"
	"havn/internal/code"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/history"
	"havn/internal/hook"
	"havn/internal/issuer"
	"havn/internal/learning"
	"havn/internal/library"
	"havn/internal/live"
	"havn/internal/locale"
	"havn/internal/machine"
	"havn/internal/mail"
	"havn/internal/oidc"
	"havn/internal/people"
	"havn/internal/privacy"
	"havn/internal/regrade"
	"havn/internal/reminder"
	"havn/internal/report"
	"havn/internal/sealed"
	"havn/internal/standing"
	"havn/internal/store"
	"havn/internal/tracking"
	"havn/internal/web"
)

// Config is what a server is told. Now, Seed and Code may be left nil.
type Config struct {
	Store   store.Engine
	Courses fs.FS
	Words   *locale.Catalog
	BaseURL string // as browsers reach it; "" is filled in by Listen
	SignUp  bool
	// PublicFigures opens the page that tells strangers how many are certified.
	PublicFigures bool
	Version       string
	Proxies       []netip.Prefix // whose X-Forwarded-For is believed
	// KeepMonths is how long accounts are kept after the last sign-in where their
	// organisation does not say; 36 where 0.
	KeepMonths int
	// CountWithin is how long counting the figures of reports may take for them to
	// be counted whenever somebody asks, and not kept; 100 ms where 0.
	CountWithin time.Duration
	// PrivateHooks lets webhooks lead to addresses inside the network.
	PrivateHooks bool
	// HookTimeout is how long a webhook has to answer; 15 seconds where 0.
	HookTimeout time.Duration
	// ExitURL is where "Leave quickly" leads: a page that tells nothing.
	ExitURL   string
	Providers []oidc.Provider // that people can come by
	// Machine drafts translations; nil where no service is named.
	Machine *machine.Service
	// Mail sends letters; nil drops them.
	Mail mail.Sender

	// AdminEmail and AdminPassword make the first administrator; where they are
	// empty and nobody has an account, SetUpLink holds a link for that.
	AdminEmail, AdminPassword string

	Now  func() time.Time
	Seed func() uint64
	Code func() string
}

// Server is one running Havn.
type Server struct {
	App       *fiber.App
	Audit     *audit.Log
	Letters   *mail.Outbox
	Privacy   *privacy.Keeper
	Live      *live.Rooms
	People    *people.People
	Learning  *learning.Learning
	Library   *library.Library
	Issuer    *issuer.Issuer
	Reports   *report.Desk
	Reminders *reminder.Desk
	Tracking  *tracking.Tracking
	Regrades  *regrade.Desk
	History   *history.Desk
	Hooks     *hook.Desk
	Standing  *standing.Desk
	Desk      *authoring.Desk
	Drafts    *authoring.Drafts
	SetUpLink string // "" where there is somebody

	gate   *gate.Gate
	store  store.Engine
	stop   context.CancelFunc
	worker sync.WaitGroup
}

// New opens every room and publishes the courses that never were. It does not
// listen yet.
func New(ctx context.Context, c Config) (*Server, error) {
	c.fill()
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("the base URL %q must begin with http:// or https:// and name a host", c.BaseURL)
	}
	s := &Server{store: c.Store}
	if s.Audit, err = audit.Open(ctx, c.Store, c.Now); err != nil {
		return nil, err
	}
	s.Letters, err = mail.Open(ctx, c.Store, mail.Options{
		Send: c.Mail, Words: c.Words, Base: strings.TrimSuffix(c.BaseURL, "/"), Now: c.Now, Look: s.look,
	})
	if err != nil {
		return nil, err
	}
	s.People, err = people.Open(ctx, c.Store, people.Options{Log: s.Audit, Letters: s.Letters, Languages: c.Words.Languages(), Base: base, Providers: oidc.New(c.Providers, c.Now, 0), Now: c.Now, KeepMonths: c.KeepMonths,
		Follow: func(ctx context.Context, a *people.Account) error { return s.Tracking.Follow(ctx, a) }})
	if err != nil {
		return nil, err
	}
	if s.Library, err = library.Open(ctx, c.Store, s.Audit, c.Now); err != nil {
		return nil, err
	}
	s.Learning, err = learning.Open(ctx, c.Store, learning.Options{
		Library: s.Library, Languages: c.Words.Languages(), Now: c.Now, Seed: c.Seed, Code: c.Code,
		Learner: s.learner,
		Corrections: func(ctx context.Context, slug string, version int) ([]learning.Correction, error) {
			return s.Regrades.Corrections(ctx, slug, version)
		},
		YesNo: func(lang string) (string, string) {
			return c.Words.T(lang, "question.true"), c.Words.T(lang, "question.false")
		},
	})
	if err != nil {
		return nil, err
	}
	s.Tracking, err = tracking.Open(ctx, c.Store, tracking.Options{
		People: s.People, Learning: s.Learning, Library: s.Library, Log: s.Audit, Now: c.Now, Learner: gate.LearnerOf, CountWithin: c.CountWithin,
	})
	if err != nil {
		return nil, err
	}
	s.Regrades, err = regrade.Open(ctx, c.Store, regrade.Options{
		People: s.People, Learning: s.Learning, Library: s.Library, Letters: s.Letters, Log: s.Audit, Now: c.Now, Learner: gate.LearnerOf,
	})
	if err != nil {
		return nil, err
	}
	s.History, err = history.Open(ctx, c.Store, history.Options{
		People: s.People, Learning: s.Learning, Library: s.Library, Log: s.Audit, Now: c.Now, Learner: gate.LearnerOf,
	})
	if err != nil {
		return nil, err
	}
	var face *api.API
	s.Hooks, err = hook.Open(ctx, c.Store, hook.Options{
		People: s.People, Learning: s.Learning, Letters: s.Letters, Log: s.Audit, Now: c.Now, Private: c.PrivateHooks, Timeout: c.HookTimeout,
		Show: func(ctx context.Context, e *learning.Enrolment) (any, error) { return face.Shown(ctx, e) },
	})
	if err != nil {
		return nil, err
	}
	s.Standing, err = standing.Open(ctx, c.Store, standing.Options{People: s.People, Library: s.Library, Letters: s.Letters, Now: c.Now})
	if err != nil {
		return nil, err
	}
	s.Reminders, err = reminder.Open(ctx, c.Store, reminder.Options{
		People: s.People, Learning: s.Learning, Library: s.Library, Letters: s.Letters, Words: c.Words, Now: c.Now,
	})
	if err != nil {
		return nil, err
	}
	if s.Reports, err = report.Open(ctx, c.Store, c.Now); err != nil {
		return nil, err
	}
	if s.Live, err = live.OpenRooms(ctx, c.Store, s.Library, nil, c.Now); err != nil {
		return nil, err
	}
	if s.Privacy, err = privacy.Open(ctx, c.Store, privacy.Keeper{People: s.People, Learning: s.Learning, Reports: s.Reports, Tracking: s.Tracking, Reminders: s.Reminders, History: s.History, Hooks: s.Hooks, Standing: s.Standing, Audit: s.Audit, Letters: s.Letters, Live: s.Live}, c.Now); err != nil {
		return nil, err
	}
	box, err := sealed.Open(ctx, c.Store)
	if err != nil {
		return nil, err
	}
	s.Issuer, err = issuer.Open(ctx, c.Store, c.Words, base, c.Now)
	if err != nil {
		return nil, err
	}
	s.Desk = &authoring.Desk{FS: c.Courses, Library: s.Library}
	if s.Drafts, err = authoring.OpenDrafts(ctx, c.Store, s.Library, c.Now); err != nil {
		return nil, err
	}
	s.Drafts.Machine = c.Machine
	refused, err := s.Desk.PublishNew(ctx)
	if err != nil {
		return nil, err
	}
	for name, problems := range refused {
		slog.Warn("a course has errors and is not published; `havn check` lists them", "course", name, "errors", problems.Errors(), "first", problems.Say(c.Words.In(locale.Source))[0].String())
	}
	if err := s.firstAdministrator(ctx, c); err != nil {
		return nil, err
	}
	s.gate = &gate.Gate{People: s.People, Languages: c.Words.Languages(), BaseURL: base, Proxies: c.Proxies, LargeBodies: []string{"/publications", "/draft/archive", "/draft/bank", "/draft/file", "/draft/edit", "/file", "/list", "/history", "/members/list", "/me/sealed-answers", "/answers/file"}}
	face = &api.API{
		Audit: s.Audit, Privacy: s.Privacy, People: s.People, Learning: s.Learning, Library: s.Library, Locale: c.Words, Drafts: s.Drafts, Gate: s.gate,
		Issuer: s.Issuer, Sealed: box, Reports: s.Reports, Reminders: s.Reminders, Tracking: s.Tracking, Regrades: s.Regrades, History: s.History, Hooks: s.Hooks, Standing: s.Standing, SignUp: c.SignUp, Version: c.Version, Now: c.Now,
	}
	pages, err := web.New(web.Web{
		People: s.People, Learning: s.Learning, Library: s.Library, Tracking: s.Tracking, Desk: s.Desk, Drafts: s.Drafts, Live: s.Live, Locale: c.Words, Gate: s.gate,
		API: face, SignUp: c.SignUp, PublicFigures: c.PublicFigures, BaseURL: base, ExitURL: c.ExitURL, Now: c.Now,
	})
	if err != nil {
		return nil, err
	}
	s.App = newApp(face, pages)
	s.App.Get("/livez", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	s.App.Get("/readyz", s.ready)
	s.App.Use(s.gate.Pass)
	face.Mount(s.App)
	pages.Mount(s.App)
	s.App.Use(func(*fiber.Ctx) error { return fault.New("not-found") })
	s.work(c.Words)
	return s, nil
}

func (c *Config) fill() {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Seed == nil {
		c.Seed = func() uint64 { return binary.LittleEndian.Uint64(random(8)) }
	}
	if c.Code == nil {
		c.Code = func() string { return code.New(5) } // 125 bits
	}
	if c.CountWithin == 0 {
		c.CountWithin = 100 * time.Millisecond
	}
	if c.KeepMonths == 0 {
		c.KeepMonths = 36
	}
	if c.Mail == nil {
		c.Mail = func(context.Context, *mail.Message) error { return nil }
	}
	if c.ExitURL == "" {
		c.ExitURL = "https://www.yr.no/"
	}
	if c.BaseURL == "" {
		c.BaseURL = "http://127.0.0.1:8080"
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = crand.Read(b) // never fails: crypto/rand ends the program instead
	return b
}

func (s *Server) learner(ctx context.Context, id string) (learning.Learner, error) {
	a, err := s.People.Account(ctx, id)
	if err != nil {
		return learning.Learner{}, err
	}
	return gate.LearnerOf(a), nil
}

// look keeps letters that somebody asked for from leaving for an address that
// nobody here has, and asks about reminders what they say by now.
func (s *Server) look(ctx context.Context, l *mail.Letter) (mail.Verdict, error) {
	switch l.Kind {
	case mail.Reminder:
		return s.Reminders.Look(ctx, l)
	case mail.StandingReport:
		return s.Standing.Look(ctx, l)
	case mail.SignInLink, mail.MergeAccounts:
		a, err := s.People.ByEmail(ctx, l.To)
		if fault.Is(err, "not-found") {
			return mail.Verdict{Drop: true}, nil
		}
		return mail.Verdict{Drop: err != nil || a.Disabled}, err
	}
	return mail.Verdict{}, nil
}

func (s *Server) firstAdministrator(ctx context.Context, c Config) error {
	administered, err := s.People.Administered(ctx)
	if err != nil || administered {
		return err
	}
	if c.AdminEmail != "" || c.AdminPassword != "" {
		_, err := s.People.Create(ctx, people.NewAccount{
			Email: c.AdminEmail, Password: c.AdminPassword, Name: "Administrator", Roles: people.FirstAdministrator,
		})
		if fault.Is(err, "email-taken") {
			return nil // another server made it
		}
		var f *fault.Error
		if errors.As(err, &f) && f.Field != "" {
			return fmt.Errorf("the first administrator cannot be made: %s of HAVN_ADMIN_EMAIL and HAVN_ADMIN_PASSWORD is refused (%s)", f.Field, f.Code)
		}
		return err
	}
	token, err := s.People.NewSetUpToken()
	s.SetUpLink = strings.TrimSuffix(c.BaseURL, "/") + "/set-up/" + token
	return err
}

// ready answers whether a request would be served now.
func (s *Server) ready(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), 2*time.Second)
	defer cancel()
	if err := s.store.Ping(ctx); err != nil {
		return c.Status(fiber.StatusServiceUnavailable).SendString("the store does not answer\n")
	}
	return c.SendString("ok\n")
}

// work does what no request waits for: taking in publications of other servers,
// closing attempts whose time is up, deleting old sessions.
func (s *Server) work(words *locale.Catalog) {
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	every := func(d time.Duration, name string, f func(context.Context) error) {
		s.worker.Go(func() {
			tick := time.NewTicker(d)
			defer tick.Stop()
			for {
				if err := f(ctx); err != nil && ctx.Err() == nil {
					slog.Warn("background work failed and will be tried again", "work", name, "error", err)
				}
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
			}
		})
	}
	s.worker.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-s.Letters.Waiting():
			case <-time.After(15 * time.Second):
			}
			if err := s.Letters.Work(ctx); err != nil && ctx.Err() == nil {
				slog.Warn("letters wait and will be tried again", "error", err)
			}
		}
	})
	s.worker.Go(func() {
		for {
			if err := s.Tracking.Work(ctx); err != nil && ctx.Err() == nil {
				slog.Warn("assignments wait and will be tried again", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-s.Tracking.Waiting():
			case <-time.After(15 * time.Second):
			}
		}
	})
	s.worker.Go(func() {
		if _, err := s.Tracking.Figures(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("figures could not be counted", "error", err)
		}
	})
	s.worker.Go(func() {
		for {
			if err := s.Regrades.Work(ctx); err != nil && ctx.Err() == nil {
				slog.Warn("regrades wait and will be tried again", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-s.Regrades.Waiting():
			case <-time.After(15 * time.Second):
			}
		}
	})
	s.worker.Go(func() {
		for {
			if err := s.History.Work(ctx); err != nil && ctx.Err() == nil {
				slog.Warn("completions from elsewhere wait and will be tried again", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-s.History.Waiting():
			case <-time.After(15 * time.Second):
			}
		}
	})
	s.worker.Go(func() {
		for {
			if err := s.Hooks.Work(ctx); err != nil && ctx.Err() == nil {
				slog.Warn("webhooks wait and will be tried again", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-s.Hooks.Waiting():
			case <-time.After(3 * time.Second):
			}
		}
	})
	every(24*time.Hour, "duties", s.Tracking.Repair)
	every(5*time.Minute, "reminders", s.Reminders.Work)
	every(5*time.Minute, "standing reports", s.Standing.Work)
	every(24*time.Hour, "old reminders", s.Reminders.Forget)
	every(2*time.Second, "publications", s.Library.Refresh)
	every(20*time.Second, "drafts", s.Drafts.Work)
	every(10*time.Second, "keys", s.Issuer.Refresh)
	every(10*time.Second, "attempts", s.Learning.Sweep)
	every(time.Hour, "certificates", s.Learning.CertifyMissing)
	every(time.Hour, "sessions", s.People.Sweep)
	every(24*time.Hour, "audit", s.Audit.Forget)
	every(time.Hour, "erasures", s.Privacy.Sweep)
	every(24*time.Hour, "reports", s.Reports.Forget)
	every(time.Hour, "rooms", s.Live.Forget)
	every(24*time.Hour, "answers", s.Learning.ForgetAnswers)
	every(24*time.Hour, "retention", func(ctx context.Context) error { return s.Privacy.Retain(ctx, words.Date) })
}

// Serve answers requests until Close.
func (s *Server) Serve(l net.Listener) error { return s.App.Listener(l) }

// Close lets running requests end, stops the background work and closes the store.
func (s *Server) Close() error {
	err := s.App.ShutdownWithTimeout(10 * time.Second)
	s.stop()
	s.worker.Wait()
	return errors.Join(err, s.store.Close())
}
