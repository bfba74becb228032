package people

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"slices"
	"strings"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/language"
	"havn/internal/store"
)

// Organisation is an authority, a region of it or a unit: a node of a tree.
// Nothing of one tree shows in another.
type Organisation struct {
	store.Meta `bson:",inline"`
	Name       string `json:"name"`
	// Path is the ids from the top down to this one, each between slashes:
	// "/a/b/". What lies below an organisation has its path as a prefix.
	Path string `json:"path"`
	// Country is an ISO 3166 code, which decides what applies where its people
	// work; "" is that of the organisation above.
	Country   string     `json:"country"`
	Settings  Settings   `json:"settings"`
	CreatedAt store.Time `json:"created_at"`
}

// Parent is the path of the organisation above, "" at the top.
func (o *Organisation) Parent() string {
	above := strings.TrimSuffix(o.Path, o.ID+"/")
	if above == "/" {
		return ""
	}
	return above
}

// Depth is 1 at the top.
func (o *Organisation) Depth() int { return strings.Count(o.Path, "/") - 1 }

// IDOf is the id of the organisation at a path, "" for none.
func IDOf(path string) string {
	path = strings.Trim(path, "/")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// Within tells whether a path is at or below another; "" is above all.
func Within(path, above string) bool {
	return above == "" || path != "" && strings.HasPrefix(path, above)
}

// MaxDepth is how deep the tree may go: authority, region, unit and two to spare.
const MaxDepth = 5

// AddOrganisation makes an organisation below another, or at the top where
// parent is "". Faults: "name-invalid", "country-invalid", "too-deep",
// "not-found" (parent).
func (p *People) AddOrganisation(ctx context.Context, by *Account, parent, name, country string) (*Organisation, error) {
	name, country, err := cleanOrganisation(name, country)
	if err != nil {
		return nil, err
	}
	above := "/"
	if parent != "" {
		o, err := p.Organisation(ctx, parent)
		if err != nil {
			return nil, err
		}
		above = o.Path
	}
	if strings.Count(above, "/") > MaxDepth {
		return nil, fault.At("too-deep", "parent").With("depth", MaxDepth)
	}
	b := make([]byte, 10)
	if _, err := rand.Read(b); err != nil {
		return nil, err
	}
	id := strings.ToLower(base32.StdEncoding.EncodeToString(b))
	o := &Organisation{Meta: store.Meta{ID: id}, Name: name, Path: above + id + "/", Country: country, CreatedAt: store.At(p.Now())}
	if err := p.Log.Add(ctx, audit.Event{Key: "organisation:" + id, Act: audit.OrganisationMade, Actor: by.ID, Subject: id, Organisation: o.Path}); err != nil {
		return nil, err
	}
	return o, p.organisations.Insert(ctx, o)
}

// ChangeOrganisation gives an organisation another name and country.
func (p *People) ChangeOrganisation(ctx context.Context, by *Account, id, name, country string) (*Organisation, error) {
	name, country, err := cleanOrganisation(name, country)
	if err != nil {
		return nil, err
	}
	o, err := p.Organisation(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := p.Log.Add(ctx, audit.Event{Act: audit.OrganisationChanged, Actor: by.ID, Subject: id, Organisation: o.Path}); err != nil {
		return nil, err
	}
	return p.organisations.Update(ctx, id, func(o *Organisation) error {
		o.Name, o.Country = name, country
		return nil
	})
}

func cleanOrganisation(name, country string) (string, string, error) {
	name, err := cleanName(name)
	if err != nil {
		return "", "", err
	}
	if country != "" && !language.Country(country) {
		return "", "", fault.At("country-invalid", "country")
	}
	return name, country, nil
}

// Organisation finds an organisation by id.
func (p *People) Organisation(ctx context.Context, id string) (*Organisation, error) {
	o, err := p.organisations.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, fault.New("not-found")
	}
	return o, err
}

// Where names the organisations that an account works in, from the top down.
func (p *People) Where(ctx context.Context, a *Account) ([]string, error) {
	var names []string
	for path := a.Unit; path != ""; {
		o, err := p.Organisation(ctx, IDOf(path))
		if err != nil {
			return nil, err
		}
		names = append(names, o.Name)
		path = o.Parent()
	}
	slices.Reverse(names)
	return names, nil
}

// Organisations are those at and below the given paths, each tree from the top
// down; "" is all.
func (p *People) Organisations(ctx context.Context, within ...string) ([]Organisation, error) {
	var all []Organisation
	for _, path := range within {
		page, err := p.organisations.Find(ctx, store.Query{Where: store.Begins("path", path), Sort: "path"})
		if err != nil {
			return nil, err
		}
		for _, o := range page.Items {
			if !slices.ContainsFunc(all, func(x Organisation) bool { return x.ID == o.ID }) {
				all = append(all, o)
			}
		}
	}
	return all, nil
}
