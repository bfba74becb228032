package web

import (
	"bytes"
	"html/template"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/code"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/language"
	"havn/internal/learning"
	"havn/internal/paper"
	"havn/internal/people"
)

func escape(s string) string { return template.HTMLEscapeString(s) }

// certificateView is the page on which anybody checks a certificate. The
// holder, signed in, sees the full name and the PDF in each language.
type certificateView struct {
	*learning.Certificate
	CourseTitle string
	Lang        string // of the title
	State       learning.CertificateStatus
	Own         bool
	Name        string
	Choices     []learning.Shows // of what strangers see
	Kept        bool             // the choice was just kept
}

func (w *Web) certificateForm(c *fiber.Ctx) error {
	if typed := strings.TrimSpace(c.Query("code")); typed != "" {
		return c.Redirect("/certificates/"+url.PathEscape(code.Normal(typed)), fiber.StatusSeeOther)
	}
	return w.show(c, 200, "certificate-form", w.page(c, "", w.t(c, "certificate.check"), nil))
}

func (w *Web) certificate(c *fiber.Ctx) error {
	v := gate.Of(c)
	cert, err := w.Learning.Certificate(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	p, err := w.Library.At(c.UserContext(), cert.Course, cert.Version)
	if err != nil {
		return err
	}
	title := v.Edition(p).Title
	data := certificateView{Certificate: cert, CourseTitle: title.Plain, Lang: title.Lang, State: cert.Status(w.Now()), Name: cert.Shown()}
	if v.Account != nil && v.Account.ID == cert.Account {
		data.Own, data.Name, data.Kept = true, cert.Holder, c.Query("kept") == "1"
		data.Choices = []learning.Shows{learning.ShowNothing, learning.ShowInitials, learning.ShowName}
	}
	c.Set("X-Robots-Tag", "noindex")
	return w.show(c, 200, "certificate", w.page(c, "", w.t(c, "certificate.title"), data))
}

// chooseForCertificate keeps what the holder wishes strangers to see, and in
// which language the certificate is.
func (w *Web) chooseForCertificate(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	choice := learning.Choice{Shows: learning.Shows(c.FormValue("shows")), Language: c.FormValue("language")}
	cert, err := w.Learning.Choose(c.UserContext(), v.Learner(), c.Params("code"), choice)
	if err != nil {
		return err
	}
	return c.Redirect("/certificates/"+cert.ID+"?kept=1", fiber.StatusSeeOther)
}

// certificatePDF draws the certificate for its holder, in the language asked for.
func (w *Web) certificatePDF(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	cert, err := w.Learning.Certificate(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	if cert.Account != v.Account.ID {
		return fault.New("not-found")
	}
	p, err := w.Library.At(c.UserContext(), cert.Course, cert.Version)
	if err != nil {
		return err
	}
	lang := v.Lang
	if c.Query("lang") == "" {
		lang = language.Match(w.Locale.Languages(), cert.Language)
	}
	t := func(id string, args ...any) string { return w.Locale.T(lang, id, args...) }
	edition := p.Edition(language.Match(p.Course.Languages, lang, p.Course.Source))
	title := edition.Title
	sheet := paper.Certificate{
		Lang: lang, Dir: language.Direction(lang), Issuer: "Havn",
		Heading: t("certificate.heading"), Holder: cert.Holder, Statement: t("certificate.statement"), CourseTitle: title.Plain,
		IssuedLine: t("certificate.issued", "date", w.Locale.Date(lang, cert.IssuedAt.Time)),
		CodeLabel:  t("certificate.code"), Code: cert.ID, CheckLabel: t("certificate.check"),
		CheckURL: strings.TrimSuffix(w.BaseURL.String(), "/") + "/certificates/" + cert.ID,
		Scan:     w.BaseURL.JoinPath("verify").String() + "#" + w.API.Issuer.Key().Statement(w.API.Issuer.Achievement(cert, p, edition, cert.Holder)),
		Note:     []string{t("certificate.note"), t("certificate.version", "version", cert.Version)}, Created: cert.IssuedAt.Time,
	}
	if !cert.ExpiresAt.IsZero() {
		sheet.ValidLine = t("certificate.valid-until", "date", w.Locale.Date(lang, cert.ExpiresAt.Time))
	}
	var b bytes.Buffer
	if err := paper.Render(&b, sheet); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/pdf")
	c.Set(fiber.HeaderContentDisposition, `inline; filename="certificate-`+cert.ID+`.pdf"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(b.Bytes())
}
