// Package audit keeps the log of what matters for security: who did what, to
// whom or what, when and from where.
//
// Entries are only ever added. Each has the next number and holds the hash of
// the one before it, so an entry that was changed or taken out shows when the
// chain is walked ([Log.Verify]). What an entry is about is named by ids: no
// names, no e-mail addresses, no answers, no secrets.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"havn/internal/store"
)

// Act is what was done.
type Act string

// The acts that are logged, each once.
const (
	AccountMade         Act = "account-made"
	AccountClosed       Act = "account-closed"
	AccountOpened       Act = "account-opened"
	AccountErased       Act = "account-erased"
	AccountsMerged      Act = "accounts-merged" // another of the same person came into this one
	SignedIn            Act = "signed-in"
	SignInRefused       Act = "sign-in-refused" // the subject is "" where nobody has the address
	SignedOut           Act = "signed-out"
	SessionEnded        Act = "session-ended"  // one's own on another device
	SessionsEnded       Act = "sessions-ended" // all of an account
	PasswordChanged     Act = "password-changed"
	AddressConfirmed    Act = "address-confirmed"
	SecondFactorOn      Act = "second-factor-on"
	SecondFactorOff     Act = "second-factor-off"
	RecoveryCodeUsed    Act = "recovery-code-used"
	TokenMade           Act = "token-made"
	TokenEnded          Act = "token-ended"
	PasskeyAdded        Act = "passkey-added"
	PasskeyRemoved      Act = "passkey-removed"
	ProviderLinked      Act = "provider-linked"
	ListImported        Act = "list-imported"
	OrganisationMade    Act = "organisation-made"
	OrganisationChanged Act = "organisation-changed"
	InvitationMade      Act = "invitation-made"
	InvitationWithdrawn Act = "invitation-withdrawn"
	EditorSet           Act = "editor-set" // the countries that somebody edits
	MemberSet           Act = "member-set" // somebody's organisation or roles in it
	MemberRemoved       Act = "member-removed"
	ExtraTimeGiven      Act = "extra-time-given"
	CompletionsRead     Act = "completions-exported" // a list of people that left as a file
	LogExported         Act = "log-exported"
	CertificateRevoked  Act = "certificate-revoked"
	KeyRotated          Act = "key-rotated" // that certificates are signed with
	CoursePublished     Act = "course-published"
	EnrolmentClosed     Act = "enrolment-closed" // to who does not have to take the course
	EnrolmentOpened     Act = "enrolment-opened"
	CourseWithdrawn     Act = "course-withdrawn"
	CoursePutBack       Act = "course-put-back"
	AttemptsRegraded    Act = "attempts-regraded" // by the keys of another version
	RegradeUndone       Act = "regrade-undone"
	CohortSet           Act = "cohort-set"
	CohortRemoved       Act = "cohort-removed"
	CohortPersonAdded   Act = "cohort-person-added"
	CohortPersonRemoved Act = "cohort-person-removed"
	TutorSet            Act = "tutor-set" // of a cohort
	AssignmentSet       Act = "assignment-set"
	AssignmentWithdrawn Act = "assignment-withdrawn"
	ExemptionSet        Act = "exemption-set"
	HistoryImported     Act = "history-imported" // a list of completions elsewhere
	HookSet             Act = "hook-set"         // an address that is told of completions
	HookRotated         Act = "hook-secret-rotated"
	HookEnded           Act = "hook-ended"
	HookOff             Act = "hook-off"           // switched off, as it failed for long
	HistoryTakenBack    Act = "history-taken-back" // of such a list
	AnswersRead         Act = "answers-read"       // a tutor looked at what somebody answered
)

// Event is what a caller tells.
type Event struct {
	// Key makes a repeat harmless: an event with the key of another is not
	// logged again. "" is for what has no key of its own.
	Key     string
	Act     Act
	Actor   string // account; "" nobody who signed in
	Subject string // account, organisation, course … that it was done to
	// Organisation whose administrators may read the entry; "" the site's only.
	Organisation string
	// Detail is a word of the program, such as a role; never what a person typed.
	Detail string
}

type sourceKey struct{}

// WithSource notes the network address that a request came from.
func WithSource(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, sourceKey{}, address)
}

func source(ctx context.Context) string {
	address, _ := ctx.Value(sourceKey{}).(string)
	return address
}

// Entry is an event in the chain.
type Entry struct {
	store.Meta   `bson:",inline"` // id: the number, in twelve digits, from 1
	At           store.Time       `json:"at"`
	Key          string           `json:"key"`
	Act          Act              `json:"act"`
	Actor        string           `json:"actor"`
	Subject      string           `json:"subject"`
	Organisation string           `json:"organisation"`
	Detail       string           `json:"detail"`
	Before       string           `json:"before"` // hash of the entry before, "" for the first
	Hash         string           `json:"hash"`   // SHA-256 of all above
	// From stands outside the hash, so that it can be forgotten after KeepFrom.
	From string `json:"from"`
}

// KeepFrom is how long network addresses are kept.
const KeepFrom = 90 * 24 * time.Hour

// Log is the room's door. It is safe for concurrent use, and by several servers
// on one store.
type Log struct {
	entries *store.Collection[Entry, *Entry]
	now     func() time.Time

	mu   sync.Mutex
	last *Entry // that this server knows of; nil before the first look
}

// Open declares the collection.
func Open(ctx context.Context, e store.Engine, now func() time.Time) (*Log, error) {
	entries, err := store.Open[Entry](ctx, e, store.Schema{Name: "audit", Version: 1, Indexes: []store.Index{
		{Fields: []string{"key"}, Unique: true}, {Fields: []string{"organisation"}}, {Fields: []string{"subject"}}, {Fields: []string{"at"}},
	}})
	if err != nil {
		return nil, err
	}
	return &Log{entries: entries, now: now}, nil
}

// Add appends an event, with the address that WithSource noted. It returns when
// the entry is durable. Callers log before they act, so that no act goes
// unlogged; an act that fails after that was at least tried.
func (l *Log) Add(ctx context.Context, e Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if l.last == nil {
			page, err := l.entries.Find(ctx, store.Query{Desc: true, Limit: 1})
			if err != nil {
				return err
			}
			if l.last = (&Entry{}); len(page.Items) > 0 {
				l.last = &page.Items[0]
			}
		}
		entry := l.next(e, source(ctx))
		err := l.entries.Insert(ctx, entry)
		switch {
		case err == nil:
			l.last = entry
			return nil
		case errors.Is(err, store.ErrTaken):
			return nil // it is logged already
		case errors.Is(err, store.ErrExists):
			l.last = nil // another server was first with this number
		default:
			l.last = nil // what stands in the store is not known
			return err
		}
	}
}

func (l *Log) next(e Event, from string) *Entry {
	last, n := l.last, 0
	if last.ID != "" {
		_, _ = fmt.Sscanf(last.ID, "%d", &n)
	}
	entry := &Entry{
		Meta: store.Meta{ID: fmt.Sprintf("%012d", n+1)}, At: store.At(l.now()), Key: e.Key, Act: e.Act, Actor: e.Actor,
		Subject: e.Subject, Organisation: e.Organisation, Detail: e.Detail, Before: last.Hash, From: from,
	}
	entry.Hash = entry.sum()
	return entry
}

// sum is the hash of an entry: of a JSON list, so that no two entries share a text.
func (e *Entry) sum() string {
	text, err := json.Marshal([]string{
		e.ID, e.At.UTC().Format(time.RFC3339Nano), e.Key, string(e.Act), e.Actor, e.Subject, e.Organisation, e.Detail, e.Before,
	})
	if err != nil {
		panic(err) // texts can be encoded
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Broken is where the chain does not hold.
type Broken struct{ Number string }

func (b *Broken) Error() string {
	return "audit: the chain is broken at entry " + b.Number
}

// Verify walks the chain and tells how many entries it has. The error is a
// *Broken where an entry was changed or one before it is missing.
func (l *Log) Verify(ctx context.Context) (n int, err error) {
	before := &Entry{}
	err = l.entries.Each(ctx, store.Query{}, func(e *Entry) error {
		n++
		if e.ID != fmt.Sprintf("%012d", n) || e.Before != before.Hash || e.Hash != e.sum() {
			return &Broken{e.ID}
		}
		before = e
		return nil
	})
	return n, err
}

// List gives entries, the newest first: of organisations at and below a path, or
// all with "". An organisation's administrators are not told from where somebody
// did something: that would tell where people work and when.
func (l *Log) List(ctx context.Context, within, after string, limit int) (store.Page[Entry], error) {
	page, err := l.entries.Find(ctx, store.Query{Where: store.Begins("organisation", within), Desc: true, After: after, Limit: limit})
	for i := range page.Items {
		page.Items[i].keepPlace(within)
	}
	return page, err
}

func (e *Entry) keepPlace(within string) {
	if within != "" {
		e.From = ""
	}
}

// Each streams the same list, whole, the oldest first.
func (l *Log) Each(ctx context.Context, within string, each func(*Entry) error) error {
	return l.entries.Each(ctx, store.Query{Where: store.Begins("organisation", within)}, func(e *Entry) error {
		e.keepPlace(within)
		return each(e)
	})
}

// About is every entry about an account, the newest first.
func (l *Log) About(ctx context.Context, account string) ([]Entry, error) {
	page, err := l.entries.Find(ctx, store.Query{Where: []store.Cond{store.Is("subject", account)}, Desc: true})
	return page.Items, err
}

// ForgetPerson takes the network addresses out of every entry about an account.
// The entries stay, under an id that names nobody any more.
func (l *Log) ForgetPerson(ctx context.Context, account string) error {
	return l.forget(ctx, store.Is("subject", account))
}

// Forget takes the network addresses out of entries older than KeepFrom.
func (l *Log) Forget(ctx context.Context) error {
	return l.forget(ctx, store.Cond{Field: "at", Op: store.Lt, Value: store.At(l.now().Add(-KeepFrom))})
}

func (l *Log) forget(ctx context.Context, which store.Cond) error {
	var ids []string
	err := l.entries.Each(ctx, store.Query{Where: []store.Cond{which}}, func(e *Entry) error {
		if e.From != "" {
			ids = append(ids, e.ID)
		}
		return nil
	})
	for _, id := range ids {
		if _, err := l.entries.Update(ctx, id, func(e *Entry) error { e.From = ""; return nil }); err != nil {
			return err
		}
	}
	return err
}
