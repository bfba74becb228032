package people

import (
	"context"
	"slices"

	"havn/internal/fault"
	"havn/internal/store"
)

// Profession is what somebody does, by their own word; "" where they do not say.
// It is told to nobody but as numbers of people (package protect).
type Profession string

// Professions are all there are: those whom the courses are made for, and the rest.
var Professions = []Profession{
	"border-guard", "police", "reception", "social-work", "guardian", "interpreter", "health", "teacher", "lawyer", "volunteer", "other",
}

func (p Profession) known() bool { return p == "" || slices.Contains(Professions, p) }

// SetProfession says what a person does; "" takes it back. The fault is
// "profession-unknown".
func (p *People) SetProfession(ctx context.Context, id string, profession Profession) error {
	if !profession.known() {
		return fault.At("profession-unknown", "profession")
	}
	return p.changeAndFollow(ctx, id, func(a *Account) error {
		if a.Profession == profession {
			return store.ErrUnchanged
		}
		a.Profession = profession
		return nil
	})
}
