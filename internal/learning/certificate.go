package learning

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"havn/internal/code"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/store"
)

// Certificate states that a person completed a version of a course. Anybody who
// has the code can check it; what they see is Proof.
type Certificate struct {
	store.Meta `bson:",inline"` // id: the code
	Account    string           `json:"account"`
	Holder     string           `json:"holder"` // the name when it was issued
	Course     string           `json:"course"`
	Version    int              `json:"version"`
	Renews     string           `json:"renews"`   // the code of the one before, which it takes the place of
	Language   string           `json:"language"` // that its holder wishes it in
	Shows      Shows            `json:"shows"`
	// StatusList and StatusIndex are its place among those that can be withdrawn.
	StatusList  string     `json:"status_list"`
	StatusIndex int        `json:"status_index"`
	IssuedAt    store.Time `json:"issued_at"`
	ExpiresAt   store.Time `json:"expires_at"` // zero: does not expire
	RevokedAt   store.Time `json:"revoked_at"`
	// RevokedFor is the regrade that withdrew it and may give it back; "" nobody may.
	RevokedFor string `json:"revoked_for"`
}

// Shows is what a stranger who has the code sees of the holder. Course and days
// are always shown: they are what is attested.
type Shows string

// The holder's choices.
const (
	ShowInitials Shows = "initials"
	ShowName     Shows = "name"
	ShowNothing  Shows = "nothing"
)

// CertificateStatus is what a check comes to.
type CertificateStatus string

// The answers to a check.
const (
	Valid   CertificateStatus = "valid"
	Expired CertificateStatus = "expired"
	Revoked CertificateStatus = "revoked"
)

// Status is that at a moment.
func (c *Certificate) Status(now time.Time) CertificateStatus {
	switch {
	case !c.RevokedAt.IsZero():
		return Revoked
	case !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt.Time):
		return Expired
	}
	return Valid
}

// Shown is the holder as a stranger sees them: by the holder's choice the name,
// the first letter of each part of it, or nothing.
func (c *Certificate) Shown() string {
	switch c.Shows {
	case ShowName:
		return c.Holder
	case ShowNothing:
		return ""
	}
	var b strings.Builder
	for i, part := range strings.Fields(c.Holder) {
		r, _ := utf8.DecodeRuneInString(part)
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strings.ToUpper(string(r)) + ".")
	}
	return b.String()
}

// Certificate finds a certificate by its code, however it was typed.
func (l *Learning) Certificate(ctx context.Context, typed string) (*Certificate, error) {
	if len(typed) > 100 {
		return nil, fault.New("not-found")
	}
	c, err := l.certificates.Get(ctx, code.Normal(typed))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, fault.New("not-found")
	}
	return c, err
}

// Certificates are one's own, the newest first.
func (l *Learning) Certificates(ctx context.Context, who Learner) ([]Certificate, error) {
	page, err := l.certificates.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", who.ID)}})
	slices.SortFunc(page.Items, func(a, b Certificate) int { return b.IssuedAt.Compare(a.IssuedAt.Time) })
	return page.Items, err
}

// Choice is what the holder decides of a certificate; "" leaves it as it is.
type Choice struct {
	Shows    Shows
	Language string
}

// Choose keeps the holder's choice. Somebody else's certificate is "not-found".
func (l *Learning) Choose(ctx context.Context, who Learner, code string, choice Choice) (*Certificate, error) {
	switch choice.Shows {
	case "", ShowInitials, ShowName, ShowNothing:
	default:
		return nil, fault.At("bad-request", "shows")
	}
	if choice.Language != "" && !slices.Contains(l.Languages, choice.Language) {
		return nil, fault.At("language-unknown", "language")
	}
	c, err := l.Certificate(ctx, code)
	if err != nil {
		return nil, err
	}
	return l.certificates.Update(ctx, c.ID, func(c *Certificate) error {
		if who.ID == "" || c.Account != who.ID {
			return fault.New("not-found")
		}
		c.Shows, c.Language = cmp.Or(choice.Shows, c.Shows), cmp.Or(choice.Language, c.Language)
		return nil
	})
}

// Due is a day by which something of a course has to be done, and why.
type Due struct {
	At  store.Time `json:"at"`
	Why string     `json:"why" enum:"certificate-ends"`
}

// Dues are the days that a certificate sets.
func (c *Certificate) Dues() []Due {
	if c.ExpiresAt.IsZero() || !c.RevokedAt.IsZero() {
		return nil
	}
	return []Due{{c.ExpiresAt, "certificate-ends"}}
}

// StatusEntries is how many certificates share a status list: so many that
// nobody who fetches it tells which one they look at (W3C, Bitstring Status List
// v1.0, "herd privacy": at least 131,072).
const StatusEntries = 1 << 17

// statusTries is how often a free place is looked for in one list before the
// next one is begun.
const statusTries = 4

// certify writes the certificate of a completed enrolment, if it is not there.
func (l *Learning) certify(ctx context.Context, who Learner, p *course.Publication, e *Enrolment) error {
	if e.Certificate == "" {
		return nil
	}
	c := &Certificate{
		Meta: store.Meta{ID: e.Certificate}, Account: who.ID, Holder: who.Name, Course: e.Course, Shows: ShowInitials,
		Version: e.CertificateVersion, Language: who.Language, IssuedAt: store.At(e.CertifiedAt()), Renews: e.Renews,
	}
	if end := e.ends(p.Course.Completion.ValidMonths); !end.IsZero() {
		c.ExpiresAt = store.At(end)
	}
	if _, err := l.certificates.Get(ctx, c.ID); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if e.Renews != "" { // the holder has chosen before
		before, err := l.certificates.Get(ctx, e.Renews)
		if err == nil {
			c.Shows, c.Language = before.Shows, before.Language
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	for try := 0; ; try++ {
		c.StatusList, c.StatusIndex = strconv.Itoa(1+try/statusTries), int(l.Seed()%StatusEntries)
		switch err := l.certificates.Insert(ctx, c); {
		case errors.Is(err, store.ErrTaken): // somebody else has that place
		case errors.Is(err, store.ErrExists):
			return nil
		default:
			return err
		}
	}
}

// mendFor is how far back CertifyMissing looks.
const mendFor = 7 * 24 * time.Hour

// CertifyMissing writes the certificates of those whose course was completed or
// renewed within the last seven days and whose server fell before it had written
// them. It is run now and then by each server; several at once do no harm.
func (l *Learning) CertifyMissing(ctx context.Context) error {
	var missing []Enrolment
	err := l.enrolments.Each(ctx, store.Query{Where: []store.Cond{{Field: "changed_at", Op: store.Gt, Value: store.At(l.Now().Add(-mendFor))}}}, func(e *Enrolment) error {
		if e.Certificate == "" {
			return nil
		}
		_, err := l.certificates.Get(ctx, e.Certificate)
		if errors.Is(err, store.ErrNotFound) {
			missing, err = append(missing, *e), nil
		}
		return err
	})
	for i := range missing {
		who, failed := l.Learner(ctx, missing[i].Account)
		if fault.Is(failed, "not-found") {
			continue // the person is gone
		}
		if failed == nil {
			failed = l.certifyAgain(ctx, who, &missing[i])
		}
		err = errors.Join(err, failed)
	}
	return err
}

func (l *Learning) certifyAgain(ctx context.Context, who Learner, e *Enrolment) error {
	p, err := l.current(who, e.Course)
	if fault.Is(err, "not-found") {
		return nil
	}
	if err != nil {
		return err
	}
	return l.certify(ctx, who, p, e)
}

// addMonths keeps to the month it should reach: a month after 31 January is the
// last day of February.
func addMonths(t time.Time, n int) time.Time {
	u := t.AddDate(0, n, 0)
	if u.Day() != t.Day() {
		u = u.AddDate(0, 0, -u.Day())
	}
	return u
}

// Revoke withdraws a certificate for good: no regrade that withdrew it before gives
// it back. A repeat is harmless.
func (l *Learning) Revoke(ctx context.Context, code string) error {
	return l.revoke(ctx, code, "")
}

// revoke withdraws a certificate, for a regrade or, with "", for good.
func (l *Learning) revoke(ctx context.Context, code, regrade string) error {
	now := l.stamp()
	_, err := l.certificates.Update(ctx, code, func(c *Certificate) error {
		switch {
		case c.RevokedAt.IsZero():
			c.RevokedAt, c.RevokedFor = now, regrade
		case c.RevokedFor != "" && regrade == "":
			c.RevokedFor = ""
		default:
			return store.ErrUnchanged
		}
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return fault.New("not-found")
	}
	return err
}

// Revoked are all certificates that were withdrawn.
func (l *Learning) Revoked(ctx context.Context) (list []Certificate, err error) {
	err = l.certificates.Each(ctx, store.Query{Where: []store.Cond{{Field: "revoked_at", Op: store.Gt, Value: store.Earliest}}}, func(c *Certificate) error {
		list = append(list, *c)
		return nil
	})
	return list, err
}
