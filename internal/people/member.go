package people

import (
	"context"
	"slices"
	"strings"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/store"
)

// RolesIn are the roles that an account has in an organisation itself.
func (a *Account) RolesIn(path string) []Role {
	var roles []Role
	if a.Unit == path {
		roles = append(roles, Learner)
	}
	for _, g := range a.Grants {
		if g.Path == path {
			roles = append(roles, g.Role)
		}
	}
	return roles
}

// GrantsAt are roles in the organisation at a path. To be a learner needs none,
// and a tutor is one of a cohort.
func GrantsAt(path string, roles []Role) []Grant {
	var grants []Grant
	for _, r := range roles {
		if g := (Grant{r, path}); r != Learner && r != Tutor && !slices.Contains(grants, g) {
			grants = append(grants, g)
		}
	}
	return grants
}

// Members lists who works at or below a path, by unit.
func (p *People) Members(ctx context.Context, path, after string, limit int) (store.Page[Account], error) {
	return p.accounts.Find(ctx, store.Query{Where: store.Begins("unit", path), Sort: "unit", After: after, Limit: limit})
}

// EachMember streams them in the order of ids from behind one, with the country
// that each works in; path "" is everybody who has an account.
func (p *People) EachMember(ctx context.Context, path, behind string, each func(*Account) error) error {
	where := store.Begins("unit", path)
	if behind != "" {
		where = append(where, store.Cond{Field: "_id", Op: store.Gt, Value: behind})
	}
	countries := map[string]string{} // of units
	return p.accounts.Each(ctx, store.Query{Where: where}, func(a *Account) error {
		country, known := countries[a.Unit]
		switch {
		case a.Country != "":
			a.worksIn = a.Country
		case known:
			a.worksIn = country
		default:
			if err := p.locate(ctx, a); err != nil {
				return err
			}
			countries[a.Unit] = a.worksIn
		}
		return each(a)
	})
}

// SetMember makes an organisation the one that a person works in, with roles
// there. Who does it must be allowed to manage both the person and the
// organisation; the faults are then "not-found".
func (p *People) SetMember(ctx context.Context, by *Account, id string, o *Organisation, roles []Role) (*Account, error) {
	a, err := p.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := MayAt(by, ManageAccounts, a.Unit); err != nil {
		return nil, err
	}
	return p.join(ctx, by.ID, a, o, roles)
}

// join is SetMember by whoever may.
func (p *People) join(ctx context.Context, by string, a *Account, o *Organisation, roles []Role) (*Account, error) {
	event := audit.Event{Act: audit.MemberSet, Actor: by, Subject: a.ID, Organisation: o.Path, Detail: words(roles)}
	if err := p.Log.Add(ctx, event); err != nil {
		return nil, err
	}
	now := store.At(p.Now())
	err := p.change(ctx, a.ID, func(a *Account) error {
		before := len(a.Grants)
		if a.Unit != o.Path {
			a.JoinedAt = now
		}
		a.Unit = o.Path
		a.Grants = slices.DeleteFunc(a.Grants, func(g Grant) bool {
			return g.Path == o.Path || g.Role == Tutor && Top(g.Path) != Top(o.Path)
		})
		had := before > len(a.Grants)
		grants := GrantsAt(o.Path, roles)
		a.Grants = append(a.Grants, grants...)
		if had || len(grants) > 0 { // other rights, so another session
			a.SessionsFrom = now
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p.andMoved(ctx, a.ID)
}

// andMoved gives an account whose place has changed, with what follows done.
func (p *People) andMoved(ctx context.Context, id string) (*Account, error) {
	a, err := p.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	return a, p.moved(ctx, a)
}

// RemoveMember takes a person out of an organisation, with their roles there and
// below. What they learned stays theirs.
func (p *People) RemoveMember(ctx context.Context, by *Account, id string, o *Organisation) (*Account, error) {
	a, err := p.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := MayAt(by, ManageAccounts, a.Unit); err != nil || !strings.HasPrefix(a.Unit, o.Path) {
		return nil, fault.New("not-found")
	}
	if err := p.Log.Add(ctx, audit.Event{Act: audit.MemberRemoved, Actor: by.ID, Subject: id, Organisation: o.Path}); err != nil {
		return nil, err
	}
	err = p.change(ctx, id, func(a *Account) error {
		if strings.HasPrefix(a.Unit, o.Path) {
			a.Unit, a.JoinedAt = "", store.Time{}
		}
		a.Grants = slices.DeleteFunc(a.Grants, func(g Grant) bool { return strings.HasPrefix(g.Path, o.Path) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p.andMoved(ctx, id)
}

func words(roles []Role) string {
	list := make([]string, len(roles))
	for i, r := range roles {
		list[i] = string(r)
	}
	return strings.Join(list, " ")
}
