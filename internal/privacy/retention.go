package privacy

import (
	"context"
	"log/slog"
	"time"
)

// Retain warns the owners of dormant accounts and erases those whose day has
// come. What it will do can be seen before by people.Dormant, which changes
// nothing. day writes a day in a language.
func (k *Keeper) Retain(ctx context.Context, day func(lang string, t time.Time) string) error {
	list, err := k.People.Dormant(ctx)
	if err != nil {
		return err
	}
	for _, d := range list {
		if !d.Expiring {
			if err := k.People.Warn(ctx, d, day(d.Account.Language, d.EraseOn)); err != nil {
				return err
			}
			continue
		}
		slog.Info("a dormant account is erased", "account", d.Account.ID)
		if err := k.Erase(ctx, d.Account.ID); err != nil {
			return err
		}
	}
	return nil
}
