package web

import (
	"cmp"
	"slices"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"havn/internal/course"
	"havn/internal/gate"
	languages "havn/internal/language"
)

// countryView asks where somebody works.
type countryView struct {
	Countries []countryName // that a course answers for, by name
	Chosen    string
	Working   bool // in an organisation, which has a country
	Next      string
}

type countryName struct{ Code, Name string }

func (w *Web) countryForm(c *fiber.Ctx) error {
	v := gate.Of(c)
	data := countryView{Chosen: v.Country, Next: localPath(c.Query("next"))}
	if v.Account != nil {
		data.Working, data.Chosen = v.Account.Unit != "", v.Account.Country
	}
	codes := []string{v.Country}
	for _, p := range w.Library.Courses() {
		codes = append(codes, p.Course.Countries...)
	}
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		if code != "" {
			data.Countries = append(data.Countries, countryName{code, course.CountryName(v.Lang, code)})
		}
	}
	order := collate.New(language.Make(v.Lang))
	slices.SortFunc(data.Countries, func(a, b countryName) int {
		return cmp.Or(order.CompareString(a.Name, b.Name), cmp.Compare(a.Code, b.Code))
	})
	return w.show(c, 200, "country", w.page(c, "courses", w.t(c, "country.where"), data))
}

// setCountry keeps where somebody works: with their account, or on this device.
func (w *Web) setCountry(c *fiber.Ctx) error {
	country := c.FormValue("country")
	if v := gate.Of(c); v.Account != nil {
		if err := w.People.SetCountry(c.UserContext(), v.Account.ID, country); err != nil {
			return err
		}
	} else if country == "" || languages.Country(country) {
		c.Cookie(&fiber.Cookie{Name: gate.CountryCookie, Value: country, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: "Lax", Secure: w.BaseURL.Scheme == "https", HTTPOnly: true})
	}
	return c.Redirect(localPath(c.FormValue("next")), fiber.StatusSeeOther)
}
