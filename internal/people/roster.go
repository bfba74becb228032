package people

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/mail"
	"havn/internal/roster"
)

// Step is what taking in a line of a list does.
type Step struct {
	Line    int    `json:"line"`
	Email   string `json:"email"`
	Name    string `json:"name"`
	Role    Role   `json:"role,omitempty"`
	Unit    string `json:"organisation,omitempty"` // name of the organisation
	Does    Does   `json:"does"`
	Problem string `json:"problem,omitempty"` // code, where it is refused
	Field   string `json:"field,omitempty"`
	Earlier int    `json:"earlier,omitempty"`

	language string
	account  *Account
	at       *Organisation
}

// Does is what becomes of a line.
type Does string

// What there is. Somebody of another organisation is invited as a stranger is,
// so that nobody learns from a list who has an account.
const (
	DoesInvite  Does = "invite"
	DoesMove    Does = "move"
	DoesNothing Does = "nothing"
	DoesRefuse  Does = "refuse"
)

// Plan tells line by line what taking in a list would do, and does none of it.
func (p *People) Plan(ctx context.Context, by *Account, o *Organisation, rows []roster.Row) ([]Step, error) {
	below, err := p.Organisations(ctx, o.Path)
	if err != nil {
		return nil, err
	}
	steps := make([]Step, len(rows))
	for i, r := range rows {
		s := Step{Line: r.Line, Email: r.Email, Name: r.Name, Problem: r.Problem, Field: r.Field, Earlier: r.Earlier, language: r.Language}
		if err := p.plan(ctx, by, o, below, r, &s); err != nil {
			return nil, err
		}
		steps[i] = s
	}
	return steps, nil
}

func (p *People) plan(ctx context.Context, by *Account, o *Organisation, below []Organisation, r roster.Row, s *Step) error {
	refuse := func(problem, field string) error {
		s.Does, s.Problem, s.Field = DoesRefuse, problem, field
		return nil
	}
	s.Role, s.at = Role(r.Role), o
	switch {
	case r.Problem != "":
		return refuse(r.Problem, r.Field)
	case r.Language != "" && !slices.Contains(p.Languages, r.Language):
		return refuse("language-unknown", "language")
	case s.Role == Tutor:
		return refuse("tutor-by-cohort", "role")
	case r.Role == "":
		s.Role = Learner
	}
	if r.Organisation != "" {
		at := slices.IndexFunc(below, func(x Organisation) bool { return x.ID == r.Organisation || strings.EqualFold(x.Name, r.Organisation) })
		if at < 0 {
			return refuse("organisation-unknown", "organisation")
		}
		s.at = &below[at]
	}
	s.Unit = s.at.Name
	a, err := p.ByEmail(ctx, r.Email)
	switch {
	case fault.Is(err, "not-found"), err == nil && MayAt(by, ManageAccounts, a.Unit) != nil:
		s.Does = DoesInvite
		return nil
	case err != nil:
		return err
	case a.Unit == s.at.Path && slices.Equal(a.RolesIn(a.Unit), rolesOf(s.Role)):
		s.Does = DoesNothing
		return nil
	}
	s.Does, s.account = DoesMove, a
	return nil
}

// rolesOf are what RolesIn gives for somebody who was brought in with a role.
func rolesOf(r Role) []Role {
	if r == Learner {
		return []Role{Learner}
	}
	return []Role{Learner, r}
}

// Import takes a list in: invites by mail and moves, and leaves out what is
// refused.
func (p *People) Import(ctx context.Context, by *Account, o *Organisation, steps []Step) error {
	if err := p.Log.Add(ctx, audit.Event{Act: audit.ListImported, Actor: by.ID, Subject: o.ID, Organisation: o.Path}); err != nil {
		return err
	}
	for i := range steps {
		s := &steps[i]
		switch s.Does {
		case DoesMove:
			if _, err := p.join(ctx, by.ID, s.account, s.at, []Role{s.Role}); err != nil {
				return err
			}
		case DoesInvite:
			if err := p.InviteByMail(ctx, by, s.at, s.Email, s.language, s.Role); err != nil {
				return err
			}
		}
	}
	return nil
}

// InviteByMail mails an invitation for one person.
func (p *People) InviteByMail(ctx context.Context, by *Account, o *Organisation, email, language string, role Role) error {
	word, _, err := p.Invite(ctx, by, o, []Role{role}, 1, 14)
	if err != nil {
		return err
	}
	if language == "" {
		s, err := p.SettingsAt(ctx, o.Path)
		if err != nil {
			return err
		}
		language = append(slices.Clone(s.Languages), by.Language)[0]
	}
	return p.Letters.Put(ctx, mail.Letter{Kind: mail.Invitation, To: email, Language: language, About: o.Name, Path: "/join?code=" + url.QueryEscape(word)})
}

// KeepList holds a list for a quarter of an hour between showing what it does to
// an organisation or a cohort, whose id is about, and doing it; TakeList gives it back, once, to whoever brought it.
func (p *People) KeepList(ctx context.Context, by *Account, about string, rows []roster.Row) (secret string, err error) {
	text, err := json.Marshal(rows)
	if err != nil {
		return "", err
	}
	return p.give(ctx, Challenge{Kind: heldList, Account: by.ID, Email: about, Data: string(text)}, 15*time.Minute)
}

// TakeList gives back what KeepList held. The fault is "link-invalid".
func (p *People) TakeList(ctx context.Context, by *Account, about, secret string) (rows []roster.Row, err error) {
	c, err := p.take(ctx, heldList, secret, "")
	if err != nil {
		return nil, err
	}
	if c.Account != by.ID || c.Email != about {
		return nil, fault.New("link-invalid")
	}
	return rows, json.Unmarshal([]byte(c.Data), &rows)
}

// KeepFile is KeepList for the file of a list itself, which may be long.
func (p *People) KeepFile(ctx context.Context, by *Account, about string, file []byte) (secret string, err error) {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		return "", err
	}
	if _, err := z.Write(file); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return p.give(ctx, Challenge{Kind: heldFile, Account: by.ID, Email: about, Data: base64.StdEncoding.EncodeToString(packed.Bytes())}, 15*time.Minute)
}

// TakeFile gives back what KeepFile held. The fault is "link-invalid".
func (p *People) TakeFile(ctx context.Context, by *Account, about, secret string) ([]byte, error) {
	c, err := p.take(ctx, heldFile, secret, "")
	if err != nil {
		return nil, err
	}
	if c.Account != by.ID || c.Email != about {
		return nil, fault.New("link-invalid")
	}
	packed, err := base64.StdEncoding.DecodeString(c.Data)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
