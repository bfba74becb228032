package learning

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/store"
)

// Corrected is a correction that an enrolment has had.
type Corrected struct {
	Regrade string `json:"regrade"`
	Before  Earned `json:"before"`
	After   Earned `json:"after"`
	// Revoked is the certificate that it took away, "" none.
	Revoked string `json:"revoked"`
	Told    bool   `json:"told"` // its learner was written to
}

// Earned is what of an enrolment is derived from attempts.
type Earned struct {
	Status             Status              `json:"status"`
	Quizzes            map[string]Standing `json:"quizzes"`
	CompletedAt        store.Time          `json:"completed_at"`
	Certificate        string              `json:"certificate"`
	CertificateVersion int                 `json:"certificate_version"`
	EndsAt             store.Time          `json:"ends_at"`
	RenewedAt          store.Time          `json:"renewed_at"`
	Renews             string              `json:"renews"`
	Renewal            Renewing            `json:"renewal"`
}

func (e *Enrolment) earned() Earned {
	r := e.Renewal
	r.Pages, r.Quizzes = maps.Clone(r.Pages), maps.Clone(r.Quizzes)
	return Earned{e.Status, maps.Clone(e.Quizzes), e.CompletedAt, e.Certificate, e.CertificateVersion, e.EndsAt, e.RenewedAt, e.Renews, r}
}

func (e *Enrolment) earn(x Earned) {
	e.Status, e.Quizzes, e.CompletedAt, e.Certificate, e.CertificateVersion = x.Status, x.Quizzes, x.CompletedAt, x.Certificate, x.CertificateVersion
	e.EndsAt, e.RenewedAt, e.Renews, e.Renewal = x.EndsAt, x.RenewedAt, x.Renews, x.Renewal
}

// is compares by what is stored.
func (x Earned) is(y Earned) bool {
	a, errA := json.Marshal(x)
	b, errB := json.Marshal(y)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// corrected is what the enrolment has had of a correction; nil nothing.
func (e *Enrolment) corrected(regrade string) *Corrected {
	if i := slices.IndexFunc(e.Corrected, func(c Corrected) bool { return c.Regrade == regrade }); i >= 0 {
		return &e.Corrected[i]
	}
	return nil
}

// EachConcerned walks the attempts of the versions that a correction is for, by
// version and then by id, from behind an attempt of a version ("" and 0: from the
// first).
func (l *Learning) EachConcerned(ctx context.Context, c *Correction, version int, behind string, each func(*Attempt) error) error {
	for v := max(c.From, version); v < c.To; v++ {
		where := []store.Cond{store.Is("version", v), store.Is("course", c.Course)}
		if v == version && behind != "" {
			where = append(where, store.Cond{Field: "_id", Op: store.Gt, Value: behind})
		}
		if err := l.attempts.Each(ctx, store.Query{Where: where}, each); err != nil {
			return err
		}
	}
	return nil
}

// WouldCorrect counts what a correction would make of an attempt, and changes nothing.
func (l *Learning) WouldCorrect(ctx context.Context, c *Correction, a *Attempt) (Tally, error) {
	_, t, err := l.weigh(ctx, c, a)
	return t, err
}

// Correct brings a correction to attempts of one learner and derives what follows
// from them: the standing, completion, the certificate. It tells whether a result
// came to something else, which the learner is told once (Told). A repeat is
// harmless and comes to the same.
//
// Somebody who passes now completes the course as by any other attempt. Who passes
// no longer, which NeverLower keeps from happening, has not completed it any more:
// the certificate is withdrawn, unless it was renewed since.
func (l *Learning) Correct(ctx context.Context, who Learner, c *Correction, attempts []*Attempt) (t Tally, tell bool, err error) {
	changed := map[string]*Attempt{} // one of each quiz
	for _, a := range attempts {
		var one Tally
		after, err := l.attempts.Update(ctx, a.ID, func(x *Attempt) error {
			var err error
			had := len(x.Regraded)
			if one, err = l.regrade(ctx, c, x); err == nil && len(x.Regraded) == had {
				err = store.ErrUnchanged
			}
			return err
		})
		if errors.Is(err, store.ErrNotFound) {
			continue // the person is gone
		}
		if err != nil {
			return t, false, err
		}
		t.Add(one)
		if had := after.regraded(c.ID); had != nil && one.Unchanged == 0 {
			key := after.Quiz
			if after.Renews != "" {
				key += ":" + after.Renews
			}
			changed[key] = after
		}
	}
	for _, key := range slices.Sorted(maps.Keys(changed)) {
		if tell, err = l.settleCorrected(ctx, who, c, changed[key]); err != nil {
			return t, false, err
		}
	}
	return t, tell, nil
}

// settleCorrected derives from a corrected attempt what follows from it, and keeps
// what was before. It tells whether the learner has still to be told.
func (l *Learning) settleCorrected(ctx context.Context, who Learner, c *Correction, a *Attempt) (tell bool, err error) {
	p, err := l.current(who, a.Course)
	if err != nil {
		return false, err
	}
	attempts, standing, err := l.standing(ctx, who, p, a)
	if err != nil {
		return false, err
	}
	passed := passedRenewal(attempts, a.Renews)
	code, revoked := l.Code(), ""
	e, err := l.enrolments.Update(ctx, enrolmentID(who.ID, a.Course), func(e *Enrolment) error {
		revoked, tell = "", false
		if !e.Begun() {
			return store.ErrUnchanged
		}
		if e.corrected(c.ID) == nil {
			e.Corrected = append(slices.Clone(e.Corrected), Corrected{Regrade: c.ID, Before: e.earned()})
		}
		had := e.corrected(c.ID)
		tell = !had.Told
		lost := false
		if a.Renews == "" {
			lost = e.Quizzes[a.Quiz].Passed && !standing.Passed
			e.Quizzes = maps.Clone(e.Quizzes)
			if e.Quizzes == nil {
				e.Quizzes = map[string]Standing{}
			}
			e.Quizzes[a.Quiz] = standing
		} else if e.Certificate == a.Renews && e.renewing().Quizzes[a.Quiz] < passed {
			e.again().Quizzes[a.Quiz] = passed
		}
		if lost && e.Status == Completed && e.Renews == "" && p.Course.Completion.Require != "pages" {
			had.Revoked = e.Certificate
			e.Status, e.CompletedAt, e.Certificate, e.CertificateVersion, e.EndsAt = Enrolled, store.Time{}, "", 0, store.Time{}
			e.weigh(p.Course.Completion.ValidMonths)
			e.ChangedAt = l.stamp()
			e.date(e.ChangedAt)
		} else {
			e.achieve(p, code, l.stamp())
		}
		e.Gain = gainOf(e.Quizzes)
		had.After, revoked = e.earned(), had.Revoked
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err == nil && revoked != "" {
		err = l.withdraw(ctx, revoked, c.ID)
	}
	if err != nil {
		return false, err
	}
	return tell, l.certify(ctx, who, p, e)
}

// Told notes that a learner was written to about a correction.
func (l *Learning) Told(ctx context.Context, account string, c *Correction) error {
	_, err := l.enrolments.Update(ctx, enrolmentID(account, c.Course), func(e *Enrolment) error {
		had := e.corrected(c.ID)
		if had == nil || had.Told {
			return store.ErrUnchanged
		}
		had.Told = true
		return nil
	})
	return store.IgnoreMissing(err)
}

// WasTold tells whether a learner was written to about a correction.
func (l *Learning) WasTold(ctx context.Context, account string, c *Correction) (bool, error) {
	e, err := l.enrolments.Get(ctx, enrolmentID(account, c.Course))
	if err != nil {
		return false, store.IgnoreMissing(err)
	}
	had := e.corrected(c.ID)
	return had != nil && had.Told, nil
}

// Restore takes a correction back from all attempts of one learner at the course:
// they come to what they came to before. So does the enrolment, where nothing has
// happened to it since; a certificate that came of the correction is withdrawn, and
// one that it took away holds again, unless an administrator withdrew it. Otherwise only its standing at the quizzes is
// derived anew. A repeat is harmless. It tells how many attempts were restored.
func (l *Learning) Restore(ctx context.Context, who Learner, c *Correction) (n int, err error) {
	page, err := l.attempts.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", who.ID), store.Is("course", c.Course)}})
	if err != nil {
		return 0, err
	}
	quizzes := map[string]*Attempt{}
	for i := range page.Items {
		a := &page.Items[i]
		if a.regraded(c.ID) == nil {
			continue
		}
		_, err := l.attempts.Update(ctx, a.ID, func(x *Attempt) error {
			had := x.regraded(c.ID)
			if had == nil {
				return store.ErrUnchanged
			}
			before := had.Before
			x.Result = &before
			x.Regraded = without(x.Regraded, func(r Regraded) bool { return r.Regrade == c.ID })
			return nil
		})
		if store.IgnoreMissing(err) != nil {
			return n, err
		}
		n++
		if a.Renews == "" {
			quizzes[a.Quiz] = a
		}
	}
	return n, l.restoreEnrolment(ctx, who, c, quizzes)
}

func (l *Learning) restoreEnrolment(ctx context.Context, who Learner, c *Correction, quizzes map[string]*Attempt) error {
	p, err := l.current(who, c.Course)
	if err != nil {
		return err
	}
	id := enrolmentID(who.ID, c.Course)
	for {
		e, err := l.enrolments.Get(ctx, id)
		if err != nil {
			return store.IgnoreMissing(err)
		}
		had := e.corrected(c.ID)
		whole := had != nil && e.earned().is(had.After)
		if whole { // certificates first: the note of them goes with the enrolment's
			if had.After.Certificate != "" && had.After.Certificate != had.Before.Certificate {
				if err := l.withdraw(ctx, had.After.Certificate, c.ID); err != nil {
					return err
				}
			}
			if err := l.reinstate(ctx, had.Revoked, c.ID); err != nil {
				return err
			}
		}
		standings := map[string]Standing{}
		for quiz, a := range quizzes {
			if _, standings[quiz], err = l.standing(ctx, who, p, a); err != nil {
				return err
			}
		}
		_, err = l.enrolments.Update(ctx, id, func(x *Enrolment) error {
			switch had := x.corrected(c.ID); {
			case x.Rev != e.Rev:
				return errMeanwhile
			case whole:
				if had.Before.Certificate != had.After.Certificate {
					x.ChangedAt = l.stamp()
				}
				x.earn(had.Before)
				x.weigh(p.Course.Completion.ValidMonths)
				x.date(l.stamp())
			case had == nil && len(standings) == 0:
				return store.ErrUnchanged
			default:
				maps.Copy(x.Quizzes, standings)
				x.Gain = gainOf(x.Quizzes)
			}
			x.Corrected = without(x.Corrected, func(y Corrected) bool { return y.Regrade == c.ID })
			return nil
		})
		if !errors.Is(err, errMeanwhile) {
			return store.IgnoreMissing(err)
		}
	}
}

var errMeanwhile = errors.New("the enrolment has changed meanwhile")

// withdraw revokes for a regrade a certificate that may not be written yet.
func (l *Learning) withdraw(ctx context.Context, code, regrade string) error {
	if err := l.revoke(ctx, code, regrade); !fault.Is(err, "not-found") {
		return err
	}
	return nil
}

// reinstate lets a certificate hold again that a regrade took away, unless it has
// been withdrawn for good since.
func (l *Learning) reinstate(ctx context.Context, code, regrade string) error {
	if code == "" {
		return nil
	}
	_, err := l.certificates.Update(ctx, code, func(c *Certificate) error {
		if c.RevokedFor != regrade {
			return store.ErrUnchanged
		}
		c.RevokedAt, c.RevokedFor = store.Time{}, ""
		return nil
	})
	return store.IgnoreMissing(err)
}

// standing is what counts of a quiz now, by its rule keep as it is published, or
// as it was in the attempt's own version where it is gone.
func (l *Learning) standing(ctx context.Context, who Learner, p *course.Publication, a *Attempt) ([]Attempt, Standing, error) {
	quiz, ok := p.Quiz(a.Quiz)
	if !ok {
		var err error
		if _, quiz, err = l.publication(ctx, a); err != nil {
			return nil, Standing{}, err
		}
	}
	attempts, err := l.attemptsAt(ctx, who, a.Course, a.Quiz)
	return attempts, standingOf(quiz.Keep, attempts), err
}

// without is a list without some; nil where nothing is left, as before there was one.
func without[T any](list []T, which func(T) bool) []T {
	list = slices.DeleteFunc(slices.Clone(list), which)
	if len(list) == 0 {
		return nil
	}
	return list
}
