package web

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/credential"
	"havn/internal/learning"
)

// verifyView is the page on which the text of a QR code or a credential is
// checked. With a script the browser does it by itself and sends nothing; the
// form sends the text to the server, which also knows what was withdrawn.
type verifyView struct {
	Issuers string // of this server, did:key, with spaces between
	Checked bool
	State   learning.CertificateStatus // "" does not hold
	Ours    bool
	*credential.Finding
}

func (w *Web) verifyForm(c *fiber.Ctx) error {
	return w.show(c, 200, "verify", w.page(c, "", w.t(c, "verify.title"), verifyView{Issuers: strings.Join(w.API.Issuer.DIDs(), " ")}))
}

func (w *Web) verify(c *fiber.Ctx) error {
	data := verifyView{Issuers: strings.Join(w.API.Issuer.DIDs(), " "), Checked: true}
	f, err := credential.Verify(c.FormValue("text"), "", w.Now())
	switch {
	case err == nil:
		data.State = learning.Valid
	case errors.Is(err, credential.ErrExpired):
		data.State = learning.Expired
	}
	if f != nil {
		data.Finding, data.Ours = f, w.API.Issuer.Owns(f.Issuer)
	}
	if data.Ours {
		cert, err := w.Learning.Certificate(c.UserContext(), f.ID[strings.LastIndexByte(f.ID, '/')+1:])
		if err != nil {
			return err
		}
		data.State = cert.Status(w.Now())
	}
	return w.show(c, 200, "verify", w.page(c, "", w.t(c, "verify.title"), data))
}
