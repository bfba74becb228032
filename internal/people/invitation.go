package people

import (
	"context"
	"errors"
	"slices"
	"time"

	"havn/internal/audit"
	"havn/internal/code"
	"havn/internal/fault"
	"havn/internal/store"
)

// Invitation lets people into an organisation: one person by a link, or a class
// by a code on the board. Its id is the hash of the code, which is shown once.
type Invitation struct {
	store.Meta `bson:",inline"`
	Path       string     `json:"path"` // of the organisation
	Roles      []Role     `json:"roles"`
	Uses       int        `json:"uses"`    // how many people it lets in
	UsedBy     []string   `json:"used_by"` // accounts
	CreatedAt  store.Time `json:"created_at"`
	ExpiresAt  store.Time `json:"expires_at"`
}

// Limits of an invitation.
const (
	MaxUses = 500
	MaxDays = 90
)

// invitationID is what a code is kept as, however it was typed.
func invitationID(typed string) string { return hashToken("invitation:" + code.Normal(typed)) }

// Invite makes an invitation for some people, for some days.
func (p *People) Invite(ctx context.Context, by *Account, o *Organisation, roles []Role, uses, days int) (word string, i *Invitation, err error) {
	if uses < 1 || uses > MaxUses {
		return "", nil, fault.At("invalid-field", "uses")
	}
	if days < 1 || days > MaxDays {
		return "", nil, fault.At("invalid-field", "days")
	}
	if len(roles) == 0 {
		roles = []Role{Learner}
	}
	if o.Settings.SignUp == SignUpClosed {
		return "", nil, fault.New("sign-up-closed")
	}
	word = code.New(3)
	now := p.Now()
	i = &Invitation{
		Meta: store.Meta{ID: invitationID(word)}, Path: o.Path, Roles: roles, Uses: uses, UsedBy: []string{},
		CreatedAt: store.At(now), ExpiresAt: store.At(now.Add(time.Duration(days) * 24 * time.Hour)),
	}
	event := audit.Event{Key: "invitation:" + i.ID, Act: audit.InvitationMade, Actor: by.ID, Organisation: o.Path, Detail: words(roles)}
	if err := p.Log.Add(ctx, event); err != nil {
		return "", nil, err
	}
	return word, i, p.invitations.Insert(ctx, i)
}

// Invitation finds what a code invites to. The fault for a code that is unknown,
// over or used up is always "invitation-invalid".
func (p *People) Invitation(ctx context.Context, typed string) (*Invitation, *Organisation, error) {
	i, err := p.invitations.Get(ctx, invitationID(typed))
	if errors.Is(err, store.ErrNotFound) || err == nil && !i.open(p.Now()) {
		return nil, nil, fault.At("invitation-invalid", "code")
	} else if err != nil {
		return nil, nil, err
	}
	o, err := p.Organisation(ctx, IDOf(i.Path))
	return i, o, err
}

func (i *Invitation) open(now time.Time) bool {
	return len(i.UsedBy) < i.Uses && now.Before(i.ExpiresAt.Time)
}

// Accept lets an account in by a code. Of many at once, as many get in as it has
// uses; a repeat by the same account is harmless.
func (p *People) Accept(ctx context.Context, a *Account, typed string) (*Account, error) {
	i, err := p.admit(ctx, a.ID, typed)
	if err != nil {
		return nil, err
	}
	o, err := p.Organisation(ctx, IDOf(i.Path))
	if err != nil {
		return nil, err
	}
	return p.join(ctx, a.ID, a, o, i.Roles)
}

// admit uses an invitation up by one, for an account that may not be there yet.
func (p *People) admit(ctx context.Context, account, typed string) (*Invitation, error) {
	i, err := p.invitations.Update(ctx, invitationID(typed), func(i *Invitation) error {
		if slices.Contains(i.UsedBy, account) {
			return store.ErrUnchanged
		}
		if !i.open(p.Now()) {
			return fault.At("invitation-invalid", "code")
		}
		i.UsedBy = append(i.UsedBy, account)
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, fault.At("invitation-invalid", "code")
	}
	return i, err
}

// createInvited makes an account by invitation. The invitation is taken first,
// so that no more accounts come of it than it has uses, and given back where
// the account could not be made.
func (p *People) createInvited(ctx context.Context, n NewAccount, typed string) (*Account, error) {
	id, err := newID()
	if err != nil {
		return nil, err
	}
	i, err := p.admit(ctx, id, typed)
	if err != nil {
		return nil, err
	}
	n.id, n.Roles = id, nil
	if s, err := p.SettingsAt(ctx, i.Path); err == nil && n.Language == "" && len(s.Languages) > 0 {
		n.Language = s.Languages[0]
	}
	a, err := p.Create(ctx, n)
	if err != nil {
		_, giveBack := p.invitations.Update(ctx, i.ID, func(i *Invitation) error {
			i.UsedBy = slices.DeleteFunc(i.UsedBy, func(x string) bool { return x == id })
			return nil
		})
		return nil, errors.Join(err, giveBack)
	}
	return p.Accept(ctx, a, typed)
}

// Invitations are those into an organisation itself, the newest first.
func (p *People) Invitations(ctx context.Context, o *Organisation) ([]Invitation, error) {
	page, err := p.invitations.Find(ctx, store.Query{Where: []store.Cond{store.Is("path", o.Path)}})
	slices.SortFunc(page.Items, func(a, b Invitation) int { return b.CreatedAt.Compare(a.CreatedAt.Time) })
	return page.Items, err
}

// CameBy are the invitations that an account used, without who else did.
func (p *People) CameBy(ctx context.Context, account string) ([]Invitation, error) {
	var list []Invitation
	err := p.invitations.Each(ctx, store.Query{}, func(i *Invitation) error {
		if slices.Contains(i.UsedBy, account) {
			i.UsedBy = []string{account}
			list = append(list, *i)
		}
		return nil
	})
	return list, err
}

// Withdraw ends an invitation into an organisation, by its id.
func (p *People) Withdraw(ctx context.Context, by *Account, o *Organisation, id string) error {
	i, err := p.invitations.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) || err == nil && i.Path != o.Path {
		return fault.New("not-found")
	} else if err != nil {
		return err
	}
	if err := p.Log.Add(ctx, audit.Event{Key: "withdrawn:" + id, Act: audit.InvitationWithdrawn, Actor: by.ID, Organisation: o.Path}); err != nil {
		return err
	}
	err = p.invitations.Delete(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
