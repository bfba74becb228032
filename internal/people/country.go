package people

import (
	"context"
	"slices"
	"strings"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/language"
	"havn/internal/store"
)

// SetCountry says where a person works; "" leaves it to their organisation.
func (p *People) SetCountry(ctx context.Context, id, country string) error {
	if country != "" && !language.Country(country) {
		return fault.At("country-invalid", "country")
	}
	return p.changeAndFollow(ctx, id, func(a *Account) error {
		if a.Country == country {
			return store.ErrUnchanged
		}
		a.Country = country
		return nil
	})
}

// locate finds out which country an account works in: its own word, or the
// nearest organisation's from where it works upwards.
func (p *People) locate(ctx context.Context, a *Account) error {
	a.worksIn = a.Country
	for path := a.Unit; path != "" && a.worksIn == ""; {
		o, err := p.Organisation(ctx, IDOf(path))
		if fault.Is(err, "not-found") {
			return nil
		} else if err != nil {
			return err
		}
		a.worksIn, path = o.Country, o.Parent()
	}
	return nil
}

// CountryPath is where what belongs to a country stands among the paths of
// organisations: beside them all.
func CountryPath(country string) string { return "country:" + country }

// CountryOf is the country that a path stands for, "" for an organisation's.
func CountryOf(path string) string {
	country, _ := strings.CutPrefix(path, CountryPath(""))
	if country == path {
		return ""
	}
	return country
}

// SetEditor makes an account the editor of what differs in some countries, in
// place of those before; none takes the role away. The fault is
// "country-invalid".
func (p *People) SetEditor(ctx context.Context, by *Account, id string, countries []string) (*Account, error) {
	var grants []Grant
	for _, country := range countries {
		if !language.Country(country) {
			return nil, fault.At("country-invalid", "countries")
		}
		if g := (Grant{CountryEditor, CountryPath(country)}); !slices.Contains(grants, g) {
			grants = append(grants, g)
		}
	}
	if _, err := p.Account(ctx, id); err != nil {
		return nil, err
	}
	if err := p.Log.Add(ctx, audit.Event{Act: audit.EditorSet, Actor: by.ID, Subject: id, Detail: strings.Join(countries, " ")}); err != nil {
		return nil, err
	}
	now := store.At(p.Now())
	err := p.change(ctx, id, func(a *Account) error {
		a.Grants = slices.DeleteFunc(a.Grants, func(g Grant) bool { return g.Role == CountryEditor })
		a.Grants = append(a.Grants, grants...)
		a.SessionsFrom = now // other rights, so another session
		return nil
	})
	if err != nil {
		return nil, err
	}
	return p.Account(ctx, id)
}
