package people

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"havn/internal/fault"
	"havn/internal/store"
)

// A guesser gets MaxGuesses passwords at one address in GuessWindow, from
// wherever they come; a crowd behind one network address is not held up.
const (
	MaxGuesses  = 10
	GuessWindow = 15 * time.Minute
)

// guesses counts the passwords tried at an address. Its id is a hash of the
// address, whether anybody has it or not.
type guesses struct {
	store.Meta `bson:",inline"`
	Tried      int        `json:"tried"`
	Since      store.Time `json:"since"`
}

func guessID(email string) string {
	sum := sha256.Sum256([]byte("guesses:" + email))
	return hex.EncodeToString(sum[:])
}

// guess takes one of the tries before the password is looked at, so that many
// at once get no more of them. The fault "too-many-tries" says when to come back.
func (p *People) guess(ctx context.Context, email string) error {
	now, id := p.Now(), guessID(email)
	for {
		_, err := p.guesses.Update(ctx, id, func(g *guesses) error {
			left := GuessWindow - now.Sub(g.Since.Time)
			switch {
			case left <= 0:
				g.Tried, g.Since = 1, store.At(now)
			case g.Tried >= MaxGuesses:
				f := fault.New("too-many-tries").With("minutes", int(left.Minutes())+1)
				f.RetryAfter = left
				return f
			default:
				g.Tried++
			}
			return nil
		})
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		err = p.guesses.Insert(ctx, &guesses{Meta: store.Meta{ID: id}, Tried: 1, Since: store.At(now)})
		if !errors.Is(err, store.ErrExists) {
			return err
		}
	}
}

// knew forgets the tries at an address whose password was right.
func (p *People) knew(ctx context.Context, email string) error {
	err := p.guesses.Delete(ctx, guessID(email))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
