package learning

import (
	"context"
	"errors"
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
	Language   string           `json:"language"`
	IssuedAt   store.Time       `json:"issued_at"`
	ExpiresAt  store.Time       `json:"expires_at"` // zero: does not expire
	RevokedAt  store.Time       `json:"revoked_at"`
}

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

// Initials is the holder as a stranger sees them: the first letter of each part
// of the name.
func (c *Certificate) Initials() string {
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

// certify writes the certificate of a completed enrolment, if it is not there.
func (l *Learning) certify(ctx context.Context, who Learner, p *course.Publication, e *Enrolment) error {
	if e.Certificate == "" {
		return nil
	}
	c := &Certificate{
		Meta: store.Meta{ID: e.Certificate}, Account: who.ID, Holder: who.Name, Course: e.Course,
		Version: e.CertificateVersion, Language: who.Language, IssuedAt: e.CompletedAt,
	}
	if months := p.Course.Completion.ValidMonths; months > 0 {
		c.ExpiresAt = store.At(addMonths(e.CompletedAt.Time, months))
	}
	if err := l.certificates.Insert(ctx, c); !errors.Is(err, store.ErrExists) {
		return err
	}
	return nil
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

// Revoke withdraws a certificate for good. A repeat is harmless.
func (l *Learning) Revoke(ctx context.Context, code string) error {
	now := l.stamp()
	_, err := l.certificates.Update(ctx, code, func(c *Certificate) error {
		if !c.RevokedAt.IsZero() {
			return store.ErrUnchanged
		}
		c.RevokedAt = now
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return fault.New("not-found")
	}
	return err
}

// Revoked are the codes of all certificates that were withdrawn.
func (l *Learning) Revoked(ctx context.Context) (codes []string, err error) {
	since := store.At(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) // the others have no time there
	err = l.certificates.Each(ctx, store.Query{Where: []store.Cond{{Field: "revoked_at", Op: store.Gt, Value: since}}}, func(c *Certificate) error {
		codes = append(codes, c.ID)
		return nil
	})
	return codes, err
}
