package api

import (
	"cmp"
	"context"
	"slices"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/mail"
	"havn/internal/people"
	"havn/internal/reminder"
	"havn/internal/store"
)

// Reminders are what people of an organisation were written about what is due.
type Reminders struct {
	Days  []ReminderDay  `json:"days" nullable:"false" doc:"How many letters, the newest day first; without the people of organisations that show counts only"`
	Items []ReminderItem `json:"items" nullable:"false" doc:"To whom, the newest first"`
	Next  string         `json:"next" doc:"Cursor of the next page; empty at the end"`
}

// ReminderDay is how many letters a day had.
type ReminderDay struct {
	Day     string `json:"day"`
	Sent    int    `json:"sent"`
	Waiting int    `json:"waiting"`
	Dropped int    `json:"dropped" doc:"Nothing was left to say when their turn came"`
}

// ReminderItem is one letter.
type ReminderItem struct {
	Person
	Day     string         `json:"day"`
	Outcome reminder.State `json:"outcome" enum:"waiting,sent,dropped"`
	SentAt  store.Time     `json:"sent_at"`
	Of      []RemindedOf   `json:"of" nullable:"false" doc:"Once it was sent"`
}

// RemindedOf is one thing that a letter said.
type RemindedOf struct {
	Course      string        `json:"course"`
	Kind        reminder.Kind `json:"kind" enum:"due,ends"`
	On          string        `json:"on" doc:"The day"`
	Assignments []string      `json:"assignments" nullable:"false"`
}

type remindersIn struct {
	OrganisationIn
	Cursor string `query:"cursor" maxLength:"500"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type remindersOut struct{ Body Reminders }

func (a *API) listReminders(ctx context.Context, v *gate.Visitor, in *remindersIn) (*remindersOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageCohorts, in.Organisation)
	if err != nil {
		return nil, err
	}
	out, err := a.RemindersOf(ctx, o, in.Cursor, in.Limit)
	return &remindersOut{out}, err
}

// RemindersOf is a page of the letters to the people of an organisation and of those
// below, without those of organisations that show counts only.
func (a *API) RemindersOf(ctx context.Context, o *people.Organisation, after string, limit int) (Reminders, error) {
	out := Reminders{Days: []ReminderDay{}, Items: []ReminderItem{}}
	counted, err := a.People.Counted(ctx)
	if err != nil {
		return out, err
	}
	days, err := a.Reminders.Days(ctx, o.Path, counted)
	if err != nil {
		return out, err
	}
	for _, d := range days {
		out.Days = append(out.Days, ReminderDay{d.Day, d.Sent, d.Waiting, d.Dropped})
	}
	page, err := a.Reminders.Within(ctx, o.Path, after, limit)
	if err != nil {
		return out, err
	}
	out.Next = page.Next
	for _, r := range page.Items {
		if within(r.Unit, counted) {
			continue
		}
		person, err := a.People.Account(ctx, r.Account)
		if fault.Is(err, "not-found") {
			continue // just erased
		} else if err != nil {
			return out, err
		}
		item := ReminderItem{Person{person.ID, person.Name}, r.Day, r.State, r.SentAt, []RemindedOf{}}
		for _, i := range r.Items {
			item.Of = append(item.Of, RemindedOf{i.Course, i.Kind, i.On, i.Assignments})
		}
		out.Items = append(out.Items, item)
	}
	return out, nil
}

type previewReminderIn struct {
	OrganisationIn
	Language string `query:"language" maxLength:"35" doc:"BCP 47 tag of an interface language; absent: one's own"`
	Course   string `query:"course" maxLength:"100" doc:"Of which it tells; absent: one that the organisation has assigned"`
}

type letterOut struct{ Body Letter }

// Letter is a letter as it would be sent.
type Letter struct {
	Language string `json:"language"`
	Subject  string `json:"subject"`
	Text     string `json:"text"`
	HTML     string `json:"html"`
}

func (a *API) previewReminder(ctx context.Context, v *gate.Visitor, in *previewReminderIn) (*letterOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageCohorts, in.Organisation)
	if err != nil {
		return nil, err
	}
	m, err := a.PreviewReminder(ctx, o, cmp.Or(in.Language, v.Lang), in.Course)
	if err != nil {
		return nil, err
	}
	return &letterOut{Letter{m.Language, m.Subject, m.Text, m.HTML}}, nil
}

// PreviewReminder is the reminder that people of an organisation would get, about a
// course, or about one that it has assigned, or about any.
func (a *API) PreviewReminder(ctx context.Context, o *people.Organisation, lang, slug string) (*mail.Message, error) {
	if !slices.Contains(a.Locale.Languages(), lang) {
		return nil, fault.At("language-unknown", "language")
	}
	s, err := a.People.SettingsAt(ctx, o.Path)
	if err != nil {
		return nil, err
	}
	if slug == "" {
		list, err := a.Tracking.Assignments(ctx, o.Path)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			slug = cmp.Or(slug, x.Course)
		}
		for _, p := range a.Library.Courses() {
			slug = cmp.Or(slug, p.Course.Slug)
		}
	} else if _, ok := a.Library.Current(slug); !ok {
		return nil, fault.At("course-unknown", "course")
	}
	return a.Reminders.Preview(lang, s.Reminders.Filled(), slug), nil
}
