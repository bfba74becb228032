package people

import (
	"context"
	"crypto/subtle"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"havn/internal/audit"
	"havn/internal/code"
	"havn/internal/fault"
	"havn/internal/store"
)

// RecoveryCodes is how many codes on paper stand in for a lost telephone.
const RecoveryCodes = 10

// step is how long one code of an authenticator lasts (RFC 6238 §5.2).
const step = 30 * time.Second

// ProposeSecondFactor makes a secret for an authenticator app; it counts from
// ConfirmSecondFactor on. The address is what the app's camera reads.
func (p *People) ProposeSecondFactor(ctx context.Context, a *Account) (secret, address string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Havn", AccountName: a.known(), SecretSize: 20})
	if err != nil {
		return "", "", err
	}
	err = p.change(ctx, a.ID, func(a *Account) error {
		if a.TOTP != "" {
			return fault.New("second-factor-on")
		}
		a.TOTPNext = key.Secret()
		return nil
	})
	return key.Secret(), key.URL(), err
}

// Proposed is what ProposeSecondFactor made, while it waits; "" without it.
func (p *People) Proposed(a *Account) (secret, address string) {
	q := url.Values{"secret": {a.TOTPNext}, "issuer": {"Havn"}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	return a.TOTPNext, "otpauth://totp/" + url.PathEscape("Havn:"+a.known()) + "?" + q.Encode()
}

// known is how the person tells the account from others of theirs.
func (a *Account) known() string {
	if a.Email == "" {
		return a.Name
	}
	return a.Email
}

// ConfirmSecondFactor turns the second factor on, once the app has shown a
// right code, ends every session and tells the recovery codes, for the only
// time. Faults: "factor-code-wrong" at "code", "too-many-tries".
func (p *People) ConfirmSecondFactor(ctx context.Context, a *Account, typed string, e Entry) (codes []string, o *Opened, err error) {
	if err := p.guess(ctx, "factor:"+a.ID); err != nil {
		return nil, nil, err
	}
	var kept []string
	for range RecoveryCodes {
		c := code.New(5)
		codes, kept = append(codes, c), append(kept, recoveryID(a.ID, c))
	}
	now := p.Now()
	err = p.change(ctx, a.ID, func(a *Account) error {
		n, ok := matches(a.TOTPNext, typed, now, 0)
		if !ok {
			return fault.At("factor-code-wrong", "code")
		}
		a.TOTP, a.TOTPNext, a.TOTPStep, a.Recovery, a.SessionsFrom = a.TOTPNext, "", n, kept, store.At(now)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	o, err = p.changed(ctx, a, audit.SecondFactorOn, e)
	return codes, o, err
}

// DropSecondFactor turns it off, for who can still show a code. Every session
// ends. Faults: as PassSecondFactor.
func (p *People) DropSecondFactor(ctx context.Context, a *Account, typed string, e Entry) (*Opened, error) {
	if err := p.spend(ctx, a, typed); err != nil {
		return nil, err
	}
	now := store.At(p.Now())
	if err := p.change(ctx, a.ID, func(a *Account) error {
		a.TOTP, a.TOTPNext, a.Recovery, a.SessionsFrom = "", "", nil, now
		return nil
	}); err != nil {
		return nil, err
	}
	return p.changed(ctx, a, audit.SecondFactorOff, e)
}

// changed logs and mails that a way in has changed, and opens a session in
// place of those that have ended.
func (p *People) changed(ctx context.Context, a *Account, act audit.Act, e Entry) (*Opened, error) {
	if err := p.Log.Add(ctx, audit.Event{Act: act, Actor: a.ID, Subject: a.ID}); err != nil {
		return nil, err
	}
	if err := p.knew(ctx, "factor:"+a.ID); err != nil {
		return nil, err
	}
	if err := p.EndSessions(ctx, a.ID, a.ID, ""); err != nil {
		return nil, err
	}
	if err := drop(ctx, p.tokens, store.Query{Where: []store.Cond{store.Is("account", a.ID)}}); err != nil {
		return nil, err
	}
	if err := p.tell(ctx, a); err != nil {
		return nil, err
	}
	return p.open(ctx, a, e)
}

// PassSecondFactor completes a sign-in that waits for it: a code of the app, or
// a recovery code, each of which counts once. The waiting session ends and a
// new one opens. Faults: "sign-in-needed", "factor-code-wrong" at "code",
// "too-many-tries".
func (p *People) PassSecondFactor(ctx context.Context, token, typed string, e Entry) (*Opened, error) {
	s, err := p.session(ctx, token)
	if err != nil {
		return nil, err
	}
	if !s.Pending {
		return nil, fault.New("sign-in-needed")
	}
	a, err := p.holder(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := p.spend(ctx, a, typed); err != nil {
		return nil, err
	}
	if err := p.end(ctx, s.ID); err != nil {
		return nil, err
	}
	e.By, e.Shared = s.By, s.Shared
	return p.open(ctx, a, e)
}

// spend uses a code up. The one write that accepts it also makes it worthless,
// so that of many at once one succeeds.
func (p *People) spend(ctx context.Context, a *Account, typed string) error {
	if err := p.guess(ctx, "factor:"+a.ID); err != nil {
		return err
	}
	typed = strings.TrimSpace(typed)
	now := p.Now()
	recovered := false
	err := p.change(ctx, a.ID, func(a *Account) error {
		recovered = false
		if n, ok := matches(a.TOTP, typed, now, a.TOTPStep); ok {
			a.TOTPStep = n
			return nil
		}
		id := recoveryID(a.ID, typed)
		at := slices.Index(a.Recovery, id)
		if a.TOTP == "" || at < 0 {
			return fault.At("factor-code-wrong", "code")
		}
		a.Recovery, recovered = slices.Delete(a.Recovery, at, at+1), true
		return nil
	})
	if fault.Is(err, "factor-code-wrong") {
		if e := p.Log.Add(ctx, audit.Event{Act: audit.SignInRefused, Subject: a.ID, Detail: "second factor"}); e != nil {
			return e
		}
		return err
	} else if err != nil {
		return err
	}
	if recovered {
		if err := p.Log.Add(ctx, audit.Event{Act: audit.RecoveryCodeUsed, Actor: a.ID, Subject: a.ID}); err != nil {
			return err
		}
		if err := p.tell(ctx, a); err != nil {
			return err
		}
	}
	return p.knew(ctx, "factor:"+a.ID)
}

// matches finds the time step of a typed code: this one, the one before or the
// next (RFC 6238 §5.2), but only after the last that was used.
func matches(secret, typed string, now time.Time, last int64) (n int64, ok bool) {
	if secret == "" || len(typed) != 6 {
		return 0, false
	}
	for _, shift := range []int64{0, -1, 1} {
		n = now.Unix()/int64(step.Seconds()) + shift
		want, err := totp.GenerateCodeCustom(secret, time.Unix(n*int64(step.Seconds()), 0), totp.ValidateOpts{Period: uint(step.Seconds()), Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && n > last && subtle.ConstantTimeCompare([]byte(want), []byte(typed)) == 1 {
			return n, true
		}
	}
	return 0, false
}

func recoveryID(account, typed string) string {
	return hashToken("recovery:" + account + ":" + code.Normal(typed))
}
