// Package oidc signs people in by the identity provider of their authority
// (OpenID Connect Core 1.0, authorisation code with PKCE, RFC 7636).
//
// It believes nothing that it has not checked: that the answer belongs to what
// was asked in this browser (state), that it comes from whom was asked (issuer,
// RFC 9207), and that the id token is signed by that provider's own keys, for
// this client, now, for this question (nonce).
package oidc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"slices"

	"github.com/goccy/go-yaml"
)

// Provider is an identity provider, as the operator of the site describes it.
type Provider struct {
	ID           string `yaml:"id"` // part of addresses: a–z, 0–9 and -
	Name         string `yaml:"name"`
	Issuer       string `yaml:"issuer"`
	ClientID     string `yaml:"client_id"`
	ClientSecret string `yaml:"client_secret"`
	// Organisation is the id of the one that its people belong to, "" none.
	Organisation string `yaml:"organisation"`
	// GroupsClaim is where the id token names groups; "groups" where empty.
	GroupsClaim string `yaml:"groups_claim"`
	// Roles gives members of a group a role in Organisation.
	Roles map[string]string `yaml:"roles"`
	// Private lets the provider stand inside the authority's own network.
	Private bool `yaml:"private"`
}

var (
	idForm    = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	roleNames = []string{"learner", "trainer", "administrator"} // a tutor is one of a cohort
)

// Parse reads a list of providers from YAML or JSON. An error says which entry is wrong
// and how to mend it; it holds no secret.
func Parse(data []byte) ([]Provider, error) {
	var list []Provider
	d := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("the list of identity providers cannot be read: %s", yaml.FormatError(err, false, false))
	}
	if err := d.Decode(&[]Provider{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("the list of identity providers must be one list: nothing may follow it")
	}
	for i := range list {
		if err := list[i].check(list[:i]); err != nil {
			return nil, fmt.Errorf("identity provider %d: %w", i+1, err)
		}
	}
	return list, nil
}

func (p *Provider) check(before []Provider) error {
	u, err := url.Parse(p.Issuer)
	switch {
	case !idForm.MatchString(p.ID):
		return fmt.Errorf("id must be 1 to 40 of a–z, 0–9 and -")
	case slices.ContainsFunc(before, func(o Provider) bool { return o.ID == p.ID }):
		return fmt.Errorf("the id %s stands twice", p.ID)
	case p.Name == "" || p.ClientID == "":
		return fmt.Errorf("name and client_id must not be empty")
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("issuer must be an address such as https://login.example.org")
	case u.Scheme != "https" && !(p.Private && u.Scheme == "http" && loopback(u.Hostname())):
		return fmt.Errorf("issuer must begin with https://")
	}
	if p.GroupsClaim == "" {
		p.GroupsClaim = "groups"
	}
	for group, role := range p.Roles {
		if !slices.Contains(roleNames, role) {
			return fmt.Errorf("the role of group %s must be one of %v", group, roleNames)
		}
		if p.Organisation == "" {
			return fmt.Errorf("roles are given in an organisation: name it under organisation")
		}
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
