package api

import (
	"context"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
	"havn/internal/tracking"
)

// AssignmentFields are what an administrator decides.
type AssignmentFields struct {
	Course    string            `json:"course" maxLength:"100"`
	To        AssignedTo        `json:"to"`
	DueOn     string            `json:"due_on,omitempty" maxLength:"10" doc:"Last day in the organisation's time zone, as in 2026-12-12"`
	DueDays   int               `json:"due_days,omitempty" minimum:"0" maximum:"730" doc:"Instead of a day: after joining the unit or the cohort"`
	Priority  learning.Priority `json:"priority,omitempty" enum:"high,normal,low" default:"normal"`
	RenewDays int               `json:"renew_days,omitempty" minimum:"0" maximum:"365" doc:"Before the certificate ends it has to be earned anew; 0: need not"`
}

// AssignedTo is whom an assignment is for.
type AssignedTo struct {
	Kind string `json:"kind" enum:"cohort,unit,person" doc:"A unit stands for all below it too"`
	ID   string `json:"id" maxLength:"100"`
}

// Assignment is that somebody has to take a course.
type Assignment struct {
	ID           string `json:"id"`
	Organisation string `json:"organisation" doc:"Id of the one that assigns"`
	AssignmentFields
	CreatedAt store.Time `json:"created_at"`
	Pending   bool       `json:"pending,omitempty" doc:"It is being brought to people"`
	Reached   int        `json:"reached" doc:"How many it was brought to so far"`
}

func assignmentOf(a *tracking.Assignment) Assignment {
	kind, id := a.Target().Split()
	return Assignment{
		ID: a.ID, Organisation: people.IDOf(a.Organisation), CreatedAt: a.CreatedAt, Pending: a.Pending != "", Reached: a.Reached,
		AssignmentFields: AssignmentFields{a.Course, AssignedTo{kind, id}, a.DueOn, a.DueDays, a.Priority, a.RenewDays},
	}
}

// New is what the fields decide.
func (f AssignmentFields) New() tracking.NewAssignment {
	return tracking.NewAssignment{Course: f.Course, To: tracking.TargetOf(f.To.Kind, f.To.ID), DueOn: f.DueOn, DueDays: f.DueDays, Priority: f.Priority, RenewDays: f.RenewDays}
}

type assignmentsOut struct {
	Body struct {
		Items []Assignment `json:"items" nullable:"false"`
	}
}

func (a *API) listAssignments(ctx context.Context, v *gate.Visitor, in *OrganisationIn) (*assignmentsOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageCohorts, in.Organisation)
	if err != nil {
		return nil, err
	}
	list, err := a.Tracking.Assignments(ctx, o.Path)
	if err != nil {
		return nil, err
	}
	out := &assignmentsOut{}
	out.Body.Items = []Assignment{}
	for i := range list {
		out.Body.Items = append(out.Body.Items, assignmentOf(&list[i]))
	}
	return out, nil
}

// AssignmentIn names an assignment in a path.
type AssignmentIn struct {
	OrganisationIn
	Assignment string `path:"assignment" maxLength:"100"`
}

type setAssignmentIn struct {
	AssignmentIn
	Body AssignmentFields
}

type assignmentOut struct{ Body Assignment }

func (a *API) setAssignment(ctx context.Context, v *gate.Visitor, in *setAssignmentIn) (*assignmentOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageCohorts, in.Organisation)
	if err != nil {
		return nil, err
	}
	as, err := a.Tracking.Assign(ctx, v.Account, in.Assignment, o, in.Body.New())
	if err != nil {
		return nil, err
	}
	return &assignmentOut{assignmentOf(as)}, nil
}

// AssignmentFor finds an assignment of an organisation that the visitor may act
// for; another is "not-found".
func (a *API) AssignmentFor(ctx context.Context, v *gate.Visitor, in AssignmentIn) (*people.Organisation, *tracking.Assignment, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageCohorts, in.Organisation)
	if err != nil {
		return nil, nil, err
	}
	as, err := a.Tracking.Assignment(ctx, in.Assignment)
	if err == nil && as.Organisation != o.Path {
		err = fault.New("not-found")
	}
	return o, as, err
}

func (a *API) withdrawAssignment(ctx context.Context, v *gate.Visitor, in *AssignmentIn) (*struct{}, error) {
	_, as, err := a.AssignmentFor(ctx, v, *in)
	if err != nil {
		return nil, err
	}
	return nil, a.Tracking.Withdraw(ctx, v.Account, as)
}

// Assigned is a page of those who have an assignment.
type Assigned struct {
	Items []AssignedPerson `json:"items" nullable:"false"`
	Next  string           `json:"next" doc:"Cursor of the next page; empty at the end"`
}

// AssignedPerson is one of them.
type AssignedPerson struct {
	Person
	CourseStanding
	Reason learning.Exemption `json:"reason,omitempty" enum:"trained-elsewhere,away,other-duties,other" doc:"Why they are exempt"`
	// Reminders are the letters about it, of the last 90 days.
	Reminders  int        `json:"reminders"`
	RemindedAt store.Time `json:"reminded_at" doc:"When the last of them was sent"`
}

type listAssignedIn struct {
	AssignmentIn
	Cursor string `query:"cursor" maxLength:"500"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type assignedOut struct{ Body Assigned }

func (a *API) listAssigned(ctx context.Context, v *gate.Visitor, in *listAssignedIn) (*assignedOut, error) {
	_, as, err := a.AssignmentFor(ctx, v, in.AssignmentIn)
	if err != nil {
		return nil, err
	}
	out, err := a.Assigned(ctx, as, in.Cursor, in.Limit)
	return &assignedOut{out}, err
}

// Assigned is a page of those who have an assignment, without the people of
// organisations that show counts only.
func (a *API) Assigned(ctx context.Context, as *tracking.Assignment, after string, limit int) (Assigned, error) {
	out := Assigned{Items: []AssignedPerson{}}
	counted, err := a.People.Counted(ctx)
	if err != nil {
		return out, err
	}
	list, next, err := a.Tracking.Enrolments(ctx, as, counted, after, limit)
	if err != nil {
		return out, err
	}
	out.Next = next
	for i := range list {
		e := &list[i]
		person, err := a.People.Account(ctx, e.Account)
		if err != nil {
			continue // just erased
		}
		item := AssignedPerson{Person: Person{person.ID, person.Name}, CourseStanding: a.standing(e, as), Reason: e.Duties[as.ID].Exempt}
		if item.Reminders, item.RemindedAt, err = a.Reminders.About(ctx, person.ID, as.ID); err != nil {
			return out, err
		}
		out.Items = append(out.Items, item)
	}
	return out, nil
}

type exemptIn struct {
	AssignmentIn
	Account string `path:"account" maxLength:"100"`
	Body    struct {
		Reason learning.Exemption `json:"reason" enum:"trained-elsewhere,away,other-duties,other"`
	}
}

func (a *API) exempt(ctx context.Context, v *gate.Visitor, in *exemptIn) (*struct{}, error) {
	return nil, a.LetOff(ctx, v, in.AssignmentIn, in.Account, in.Body.Reason)
}

type endExemptionIn struct {
	AssignmentIn
	Account string `path:"account" maxLength:"100"`
}

func (a *API) endExemption(ctx context.Context, v *gate.Visitor, in *endExemptionIn) (*struct{}, error) {
	return nil, a.LetOff(ctx, v, in.AssignmentIn, in.Account, "")
}

// LetOff exempts a person whom the visitor may manage, or with "" ends that.
func (a *API) LetOff(ctx context.Context, v *gate.Visitor, in AssignmentIn, account string, why learning.Exemption) error {
	_, as, err := a.AssignmentFor(ctx, v, in)
	if err != nil {
		return err
	}
	if _, err := a.person(ctx, v, account); err != nil {
		return err
	}
	return a.Tracking.LetOff(ctx, v.Account, as, account, why)
}
