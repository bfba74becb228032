package server

import (
	"errors"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"

	"havn/internal/api"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/web"
)

// newApp sets Fiber's limits. Each is there for a reason that was measured:
// Immutable, or strings kept past a handler turn into another user's;
// EnableTrustedProxyCheck with an empty list, or X-Forwarded-Host is believed;
// ReadTimeout, or half a header holds a connection for ever.
func newApp(face *api.API, pages *web.Web) *fiber.App {
	app := fiber.New(fiber.Config{
		AppName:                 "Havn",
		Immutable:               true,
		StrictRouting:           true,
		CaseSensitive:           true,
		EnableTrustedProxyCheck: true,
		DisableStartupMessage:   true,
		BodyLimit:               api.MaxCourse,
		ReadBufferSize:          16 << 10,
		ReadTimeout:             20 * time.Second,
		WriteTimeout:            60 * time.Second,
		IdleTimeout:             60 * time.Second,
		Concurrency:             16 << 10,
		ErrorHandler: func(c *fiber.Ctx, err error) error {
			err = asFault(err)
			if strings.HasPrefix(c.Path(), "/api/") {
				return face.Send(c, gate.Of(c).Lang, err)
			}
			return pages.Send(c, err)
		},
	})
	// Cookies are SameSite and foreign pages are refused, so that no other site
	// can make a browser fetch a page again and again to measure its length.
	app.Use(compress.New(compress.Config{Level: compress.LevelDefault}))
	app.Use(func(c *fiber.Ctx) (err error) {
		defer func() {
			if r := recover(); r != nil {
				slog.Error("a handler panicked", "panic", r, "stack", string(debug.Stack()))
				err = fault.New("internal")
			}
		}()
		return c.Next()
	})
	return app
}

// asFault gives Fiber's own errors the project's codes.
func asFault(err error) error {
	var f *fiber.Error
	if !errors.As(err, &f) {
		return err
	}
	switch f.Code {
	case fiber.StatusNotFound:
		return fault.New("not-found")
	case fiber.StatusMethodNotAllowed:
		return fault.New("method-not-allowed")
	case fiber.StatusRequestEntityTooLarge:
		return fault.New("too-large").With("limit_kb", api.MaxCourse>>10)
	case fiber.StatusRequestHeaderFieldsTooLarge:
		return fault.New("headers-too-large")
	case fiber.StatusUnsupportedMediaType:
		return fault.New("media-type")
	}
	if f.Code < 500 {
		return fault.New("bad-request")
	}
	return &fault.Error{Code: "internal", Err: err}
}
