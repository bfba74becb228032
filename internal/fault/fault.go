// Package fault is the one type of error that a domain room gives to its
// callers: a code that programs compare and that locales/ turns into a sentence
// for people, the field that it is about, and nothing personal.
//
// Anything that is not a *fault.Error is internal: the faces (api, web) log it
// and show the code "internal". The HTTP status of a fault is its Kind's.
package fault

import (
	"errors"
	"maps"
	"slices"
	"time"
)

// Kind groups codes by what a client can do about them; its value is the HTTP
// status that carries it (RFC 9110 §15).
type Kind int

// The kinds.
const (
	Malformed       Kind = 400
	Unauthenticated Kind = 401
	Forbidden       Kind = 403
	NotFound        Kind = 404
	Method          Kind = 405
	Conflict        Kind = 409
	TooLarge        Kind = 413
	Unsupported     Kind = 415
	Invalid         Kind = 422
	TooMany         Kind = 429
	Internal        Kind = 500
	Unavailable     Kind = 503
	Full            Kind = 507
)

// Error is what went wrong, in a form that can be shown.
type Error struct {
	Code string
	// Field is the JSON pointer-like name of what is at fault ("response.choice"), or "".
	Field string
	// Params fill the sentence's placeholders and are given to API clients:
	// ids, counts, times; never what a person typed.
	Params map[string]any
	// RetryAfter is how long to wait; 0 where waiting does not help.
	RetryAfter time.Duration
	// Err is the cause, for the log only.
	Err error
}

func (e *Error) Error() string {
	s := e.Code
	if e.Field != "" {
		s += " (" + e.Field + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Kind is that of the code; Internal for a code that is not declared.
func (e *Error) Kind() Kind {
	if k, ok := codes[e.Code]; ok {
		return k
	}
	return Internal
}

// codes declares every code. locales/ has a sentence for each as "problem.<code>".
var codes = map[string]Kind{
	"bad-request":           Malformed,
	"sign-in-needed":        Unauthenticated,
	"wrong-credentials":     Unauthenticated,
	"second-factor-needed":  Unauthenticated,
	"fresh-sign-in-needed":  Forbidden,
	"token-read-only":       Forbidden,
	"under-18":              Forbidden,
	"forbidden":             Forbidden,
	"cross-site":            Forbidden,
	"sign-up-closed":        Forbidden,
	"not-found":             NotFound,
	"course-withdrawn":      NotFound,
	"method-not-allowed":    Method,
	"not-enrolled":          Conflict,
	"enrolment-closed":      Forbidden,
	"attempt-exists":        Conflict,
	"attempt-open":          Conflict,
	"attempt-submitted":     Conflict,
	"attempts-used-up":      Conflict,
	"time-up":               Conflict,
	"answer-locked":         Conflict,
	"path-taken":            Conflict,
	"certificate-revoked":   Conflict,
	"email-taken":           Conflict,
	"link-elsewhere":        Conflict,
	"second-factor-on":      Conflict,
	"too-many-passkeys":     Conflict,
	"too-many-tokens":       Conflict,
	"course-has-errors":     Conflict,
	"last-administrator":    Conflict,
	"too-large":             TooLarge,
	"headers-too-large":     TooLarge,
	"compressed-body":       Unsupported,
	"media-type":            Unsupported,
	"invalid-field":         Invalid,
	"wrong-response-type":   Invalid,
	"unknown-option":        Invalid,
	"order-incomplete":      Invalid,
	"answer-missing":        Invalid,
	"number-needed":         Invalid,
	"invalid-response":      Invalid,
	"unknown-question":      Invalid,
	"unknown-page":          Invalid,
	"email-invalid":         Invalid,
	"wrong-password":        Invalid,
	"link-invalid":          Invalid,
	"merge-itself":          Invalid,
	"merge-roles":           Conflict,
	"merge-second-factor":   Conflict,
	"merge-attempt-open":    Conflict,
	"factor-code-wrong":     Invalid,
	"come-back-wrong":       Invalid,
	"roster-empty":          Invalid,
	"report-kind":           Invalid,
	"report-text":           Invalid,
	"file-missing":          Invalid,
	"live-questions":        Invalid,
	"live-rooms":            Conflict,
	"live-closed":           Conflict,
	"live-full":             Conflict,
	"change-unknown":        Invalid,
	"draft-changed":         Conflict,
	"draft-full":            Conflict,
	"draft-not-asked":       Conflict,
	"draft-quiz":            Invalid,
	"draft-form":            Conflict,
	"picture-unusable":      Invalid,
	"picture-alternative":   Invalid,
	"fact-incomplete":       Invalid,
	"question-incomplete":   Invalid,
	"bank-unreadable":       Invalid,
	"draft-barriers":        Conflict,
	"draft-own":             Conflict,
	"draft-comments":        Conflict,
	"draft-not-approved":    Conflict,
	"draft-behind":          Conflict,
	"draft-past":            Invalid,
	"draft-path":            Invalid,
	"draft-slug":            Invalid,
	"draft-title":           Invalid,
	"draft-languages":       Invalid,
	"comment-text":          Invalid,
	"suggestion-line":       Invalid,
	"suggestion-gone":       Conflict,
	"translation-errors":    Conflict,
	"translation-breaks":    Conflict,
	"unit-changed":          Conflict,
	"unit-source-changed":   Conflict,
	"unit-own":              Conflict,
	"unit-not-translated":   Conflict,
	"exchange-unreadable":   Invalid,
	"exchange-unwritable":   Invalid,
	"machine-off":           NotFound,
	"machine-unavailable":   Unavailable,
	"nothing-to-renew":      Conflict,
	"seal-broken":           Invalid,
	"seal-not-yours":        Invalid,
	"roster-too-long":       Invalid,
	"roster-header":         Invalid,
	"order-exists":          Conflict,
	"too-many-orders":       Conflict,
	"hook-url":              Invalid,
	"hook-exists":           Conflict,
	"too-many-hooks":        Conflict,
	"past-header":           Invalid,
	"past-too-long":         Invalid,
	"import-empty":          Invalid,
	"import-exists":         Conflict,
	"too-many-records":      Conflict,
	"roster-sheets":         Invalid,
	"roster-unreadable":     Invalid,
	"roster-too-large":      TooLarge,
	"provider-unknown":      NotFound,
	"provider-refused":      Invalid,
	"provider-unreachable":  Unavailable,
	"passkey-refused":       Invalid,
	"age-missing":           Invalid,
	"no-address":            Invalid,
	"country-invalid":       Invalid,
	"too-deep":              Invalid,
	"date-invalid":          Invalid,
	"due-past":              Invalid,
	"unit-unknown":          Invalid,
	"person-unknown":        Invalid,
	"course-unknown":        Invalid,
	"cohort-needs-days":     Invalid,
	"cohort-by-rule":        Conflict,
	"cohort-exists":         Conflict,
	"assignment-exists":     Conflict,
	"regrade-exists":        Conflict,
	"regrade-not-last":      Conflict,
	"regrade-order":         Invalid,
	"too-many-regrades":     Conflict,
	"invitation-invalid":    Invalid,
	"password-short":        Invalid,
	"password-long":         Invalid,
	"name-invalid":          Invalid,
	"language-unknown":      Invalid,
	"profession-unknown":    Invalid,
	"id-invalid":            Invalid,
	"set-up-link-invalid":   Invalid,
	"cool-down":             TooMany,
	"too-many-reports":      TooMany,
	"too-many-tries":        TooMany,
	"busy":                  TooMany,
	"internal":              Internal,
	"unavailable":           Unavailable,
	"write-unknown":         Unavailable,
	"storage-full":          Full,
	"reminder-days-invalid": Invalid,
}

// Codes lists every declared code, sorted.
func Codes() []string { return slices.Sorted(maps.Keys(codes)) }

// New makes an error of a declared code.
func New(code string) *Error { return &Error{Code: code} }

// At makes an error about a field.
func At(code, field string) *Error { return &Error{Code: code, Field: field} }

// With adds a parameter and returns the error.
func (e *Error) With(key string, value any) *Error {
	if e.Params == nil {
		e.Params = map[string]any{}
	}
	e.Params[key] = value
	return e
}

// Is tells whether err carries the code.
func Is(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
