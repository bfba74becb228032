package seed

import (
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"

	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
	"havn/internal/tracking"
)

// country is where an authority is, with the languages that its people read, by
// weight, and where its regions are.
type country struct {
	code, authority string
	languages       []weighted
	regions         []string
}

type weighted struct {
	what   string
	weight int
}

var countries = []country{
	{"EE", "Border and Reception Board", []weighted{{"et", 85}, {"en", 12}, {"uk", 3}}, []string{"North", "South", "West", "Islands"}},
	{"SE", "Agency for Arrivals", []weighted{{"sv", 88}, {"en", 9}, {"ar", 3}}, []string{"Upper", "Middle", "Lower", "Coast", "Capital"}},
	{"FI", "Arrivals Service", []weighted{{"en", 70}, {"sv", 28}, {"uk", 2}}, []string{"Coast", "Lakes", "Lapland"}},
	{"LV", "Office of Protection", []weighted{{"en", 90}, {"uk", 10}}, []string{"Gulf", "Inland"}},
	{"PL", "Border Service", []weighted{{"en", 75}, {"uk", 25}}, []string{"East", "Coast", "Centre", "South"}},
	{"NO", "Directorate of Reception", []weighted{{"sv", 40}, {"en", 58}, {"ar", 2}}, []string{"Fjords", "Arctic", "East"}},
}

var professions = []weighted{
	{"border-guard", 30}, {"police", 16}, {"reception", 15}, {"social-work", 10}, {"guardian", 6}, {"interpreter", 5},
	{"health", 4}, {"teacher", 3}, {"volunteer", 2}, {"lawyer", 1}, {"other", 2}, {"", 6},
}

var (
	givenNames  = []string{"Mari", "Jonas", "Anna", "Lauri", "Signe", "Omar", "Olena", "Piotr", "Ilze", "Nils", "Leila", "Karin", "Toivo", "Ewa", "Samir", "Daryna"}
	familyNames = []string{"Tamm", "Lindqvist", "Niemi", "Kalnins", "Wrona", "Haugland", "Kask", "Bergdal", "Lahti", "Ozols", "Zawadka", "Nygaard", "Haddadi", "Koval", "Saar", "Strandli"}
)

func pick(r *rand.Rand, list []weighted) string {
	all := 0
	for _, w := range list {
		all += w.weight
	}
	n := r.IntN(all)
	for _, w := range list {
		if n -= w.weight; n < 0 {
			return w.what
		}
	}
	return ""
}

// world is what people are put into.
type world struct {
	Plan
	organisations []people.Organisation
	assignments   []tracking.Assignment
	units         []unit
	weight        int // of all units
}

type unit struct {
	country     *country
	path        string
	weight      int
	assignments []int // of those that reach it
}

// unitSize is how many people a unit has, in the mean; the sizes differ widely.
const unitSize = 80

// stream is a source of numbers for one thing, so that none depends on how many
// another drew.
func (p Plan) stream(what, i uint64) *rand.Rand {
	return rand.New(rand.NewPCG(p.Seed^what<<56, i))
}

const (
	forTree = iota + 1
	forPerson
)

func (p Plan) world() *world {
	w := &world{Plan: p}
	r := p.stream(forTree, 0)
	start := p.Until.AddDate(-2, 0, 0)
	n := max(6, p.Learners/unitSize)
	var regions []*country
	var paths []string
	for i := range min(len(countries), max(1, n/2)) {
		c := &countries[i]
		top := w.organisation(r, "/", c.authority, c.code, start)
		for _, region := range c.regions[:min(len(c.regions), max(1, n/len(countries)))] {
			regions = append(regions, c)
			paths = append(paths, w.organisation(r, top, "Region "+region, "", start))
		}
	}
	for i := range n {
		at := i % len(regions)
		u := unit{country: regions[at], weight: 1 + int(40*r.ExpFloat64())}
		u.path = w.organisation(r, paths[at], fmt.Sprintf("Unit %d", i+1), "", start)
		for course := range p.Courses {
			if r.IntN(100) < 55 {
				u.assignments = append(u.assignments, len(w.assignments))
				w.assignments = append(w.assignments, tracking.Assignment{
					Meta: store.Meta{ID: id(r)}, Organisation: u.path, Course: Slug(course), To: string(tracking.TargetOf(tracking.ToUnit, people.IDOf(u.path))),
					DueDays: 30 + r.IntN(6)*30, Priority: learning.Normal, RenewDays: r.IntN(2) * 60, CreatedAt: moment(r, start, p.Until),
				})
			}
		}
		w.units, w.weight = append(w.units, u), w.weight+u.weight
	}
	return w
}

func (w *world) organisation(r *rand.Rand, above, name, country string, at time.Time) string {
	b := bytes(r, 10)
	id := strings.ToLower(base32.StdEncoding.EncodeToString(b))
	o := people.Organisation{Meta: store.Meta{ID: id}, Name: name, Path: above + id + "/", Country: country, CreatedAt: store.At(at)}
	w.organisations = append(w.organisations, o)
	return o.Path
}

// member is a person with all that stands for them.
type member struct {
	account      *people.Account
	enrolments   []*learning.Enrolment
	certificates []*learning.Certificate
}

// person is the i-th.
func (w *world) person(i int) member {
	r := w.stream(forPerson, uint64(i))
	u := w.units[len(w.units)-1]
	n := r.IntN(w.weight)
	for _, x := range w.units {
		if n -= x.weight; n < 0 {
			u = x
			break
		}
	}
	start := w.Until.AddDate(-2, 0, 0)
	joined := moment(r, start, w.Until.AddDate(0, -1, 0)).Time
	if r.IntN(3) > 0 {
		joined = start
	}
	a := &people.Account{
		Meta: store.Meta{ID: id(r)}, Email: fmt.Sprintf("seed-%x-%d@example.org", w.Seed, i+1), Name: givenNames[r.IntN(len(givenNames))] + " " + familyNames[r.IntN(len(familyNames))],
		Language: pick(r, u.country.languages), Profession: people.Profession(pick(r, professions)), Roles: []people.Role{people.Learner}, Grants: people.GrantsAt(u.path, []people.Role{people.Learner}),
		Unit: u.path, JoinedAt: store.At(joined), CreatedAt: store.At(joined), SeenOn: store.At(w.Until.Truncate(24 * time.Hour)),
	}
	m := member{account: a}
	who := learning.Learner{ID: a.ID, Name: a.Name, Language: a.Language, Unit: a.Unit, Country: u.country.code, Profession: string(a.Profession)}
	zeal := r.Float64()
	for c := range w.Courses {
		past := learning.Past{Version: 1, Duties: map[string]learning.Duty{}, Pages: []string{pageOne, pageTwo}, ValidMonths: validMonths}
		past.Since = moment(r, joined, w.Until).Time
		for _, n := range u.assignments {
			if as := &w.assignments[n]; as.Course == Slug(c) {
				d := as.Duty(joined, time.UTC)
				past.Since = later(joined, as.CreatedAt.Time)
				d.Since = store.At(past.Since)
				if r.IntN(50) == 0 {
					d.Exempt = learning.Exemptions[r.IntN(len(learning.Exemptions))]
				}
				past.Duties[as.ID] = d
			}
		}
		if len(past.Duties) == 0 && r.IntN(100) >= 15 {
			continue
		}
		took := time.Duration((20 + 300*r.ExpFloat64()*(1.2-zeal)) * float64(24*time.Hour))
		if began := past.Since.Add(took / 4); began.Before(w.Until) || len(past.Duties) == 0 {
			past.Began = sooner(began, w.Until)
			past.Quizzes = map[string]learning.Standing{quiz: {Attempts: 1, Percent: 60}}
		}
		if done := past.Since.Add(took); !past.Began.IsZero() && done.Before(w.Until) {
			past.Completed, past.Certificate = done, certificateCode(r)
			past.Quizzes = map[string]learning.Standing{quiz: {Attempts: 1 + r.IntN(3), Percent: 100, Passed: true}}
		}
		e := past.Enrolment(who, Slug(c))
		m.enrolments = append(m.enrolments, e)
		if e.Certificate != "" {
			m.certificates = append(m.certificates, &learning.Certificate{
				Meta: store.Meta{ID: e.Certificate}, Account: a.ID, Holder: a.Name, Course: e.Course, Version: e.Version, Language: a.Language,
				Shows: learning.ShowInitials, IssuedAt: e.CompletedAt, ExpiresAt: e.EndsAt,
			})
		}
	}
	return m
}

func moment(r *rand.Rand, from, to time.Time) store.Time {
	if !from.Before(to) {
		return store.At(from)
	}
	return store.At(from.Add(time.Duration(r.Int64N(int64(to.Sub(from))))))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func sooner(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// id is a UUID that comes behind those of people who came by themselves, whose
// ids begin with the time.
func id(r *rand.Rand) string {
	u := uuid.UUID(bytes(r, 16))
	u[0] |= 0xF0
	u[6], u[8] = 0x80|u[6]&0x0F, 0x80|u[8]&0x3F // version 8: made as we like (RFC 9562)
	return u.String()
}

func bytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.UintN(256))
	}
	return b
}

// certificateCode has the form of package code's.
func certificateCode(r *rand.Rand) string {
	s := strings.ToUpper(hex.EncodeToString(bytes(r, 13)))[:25]
	return s[:5] + "-" + s[5:10] + "-" + s[10:15] + "-" + s[15:20] + "-" + s[20:]
}
