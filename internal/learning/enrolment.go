package learning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/store"
)

// Status is how far an enrolment is.
type Status string

// The statuses.
const (
	Assigned  Status = "assigned" // has to take the course and has not begun
	Exempt    Status = "exempt"   // is let off and has not begun
	Released  Status = "released" // had to once, does not any more, and never began
	Enrolled  Status = "enrolled"
	Recorded  Status = "recorded" // completed elsewhere, and not here; may have begun here
	Completed Status = "completed"
)

// Trained tells whether the person has completed the course, here or elsewhere.
func (s Status) Trained() bool { return s == Completed || s == Recorded }

// Begun tells whether the person has taken the course up here.
func (e *Enrolment) Begun() bool { return !e.EnrolledAt.IsZero() }

// Enrolment is one person's standing in one course.
type Enrolment struct {
	store.Meta `bson:",inline"` // id: account:course
	Account    string           `json:"account"`
	// Unit is the path of the organisation that the person works in, "" none; it
	// follows the account (Move).
	Unit       string                `json:"unit"`
	Language   string                `json:"language"`   // of the person; follows the account
	Country    string                `json:"country"`    // that they work in; follows the account
	Profession string                `json:"profession"` // "" unsaid; follows the account
	Course     string                `json:"course"`
	Version    int                   `json:"version"` // the publication enrolled on
	Status     Status                `json:"status"`
	Pages      map[string]store.Time `json:"pages"`   // page id → first read
	Quizzes    map[string]Standing   `json:"quizzes"` // quiz id → what counts of it
	Later      map[string]store.Time `json:"later"`   // page id → skipped, to be read later
	LastPage   string                `json:"last_page,omitempty"`

	// Duties are why the person has to take the course, by assignment.
	Duties map[string]Duty `json:"duties"`
	// LetOff is from which assignments the person is exempt that they do not have now,
	// by assignment: whoever comes back to one is exempt again.
	LetOff map[string]Exemption `json:"let_off"`
	// DueOn is the last day on which what is to be done next is in time, DueAt
	// the moment at which that day has ended; empty where nothing is due.
	DueOn string     `json:"due_on"`
	DueAt store.Time `json:"due_at"`

	EnrolledAt  store.Time `json:"enrolled_at"` // zero where the course is not begun
	CompletedAt store.Time `json:"completed_at"`
	// SinceWeek is the week in which the person came to have the course, DoneWeek
	// that in which the certificate was earned that there is, or what is recorded from
	// elsewhere was completed: see Week. They follow from the rest; reports count by
	// them.
	SinceWeek string `json:"since_week"`
	DoneWeek  string `json:"done_week"`
	// Took, Gain and Rated are how long it took and what was gained, in bands: see
	// gain.go. They follow from the rest too.
	Took        string `json:"took"`
	Gain        string `json:"gain"`
	Rated       string `json:"rated"`
	Certificate string `json:"certificate,omitempty"` // code
	// CertificateVersion is the publication that was completed.
	CertificateVersion int `json:"certificate_version,omitempty"`
	// EndsAt is when the certificate ends; zero: never, or not kept yet.
	EndsAt store.Time `json:"ends_at"`
	// RenewedAt is when Certificate was earned in place of Renews, the one before.
	RenewedAt store.Time `json:"renewed_at"`
	// ChangedAt is when what lists tell of it was last changed.
	ChangedAt store.Time `json:"changed_at"`
	Renews    string     `json:"renews"`
	Renewal   Renewing   `json:"renewal"`
	// Elsewhere are completions of the course that other systems know of, by key:
	// see Record. The newest counts, until the course is completed here.
	Elsewhere map[string]Elsewhere `json:"elsewhere"`
	// Corrected are the corrections of keys that changed it, the oldest first.
	Corrected []Corrected `json:"corrected"`
}

// Standing is what counts of the attempts at one quiz, by its rule keep.
type Standing struct {
	Attempts int    `json:"attempts"` // submitted
	Percent  int    `json:"percent"`  // rounded down
	Passed   bool   `json:"passed"`
	Attempt  string `json:"attempt"` // the one that counts
	// First and Last are what the first and the last attempt came to, in per cent.
	First int `json:"first"`
	Last  int `json:"last"`
}

// Progress measures an enrolment against the current publication.
type Progress struct {
	PagesRead     int `json:"pages_read"`
	Pages         int `json:"pages"`
	QuizzesPassed int `json:"quizzes_passed"`
	Quizzes       int `json:"quizzes"`
	Percent       int `json:"percent"` // of pages and quizzes together, rounded down; 100 only when all is done
}

// ProgressOf counts what of a publication is done. It is pure.
func ProgressOf(p *course.Publication, e *Enrolment) Progress {
	var g Progress
	for _, m := range p.Course.Modules {
		for _, id := range m.Pages {
			g.Pages++
			if _, read := e.Pages[id]; read {
				g.PagesRead++
			}
		}
		if m.Quiz != nil {
			g.Quizzes++
			if e.Quizzes[m.Quiz.ID].Passed {
				g.QuizzesPassed++
			}
		}
	}
	if all := g.Pages + g.Quizzes; all > 0 {
		g.Percent = 100 * (g.PagesRead + g.QuizzesPassed) / all
	}
	return g
}

// complete is the course's rule of completion.
func (g Progress) complete(rule string) bool {
	pages, quizzes := g.PagesRead == g.Pages, g.QuizzesPassed == g.Quizzes
	switch rule {
	case "pages":
		return pages
	case "quizzes":
		return quizzes
	}
	return pages && quizzes
}

func enrolmentID(account, slug string) string { return account + ":" + slug }

// Enrol enrols a learner in the current publication of a course. A repeat gives
// the enrolment that is there; created tells which of the two it was. The fault is
// "enrolment-closed" for a course that only those may begin who have to take it.
func (l *Learning) Enrol(ctx context.Context, who Learner, slug string) (e *Enrolment, created bool, err error) {
	p, err := l.begun(who, slug)
	if err != nil {
		return nil, false, err
	}
	only := l.Library.AssignedOnly(slug)
	e = newEnrolment(who, slug)
	e.begin(p, l.stamp())
	if !only {
		if err = l.enrolments.Insert(ctx, e); !errors.Is(err, store.ErrExists) {
			return e, err == nil, err
		}
	}
	e, err = l.enrolments.Update(ctx, e.ID, func(e *Enrolment) error {
		switch created = !e.Begun(); {
		case !created:
			return store.ErrUnchanged
		case only && len(e.Duties) == 0:
			return fault.New("enrolment-closed")
		}
		e.begin(p, l.stamp())
		return nil
	})
	if only && errors.Is(err, store.ErrNotFound) {
		err = fault.New("enrolment-closed")
	}
	return e, created, err
}

func newEnrolment(who Learner, slug string) *Enrolment {
	return &Enrolment{
		Meta: store.Meta{ID: enrolmentID(who.ID, slug)}, Account: who.ID, Unit: who.Unit, Language: who.Language, Country: who.Country, Profession: who.Profession, Course: slug,
		Pages: map[string]store.Time{}, Quizzes: map[string]Standing{}, Later: map[string]store.Time{}, Duties: map[string]Duty{}, Elsewhere: map[string]Elsewhere{},
	}
}

func (e *Enrolment) begin(p *course.Publication, now store.Time) {
	e.Version, e.EnrolledAt, e.ChangedAt = p.Version, now, now
	e.weigh(p.Course.Completion.ValidMonths)
	e.date(now)
}

// date derives the weeks that reports count by.
func (e *Enrolment) date(now store.Time) {
	if e.SinceWeek == "" {
		if !e.EnrolledAt.IsZero() && e.EnrolledAt.Before(now.Time) {
			now = e.EnrolledAt
		}
		for _, d := range e.Duties {
			if d.Since.Before(now.Time) {
				now = d.Since
			}
		}
		e.SinceWeek = Week(now.Time)
	}
	e.Took, e.Gain = e.took(), gainOf(e.Quizzes)
	e.DoneWeek = ""
	if done := e.DoneAt(); !done.IsZero() {
		e.DoneWeek = Week(done)
	}
}

// Week names the week of a time in UTC as ISO 8601 does: "2026-W48".
func Week(t time.Time) string {
	year, week := t.UTC().ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}

// Monday is the day on which a week begins: that of the week with 4 January is
// the first (ISO 8601).
func Monday(week string) time.Time {
	year, n := 0, 0
	for _, c := range week[:4] {
		year = 10*year + int(c-'0')
	}
	for _, c := range week[6:] {
		n = 10*n + int(c-'0')
	}
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
	return fourth.AddDate(0, 0, 7*(n-1)-(int(fourth.Weekday())+6)%7)
}

// Enrolment is a learner's standing in a course, or the fault "not-enrolled".
func (l *Learning) Enrolment(ctx context.Context, who Learner, slug string) (*Enrolment, error) {
	if _, err := l.current(who, slug); err != nil {
		return nil, err
	}
	e, err := l.enrolments.Get(ctx, enrolmentID(who.ID, slug))
	if errors.Is(err, store.ErrNotFound) || err == nil && !e.Begun() {
		return nil, fault.New("not-enrolled")
	}
	return e, err
}

// Enrolments lists a learner's enrolments and what they have to take up, the
// newest first.
func (l *Learning) Enrolments(ctx context.Context, who Learner) ([]Enrolment, error) {
	list, err := l.enrolmentsOf(ctx, who)
	return slices.DeleteFunc(list, func(e Enrolment) bool { return e.Status == Released }), err
}

func (l *Learning) enrolmentsOf(ctx context.Context, who Learner) ([]Enrolment, error) {
	page, err := l.enrolments.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", who.ID)}})
	slices.SortFunc(page.Items, func(a, b Enrolment) int { return b.EnrolledAt.Compare(a.EnrolledAt.Time) })
	return page.Items, err
}

// ReadPage notes that a page was read. A repeat is harmless: the first time counts.
func (l *Learning) ReadPage(ctx context.Context, who Learner, slug, page string) error {
	p, err := l.current(who, slug)
	if err != nil {
		return err
	}
	if _, ok := p.Edition("").Pages[page]; !ok {
		return fault.At("unknown-page", "page")
	}
	return l.advance(ctx, who, p, func(e *Enrolment) bool {
		_, read := e.Pages[page]
		again := e.readAgain(p, page, l.Now())
		if read && e.LastPage == page && !again {
			return false
		}
		delete(e.Later, page)
		if e.Pages == nil {
			e.Pages = map[string]store.Time{}
		}
		if !read {
			e.Pages[page] = l.stamp()
		}
		e.LastPage = page
		return true
	})
}

// LeavePage notes that a page was skipped, to be read later: it does not count as
// read. A repeat is harmless, and so is skipping what was read.
func (l *Learning) LeavePage(ctx context.Context, who Learner, slug, page string) error {
	p, err := l.current(who, slug)
	if err != nil {
		return err
	}
	if _, ok := p.Edition("").Pages[page]; !ok {
		return fault.At("unknown-page", "page")
	}
	return l.advance(ctx, who, p, func(e *Enrolment) bool {
		_, read := e.Pages[page]
		if _, left := e.Later[page]; read || left {
			return false
		}
		if e.Later == nil {
			e.Later = map[string]store.Time{}
		}
		e.Later[page] = l.stamp()
		return true
	})
}

// advance changes an enrolment and, in the same write, completes it or renews its
// certificate if the change fulfils what that needs. The certificate is derived
// from that.
func (l *Learning) advance(ctx context.Context, who Learner, p *course.Publication, change func(*Enrolment) bool) error {
	code := l.Code()
	e, err := l.enrolments.Update(ctx, enrolmentID(who.ID, p.Course.Slug), func(e *Enrolment) error {
		if !e.Begun() {
			return fault.New("not-enrolled")
		}
		changed := change(e)
		if !e.achieve(p, code, l.stamp()) && !changed {
			return store.ErrUnchanged
		}
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return fault.New("not-enrolled")
	}
	if err != nil {
		return err
	}
	return l.certify(ctx, who, p, e)
}

// achieve completes the enrolment or renews its certificate, under a code, if what
// that needs is fulfilled, and tells whether it did.
func (e *Enrolment) achieve(p *course.Publication, code string, now store.Time) bool {
	switch {
	case e.Status != Completed && ProgressOf(p, e).complete(p.Course.Completion.Require):
		e.Status, e.CompletedAt, e.ChangedAt = Completed, now, now
		e.certify(p, code, now.Time)
	case e.Status == Completed && RenewalOf(p, e, now.Time).done():
		e.Renews, e.RenewedAt, e.ChangedAt, e.Renewal = e.Certificate, now, now, Renewing{}
		e.certify(p, code, now.Time)
	default:
		return false
	}
	e.date(now)
	return true
}

// begun is a course that something may begin in: one that is not withdrawn.
func (l *Learning) begun(who Learner, slug string) (*course.Publication, error) {
	if l.Library.Withdrawn(slug) {
		return nil, fault.New("course-withdrawn")
	}
	return l.current(who, slug)
}

// certify gives the enrolment its certificate, earned on p.
func (e *Enrolment) certify(p *course.Publication, code string, now time.Time) {
	e.Certificate, e.CertificateVersion, e.EndsAt = code, p.Version, store.Time{}
	if months := p.Course.Completion.ValidMonths; months > 0 {
		e.EndsAt = store.At(addMonths(now, months))
	}
	e.weigh(p.Course.Completion.ValidMonths)
}

// current is a course as it stands where the learner works.
func (l *Learning) current(who Learner, slug string) (*course.Publication, error) {
	p, ok := l.Library.Current(slug)
	if !ok {
		return nil, fault.New("not-found")
	}
	return p.For(who.Country), nil
}
