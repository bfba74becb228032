// Package api is the JSON face of Havn: each operation decodes, asks the policy,
// calls one domain room and encodes. Its OpenAPI 3.1 document is made from the
// same declarations that serve the requests.
//
// All routes stand in the flat list of routes.go.
package api

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	json "github.com/go-json-experiment/json/v1"
	"github.com/gofiber/fiber/v2"

	"havn/internal/audit"
	"havn/internal/authoring"
	"havn/internal/gate"
	"havn/internal/history"
	"havn/internal/hook"
	"havn/internal/issuer"
	"havn/internal/learning"
	"havn/internal/library"
	"havn/internal/locale"
	"havn/internal/people"
	"havn/internal/privacy"
	"havn/internal/regrade"
	"havn/internal/reminder"
	"havn/internal/report"
	"havn/internal/sealed"
	"havn/internal/standing"
	"havn/internal/tracking"
)

// Prefix is where the API lives.
const Prefix = "/api/v1"

// API is what the handlers need.
type API struct {
	Audit     *audit.Log
	Privacy   *privacy.Keeper
	People    *people.People
	Learning  *learning.Learning
	Library   *library.Library
	Locale    *locale.Catalog
	Gate      *gate.Gate
	Issuer    *issuer.Issuer
	Sealed    *sealed.Box
	Reports   *report.Desk
	Reminders *reminder.Desk
	Tracking  *tracking.Tracking
	Drafts    *authoring.Drafts
	Regrades  *regrade.Desk
	History   *history.Desk
	Hooks     *hook.Desk
	Standing  *standing.Desk
	// SignUp lets anybody make an account.
	SignUp bool
	// Version of the program, for the OpenAPI document.
	Version string
	Now     func() time.Time

	pages pageCache
}

// Mount puts every route on the app.
func (a *API) Mount(app *fiber.App) huma.API {
	config := huma.DefaultConfig("Havn", a.Version)
	config.Info.Description = "Training courses for those who meet children on the move: read, take quizzes, prove completion."
	config.OpenAPIPath = Prefix + "/openapi"
	config.DocsPath, config.SchemasPath = "", ""
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	format := huma.Format{Marshal: func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) }, Unmarshal: json.Unmarshal}
	config.Formats = map[string]huma.Format{"application/json": format, "json": format}
	config.CreateHooks = nil // no $schema in bodies
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", Description: "The token of POST /sessions."},
	}
	words.Store(a.Locale)
	h := humafiber.New(app, config)
	a.routes(h)
	app.Get(Prefix+"/docs", a.docs(h))
	return h
}

// words are the sentences of problems that huma finds. Its hooks are variables
// of its package, so they are set once; the catalogue is that of the API mounted
// last, and all that one program mounts share one.
var words atomic.Pointer[locale.Catalog]

func init() {
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		return refused(locale.Source, status, errs...)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		lang := locale.Source
		if ctx != nil {
			lang = gate.From(ctx.Context()).Lang
		}
		return refused(lang, status, errs...)
	}
}

// schemaName names a type of another room after that room too: course.Problem
// is CourseProblem beside the API's own Problem.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	room := path.Base(t.PkgPath())
	if t.Name() == "" || room == "api" || room == "." || !strings.HasPrefix(t.PkgPath(), "havn/") {
		return name
	}
	return strings.ToUpper(room[:1]) + room[1:] + name
}

// answers declares the body of an operation that writes its bytes itself.
func answers[T any](h huma.API, o huma.Operation, description string) huma.Operation {
	schema := h.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
	o.Responses = map[string]*huma.Response{"200": {
		Description: description, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}},
	}}
	return o
}

// access says who may call an operation.
type access struct {
	open bool       // without signing in
	act  people.Act // what the policy is asked
}

var (
	everybody = access{open: true}
	learner   = access{act: people.Learn}
	oneself   = access{act: people.OwnAccount}
	inviter   = access{act: people.Invite}
	admin     = access{act: people.SeeCompletions}
	counter   = access{act: people.SeeFigures}
	manager   = access{act: people.ManageAccounts}
	auditor   = access{act: people.ReadAudit}
	organiser = access{act: people.ManageOrganisations}
	site      = access{act: people.RunSite}
	editor    = access{act: people.EditCountry}
	trainer   = access{act: people.Publish}
	organises = access{act: people.ManageCohorts}
	guide     = access{act: people.SeeCohort}
	tutor     = access{act: people.SeeAnswers}
)

// route declares one operation: the policy is asked before anything is read of
// the request, and whatever error comes back becomes a problem document here.
func route[I, O any](h huma.API, a *API, who access, op huma.Operation, handler func(context.Context, *gate.Visitor, *I) (*O, error)) {
	op.Path = Prefix + op.Path
	if !who.open {
		op.Security = []map[string][]string{{"bearer": {}}}
	}
	op.Errors = append(op.Errors, 422)
	if !who.open {
		op.Errors = append(op.Errors, 401)
		op.Middlewares = append(op.Middlewares, a.ask(who.act))
	}
	huma.Register(h, op, func(ctx context.Context, in *I) (*O, error) {
		v := gate.From(ctx)
		out, err := handler(ctx, v, in)
		if err != nil {
			return nil, a.toClient(v, err)
		}
		return out, nil
	})
}

func (a *API) ask(act people.Act) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		v := gate.From(ctx.Context())
		if err := v.May(act); err != nil {
			if err := a.Send(humafiber.Unwrap(ctx), v.Lang, err); err != nil {
				slog.Error("a refusal could not be written", "error", err)
			}
			return
		}
		next(ctx)
	}
}

func (a *API) toClient(v *gate.Visitor, err error) error {
	p := a.Problem(v.Lang, err)
	if p.retryAfter > 0 {
		return huma.ErrorWithHeaders(p, map[string][]string{"Retry-After": {p.retry()}})
	}
	return p
}

// Send writes a problem outside huma: what Fiber or the gate refused.
func (a *API) Send(c *fiber.Ctx, lang string, err error) error {
	p := a.Problem(lang, err)
	if p.retryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, p.retry())
	}
	if p.Status == 401 {
		c.Set(fiber.HeaderWWWAuthenticate, fmt.Sprintf("Bearer realm=%q", "havn"))
	}
	if err := c.Status(p.Status).JSON(p); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return nil
}
