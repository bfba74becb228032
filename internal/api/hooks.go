package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/hook"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
)

// Hook is an address that is told what changes in the list of completions.
type Hook struct {
	ID           string          `json:"id"`
	Organisation string          `json:"organisation" doc:"With all below it"`
	URL          string          `json:"url"`
	Secret       string          `json:"secret,omitempty" doc:"Told once, when it was made"`
	CreatedAt    store.Time      `json:"created_at"`
	FormerUntil  store.Time      `json:"former_until" doc:"Until when the secret before this one signs too"`
	Sent         int             `json:"sent" doc:"Messages that were taken"`
	Off          hook.Why        `json:"off,omitempty" doc:"Why nothing is sent any more: gone (it answered 410), failing (for five days), forbidden (who registered it may not see the list any more)"`
	FailingSince store.Time      `json:"failing_since"`
	NextAt       store.Time      `json:"next_at" doc:"When what was not taken is sent again"`
	Recent       []hook.Delivery `json:"recent" nullable:"false" doc:"The last tries, the newest first"`
}

func hookOf(h *hook.Hook, secret string) *Hook {
	recent := h.Recent
	if recent == nil {
		recent = []hook.Delivery{}
	}
	next := store.Time{}
	if !h.FailingSince.IsZero() {
		next = h.NextAt
	}
	return &Hook{h.ID, people.IDOf(h.Organisation), h.URL, secret, h.CreatedAt, h.FormerUntil, h.Sent, h.Off, h.FailingSince, next, recent}
}

type hookOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         Hook
}

type hooksOut struct {
	Body struct {
		Items []Hook `json:"items" nullable:"false"`
	}
}

// HookIn names one.
type HookIn struct {
	OrganisationIn
	Hook string `path:"hook" format:"uuid"`
}

type setHookIn struct {
	HookIn
	Body struct {
		URL string `json:"url" maxLength:"500" doc:"Where messages are posted: https, and not inside the server's network"`
	}
}

func hookOp() huma.Operation {
	o := op("set-hook", http.MethodPut, "/organisations/{organisation}/hooks/{hook}",
		"Register an address under an id that the client made, or change it and switch it on; its secret is told once", 200, 403, 404, 409)
	o.Description = "Each change of the list of completions from then on is posted to it as JSON: `type` is `completion.changed`, `timestamp` that of the change, `data` the line of the list. " +
		"Messages come in the order of the delta of the list, signed as Standard Webhooks 1.0 says (`webhook-id`, `webhook-timestamp`, `webhook-signature`). " +
		"One that is not answered by 2xx within 15 seconds is sent again under the same id, after pauses from five seconds to a day; after five days, or an answer of 410, the hook is switched off and a letter says so. Redirects are not followed. " +
		"A message may come twice: its id tells. What changes again while it waits comes once, as it is by then."
	return o
}

func (a *API) listHooks(ctx context.Context, v *gate.Visitor, in *OrganisationIn) (*hooksOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageOrganisations, in.Organisation)
	if err != nil {
		return nil, err
	}
	out := &hooksOut{}
	out.Body.Items, err = a.HooksOf(ctx, o)
	return out, err
}

// HooksOf are those of an organisation and of those below it, without secrets.
func (a *API) HooksOf(ctx context.Context, o *people.Organisation) ([]Hook, error) {
	list, err := a.Hooks.Hooks(ctx, o.Path)
	out := []Hook{}
	for i := range list {
		out = append(out, *hookOf(&list[i], ""))
	}
	return out, err
}

func (a *API) setHook(ctx context.Context, v *gate.Visitor, in *setHookIn) (*hookOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageOrganisations, in.Organisation)
	if err != nil {
		return nil, err
	}
	h, err := a.SetHook(ctx, v, o, in.Hook, in.Body.URL)
	if err != nil {
		return nil, err
	}
	return &hookOut{"no-store", *h}, nil
}

// SetHook registers an address, or changes it and switches it on.
func (a *API) SetHook(ctx context.Context, v *gate.Visitor, o *people.Organisation, id, url string) (*Hook, error) {
	if err := people.MayAt(v.Account, people.SeeCompletions, o.Path); err != nil {
		return nil, fault.New("forbidden") // a token for organisations only
	}
	h, secret, err := a.Hooks.Set(ctx, v.Account, id, o, url)
	if err != nil {
		return nil, err
	}
	return hookOf(h, secret), nil
}

func (a *API) rotateHook(ctx context.Context, v *gate.Visitor, in *HookIn) (*hookOut, error) {
	h, err := a.RotateHook(ctx, v, in.Organisation, in.Hook)
	if err != nil {
		return nil, err
	}
	return &hookOut{"no-store", *h}, nil
}

// RotateHook makes a new secret.
func (a *API) RotateHook(ctx context.Context, v *gate.Visitor, organisation, id string) (*Hook, error) {
	h, err := a.HookFor(ctx, v, organisation, id)
	if err != nil {
		return nil, err
	}
	h, secret, err := a.Hooks.Rotate(ctx, v.Account, h)
	if err != nil {
		return nil, err
	}
	return hookOf(h, secret), nil
}

func (a *API) endHook(ctx context.Context, v *gate.Visitor, in *HookIn) (*struct{}, error) {
	h, err := a.HookFor(ctx, v, in.Organisation, in.Hook)
	if err != nil {
		return nil, err
	}
	return nil, a.Hooks.End(ctx, v.Account, h)
}

// HookFor finds a hook of an organisation, or of one below it, for who may change
// it.
func (a *API) HookFor(ctx context.Context, v *gate.Visitor, organisation, id string) (*hook.Hook, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageOrganisations, organisation)
	if err != nil {
		return nil, err
	}
	h, err := a.Hooks.Hook(ctx, id)
	if err == nil && !people.Within(h.Organisation, o.Path) {
		err = fault.New("not-found")
	}
	return h, err
}

// Shown is an enrolment as the list of completions shows it, nil where it does not.
func (a *API) Shown(ctx context.Context, e *learning.Enrolment) (any, error) {
	c, err := a.Completion(ctx, e)
	if err != nil || c.Account == "" {
		return nil, err
	}
	return c, nil
}
