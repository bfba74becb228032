package api

import (
	"errors"
	"log/slog"
	"math"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"havn/internal/fault"
	"havn/internal/store"
)

// Problem is an error as a client gets it: RFC 9457. Type is stable and named
// after the code; Title says the same in the reader's language; Errors names
// each field. Nothing that was sent is repeated.
type Problem struct {
	Type   string       `json:"type" doc:"Stable: /problems/ and the code"`
	Title  string       `json:"title" doc:"What happened and what to do, in the language asked for"`
	Status int          `json:"status"`
	Code   string       `json:"code"`
	Errors []FieldError `json:"errors,omitempty"`
	// Params are the facts that the title speaks of, for programs.
	Params map[string]any `json:"params,omitempty"`

	retryAfter int // seconds
}

// FieldError says what is wrong with one field.
type FieldError struct {
	Field  string `json:"field" doc:"Path of the field, such as response.choice"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string  { return p.Code }
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457, whatever else was negotiated.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// Fault turns any error of a domain room into the fault that a client may see:
// faults as they are, the store's errors by their meaning, all else "internal",
// which goes to the log.
func Fault(err error) *fault.Error {
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, store.ErrFull):
		return &fault.Error{Code: "storage-full", Err: err}
	case errors.Is(err, store.ErrUnknown):
		return &fault.Error{Code: "write-unknown", Err: err}
	case errors.Is(err, store.ErrInvalid):
		return &fault.Error{Code: "bad-request", Err: err}
	case errors.Is(err, store.ErrClosed), errors.Is(err, store.ErrUnavailable):
		return &fault.Error{Code: "unavailable", Err: err}
	}
	return &fault.Error{Code: "internal", Err: err}
}

// Problem turns an error into its document, in a language.
func (a *API) Problem(lang string, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	f := Fault(err)
	if f.Kind() >= fault.Internal {
		slog.Error("request failed", "code", f.Code, "error", err)
	}
	args := make([]any, 0, 2*len(f.Params))
	for k, v := range f.Params {
		args = append(args, k, v)
	}
	p = &Problem{
		Type: "/problems/" + f.Code, Code: f.Code, Status: int(f.Kind()),
		Title: a.Locale.T(lang, "problem."+f.Code, args...), Params: f.Params,
		retryAfter: int(math.Ceil(f.RetryAfter.Seconds())),
	}
	if f.Field != "" {
		detail := p.Title
		if hint, ok := f.Params["hint"].(string); ok {
			detail = hint
		}
		p.Errors = []FieldError{{f.Field, detail}}
	}
	return p
}

// refused is called by huma for a request that does not fit the schema. The
// values that huma would repeat are left out.
func refused(lang string, status int, errs ...error) *Problem {
	code := map[int]string{400: "bad-request", 404: "not-found", 413: "too-large", 415: "media-type", 422: "invalid-field"}[status]
	if code == "" {
		code = "bad-request"
		if status >= 500 {
			code = "internal"
		}
	}
	if status >= 500 {
		slog.Error("request failed", "status", status, "errors", len(errs))
	}
	p := &Problem{Type: "/problems/" + code, Code: code, Status: status, Title: sentence(lang, "problem."+code)}
	for _, e := range errs {
		var d *huma.ErrorDetail
		if errors.As(e, &d) {
			p.Errors = append(p.Errors, fieldError(lang, d))
		}
	}
	return p
}

func sentence(lang, id string, args ...any) string {
	if c := words.Load(); c != nil {
		return c.T(lang, id, args...)
	}
	return id
}

// retry is the value of Retry-After, in seconds.
func (p *Problem) retry() string { return strconv.Itoa(p.retryAfter) }
