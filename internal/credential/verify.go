package credential

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Finding is what a check comes to: what is stated, by whom, and whether it
// holds at the moment asked about.
type Finding struct {
	ID        string    `json:"id"` // address of the certificate
	Title     string    `json:"title"`
	Holder    string    `json:"holder"`
	Issuer    string    `json:"issuer"` // did:key
	IssuedAt  time.Time `json:"issued_at"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero: does not expire
	// StatusList is the address of the list that says whether it was withdrawn,
	// and StatusIndex its place there; "" where it names none.
	StatusList  string `json:"status_list,omitempty"`
	StatusIndex int    `json:"status_index,omitempty"`
}

// ErrExpired is that of a statement that was true once.
var ErrExpired = errors.New("its time is over")

// MaxText is the longest text that is checked, in bytes.
const MaxText = 64 << 10

// Verify checks a credential in any of its forms: JSON with a proof, VC-JWT, or
// a compact statement, which may stand behind the "#" of an address. Nothing is
// fetched. issuer is the did:key that must have signed, "" any; a certificate
// of another server is then refused. Whether it was withdrawn since stands on
// its issuer's list. The error says in plain words why it does not hold.
func Verify(text, issuer string, now time.Time) (*Finding, error) {
	if len(text) > MaxText {
		return nil, errors.New("this is too long to be a credential")
	}
	text = strings.TrimSpace(text)
	f, err := read(text)
	if err != nil {
		return nil, err
	}
	if issuer != "" && f.Issuer != issuer {
		return nil, errors.New("another server issued it: " + f.Issuer)
	}
	switch {
	case f.IssuedAt.After(now.Add(24 * time.Hour)): // clocks differ
		return nil, errors.New("it is dated in the future")
	case !f.ExpiresAt.IsZero() && !now.Before(f.ExpiresAt):
		return f, ErrExpired
	}
	return f, nil
}

func read(text string) (*Finding, error) {
	if at := strings.LastIndex(text, "#"+statementHead); at >= 0 && !strings.HasPrefix(text, "{") {
		text = text[at+1:]
	}
	switch {
	case strings.HasPrefix(text, "{"):
		doc, did, err := checkBadge([]byte(text))
		if err != nil {
			return nil, err
		}
		return finding(doc, did)
	case strings.HasPrefix(text, statementHead+"."):
		s, err := checkStatement(text)
		if err != nil {
			return nil, err
		}
		f := &Finding{ID: s.ID, Title: s.Title, Holder: s.Holder, Issuer: s.Issuer}
		return f, f.dates(s.Issued, s.Expires)
	}
	doc, did, err := checkJWT(text)
	if err != nil {
		return nil, err
	}
	return finding(doc, did)
}

func finding(doc object, did string) (*Finding, error) {
	var c struct {
		ID                    string
		Name                  string
		ValidFrom, ValidUntil string
		Type                  []string
		CredentialStatus      struct{ Type, StatusPurpose, StatusListIndex, StatusListCredential string }
		CredentialSubject     struct {
			Identifier []struct{ IdentityHash string }
		}
	}
	text, err := json.Marshal(doc)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return nil, errors.New("it is no credential of a course")
	}
	if !slices.Contains(c.Type, "OpenBadgeCredential") {
		return nil, errors.New("it is no credential of a course")
	}
	f := &Finding{ID: c.ID, Title: c.Name, Issuer: did}
	if len(c.CredentialSubject.Identifier) > 0 {
		f.Holder = c.CredentialSubject.Identifier[0].IdentityHash
	}
	if s := c.CredentialStatus; s.Type != "" {
		f.StatusList = s.StatusListCredential
		if f.StatusIndex, err = strconv.Atoi(s.StatusListIndex); err != nil || s.Type != "BitstringStatusListEntry" || s.StatusPurpose != "revocation" {
			return nil, errors.New("it does not say in a known way where its status stands")
		}
	}
	return f, f.dates(c.ValidFrom, c.ValidUntil)
}

func (f *Finding) dates(issued, expires string) (err error) {
	if f.IssuedAt, err = instant(issued); err != nil || f.IssuedAt.IsZero() {
		return fmt.Errorf("it does not say since when it holds")
	}
	if f.ExpiresAt, err = instant(expires); err != nil {
		return fmt.Errorf("it does not say until when it holds")
	}
	return nil
}
