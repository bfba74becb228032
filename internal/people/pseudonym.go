package people

import (
	"context"

	"havn/internal/audit"
	"havn/internal/code"
	"havn/internal/fault"
	"havn/internal/store"
)

// CreatePseudonymous makes an account without an address: a name of one's own
// choice and a code to come back with, which is told once. Who loses it loses
// the account. invitation is a code that lets one in, or "".
func (p *People) CreatePseudonymous(ctx context.Context, name, language, invitation string) (*Account, string, error) {
	word := code.New(5)
	a, err := p.create(ctx, NewAccount{Name: name, Language: language, comeBack: comeBackID(word)}, invitation)
	return a, word, err
}

// ComeBack signs in by the code of a pseudonymous account. It has 125 bits, so
// that guessing needs no limit. The fault is "come-back-wrong" at "code".
func (p *People) ComeBack(ctx context.Context, typed string, e Entry) (*Opened, error) {
	a, err := p.byCode(ctx, typed)
	if err != nil {
		return nil, err
	}
	if a == nil || a.Disabled {
		if err := p.Log.Add(ctx, audit.Event{Act: audit.SignInRefused, Detail: "code"}); err != nil {
			return nil, err
		}
		return nil, fault.At("come-back-wrong", "code")
	}
	e.By = ByCode
	return p.enter(ctx, a, e)
}

// byCode is the account with this code; nil: there is none.
func (p *People) byCode(ctx context.Context, typed string) (*Account, error) {
	page, err := p.accounts.Find(ctx, store.Query{Where: []store.Cond{store.Is("come_back", comeBackID(typed))}, Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	return &page.Items[0], nil
}

func comeBackID(typed string) string { return hashToken("come-back:" + code.Normal(typed)) }
