package web

import (
	"cmp"
	"time"

	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/protect"
	"havn/internal/tracking"
)

// figureRow is a group of people, named in the reader's language.
type figureRow struct {
	Name, Link string
	protect.Line
	Weeks int // how many the row has together
}

// Empty tells that nobody has a course, in all time.
func (v figuresView) Empty() bool {
	return v.Total.All.Told && v.Total.All.N == 0 && !v.Period() && v.Asked.Course == ""
}

// Period tells that only a period counts.
func (v figuresView) Period() bool { return v.Asked.From+v.Asked.To != "" }

// Nothing tells that no figure of the row is told.
func (r figureRow) Nothing() bool { return !r.All.Told && !r.Done.Told && !r.Late.Told }

// weeks puts weeks together of which it is told only together how many were
// certified in them.
func (d *drawer) weeks(lines []tracking.ReportLine, whole func(from, to string) (protect.Line, error)) (rows []figureRow, err error) {
	day := func(i int) time.Time { return learning.Monday(lines[i].Key) }
	for i := 0; i < len(lines); {
		row, last := figureRow{Line: lines[i].Line}, i
		for j := i + 1; !row.Done.Told && j < len(lines); j++ {
			if row.Line, err = whole(day(i).Format(time.DateOnly), day(j).Format(time.DateOnly)); err != nil {
				return nil, err
			}
			last = j
		}
		if !row.Done.Told { // not to the end either
			row.Line, last = lines[i].Line, i
			for last+1 < len(lines) && !lines[last+1].Done.Told {
				last++
			}
		}
		row.Name, row.Weeks = d.w.Locale.Date(d.lang, day(i)), last-i+1
		if last > i {
			row.Name = d.word("figures.days", "from", row.Name, "to", d.w.Locale.Date(d.lang, day(last).AddDate(0, 0, 6)))
		}
		rows = append(rows, row)
		i = last + 1
	}
	return rows, nil
}

// rows names the lines of a report. Languages, professions and courses that
// nobody has are left out.
func (d *drawer) rows(data *figuresView, by tracking.By, r *tracking.Report, within string) (rows []figureRow) {
	for _, l := range r.Lines {
		row := figureRow{Name: l.Key, Line: l.Line}
		if nobody := l.All.Told && l.All.N == 0; nobody && by != tracking.ByUnit && by != tracking.ByCountry {
			continue
		}
		switch by {
		case tracking.ByUnit:
			row.Name = nameOf(data.Units, l.Key)
			switch {
			case l.Key == "":
				row.Name = d.word("figures.no-organisation")
			case l.Key == people.IDOf(within):
				row.Name = d.word("figures.itself", "name", row.Name)
			default:
				row.Link = d.asked.address("unit", l.Key)
			}
		case tracking.ByCourse:
			row.Name, row.Link = cmp.Or(nameOf(data.Courses, l.Key), l.Key), d.asked.address("course", l.Key)
		case tracking.ByLanguage:
			row.Name = d.language(l.Key)
		case tracking.ByProfession:
			row.Name = d.word("profession." + cmp.Or(l.Key, "unsaid"))
		case tracking.ByCountry:
			row.Name = d.country(l.Key)
		}
		rows = append(rows, row)
	}
	return rows
}

// told is a figure as the partial template "told" shows it.
type told struct {
	Told bool
	Text string
}

// Cell prepares a figure for the partial template.
func (p *Page) Cell(f protect.Figure) told {
	if !f.Told {
		return told{false, p.T("figures.hidden")}
	}
	return told{true, p.N(f.N)}
}

// Share is how many of a hundred are certified, "" where that is not told.
func (p *Page) Share(l protect.Line) string { return share(p.web, p.Lang, l) }

func share(w *Web, lang string, l protect.Line) string {
	if !l.All.Told || !l.Done.Told || l.All.N == 0 {
		return ""
	}
	return w.Locale.T(lang, "figures.share", "n", w.Locale.Number(lang, 100*l.Done.N/l.All.N))
}
