// Package report is where readers say what is wrong with a text, and trainers
// see it. A report knows nothing of who made it, unless they ask for an answer.
package report

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"havn/internal/fault"
	"havn/internal/library"
	"havn/internal/store"
)

// MaxText is the longest text of a report, in characters.
const MaxText = 1000

// KeepDone is how long a report is kept after it was marked done.
const KeepDone = 365 * 24 * time.Hour

// Kind is what is wrong.
type Kind string

// Kinds are all there are.
var Kinds = []Kind{"wrong-fact", "hard", "translation", "other"}

// State tells whether a trainer has dealt with a report.
type State string

// The states.
const (
	Open State = "open"
	Done State = "done"
)

// Place is the text that a report is about: a page or a question of a course,
// as it was published, in one language.
type Place struct {
	Course   string `json:"course"`
	Version  int    `json:"version"`
	Page     string `json:"page,omitempty"`
	Question string `json:"question,omitempty"`
	Block    int    `json:"block"` // of the page, from 1; 0 the whole
	Language string `json:"language"`
}

// Report is one problem with one text.
type Report struct {
	store.Meta `bson:",inline"` // id: the client's UUID
	Place      `bson:",inline"`
	Kind       Kind   `json:"wrong"`
	Text       string `json:"text"`
	// Account is who may be answered, "" nobody.
	Account   string     `json:"account"`
	CreatedAt store.Time `json:"created_at"`
	DoneAt    store.Time `json:"done_at"`
}

// State is how far it is.
func (x *Report) State() State {
	if x.DoneAt.IsZero() {
		return Open
	}
	return Done
}

// Reports is the room's door. It is safe for concurrent use.
type Reports struct {
	library *library.Library
	now     func() time.Time
	reports *store.Collection[Report, *Report]
	pace    pace
}

// New declares the collection.
func New(ctx context.Context, e store.Engine, l *library.Library, now func() time.Time) (*Reports, error) {
	reports, err := store.Open[Report](ctx, e, store.Schema{Name: "reports", Version: 1, Indexes: []store.Index{
		{Fields: []string{"account"}}, {Fields: []string{"created_at"}}, {Fields: []string{"done_at"}},
	}})
	return &Reports{library: l, now: now, reports: reports}, err
}

// Make keeps a report under an id that the client made; a repeat gives the one
// that is there. by is who reports, for the pace; they are named in the report
// only if they may be answered.
func (r *Reports) Make(ctx context.Context, id, by string, answer bool, x Report) (*Report, error) {
	if u, err := uuid.Parse(id); err != nil || u.String() != id {
		return nil, fault.At("id-invalid", "report")
	}
	x.Text = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(x.Text, "\x00", ""), ""))
	if !slices.Contains(Kinds, x.Kind) {
		return nil, fault.At("invalid-field", "kind")
	}
	if x.Text == "" {
		return nil, fault.At("text-missing", "text")
	}
	if utf8.RuneCountInString(x.Text) > MaxText {
		return nil, fault.At("text-long", "text").With("max", MaxText)
	}
	if err := r.check(ctx, x.Place); err != nil {
		return nil, err
	}
	there, err := r.reports.Get(ctx, id)
	if err == nil {
		return same(there, &x)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if err := r.pace.take(by, r.now()); err != nil {
		return nil, err
	}
	x.Meta, x.CreatedAt = store.Meta{ID: id}, store.At(r.now())
	if answer {
		x.Account = by
	}
	err = r.reports.Insert(ctx, &x)
	if errors.Is(err, store.ErrExists) {
		if there, err = r.reports.Get(ctx, id); err == nil {
			return same(there, &x)
		}
	}
	return &x, err
}

// same tells a repeat from an id that another report has: nobody reads by an id
// what somebody else wrote.
func same(there, sent *Report) (*Report, error) {
	if there.Text != sent.Text || there.Place != sent.Place {
		return nil, fault.New("report-taken")
	}
	return there, nil
}

// check makes sure that there is such a text.
func (r *Reports) check(ctx context.Context, at Place) error {
	p, err := r.library.At(ctx, at.Course, at.Version)
	if err != nil {
		return fault.New("not-found")
	}
	e, ok := p.Editions[at.Language]
	if !ok {
		return fault.At("language-unknown", "language")
	}
	if at.Question != "" {
		if p.Questions[at.Question] == nil || at.Page != "" || at.Block != 0 {
			return fault.At("unknown-question", "question")
		}
		return nil
	}
	page := e.Pages[at.Page]
	if page == nil {
		return fault.At("unknown-page", "page")
	}
	if at.Block < 0 || at.Block > len(page.Blocks) {
		return fault.At("invalid-field", "block")
	}
	return nil
}

// List gives the reports on courses, the newest first; state "" is all.
func (r *Reports) List(ctx context.Context, state State, of func(slug string) bool) ([]Report, error) {
	page, err := r.reports.Find(ctx, store.Query{Sort: "created_at", Desc: true})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(page.Items, func(x Report) bool { return state != "" && x.State() != state || !of(x.Course) }), nil
}

// Settle marks a report done, or open again. A repeat is harmless.
func (r *Reports) Settle(ctx context.Context, id string, state State, may func(slug string) bool) (*Report, error) {
	if state != Open && state != Done {
		return nil, fault.At("invalid-field", "state")
	}
	x, err := r.reports.Update(ctx, id, func(x *Report) error {
		switch {
		case !may(x.Course):
			return fault.New("not-found")
		case x.State() == state:
			return store.ErrUnchanged
		}
		x.DoneAt = store.Time{}
		if state == Done {
			x.DoneAt = store.At(r.now())
		}
		return nil
	})
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, fault.New("not-found")
	}
	return x, err
}

// Of are the reports whose maker may be answered.
func (r *Reports) Of(ctx context.Context, account string) ([]Report, error) {
	page, err := r.reports.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account)}})
	return page.Items, err
}

// Erase takes away the reports of a person; those that do not name them stay.
func (r *Reports) Erase(ctx context.Context, account string) error {
	list, err := r.Of(ctx, account)
	for _, x := range list {
		if err := r.reports.Delete(ctx, x.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return err
}

// Forget takes away what was done longer ago than KeepDone.
func (r *Reports) Forget(ctx context.Context) error {
	before := store.At(r.now().Add(-KeepDone))
	page, err := r.reports.Find(ctx, store.Query{Where: []store.Cond{{Field: "done_at", Op: store.Lt, Value: before}}})
	for _, x := range page.Items {
		if err := r.reports.Delete(ctx, x.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return err
}
