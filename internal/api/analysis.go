package api

import (
	"context"
	"math"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/gate"
	"havn/internal/itemstats"
)

// Analysis is how the questions of a quiz work. It holds no figure of fewer than
// ten answers.
type Analysis struct {
	Course   string         `json:"course"`
	Quiz     string         `json:"quiz"`
	Version  int            `json:"version" doc:"Whose questions are analysed; answers to another text or key are left out"`
	Learners int            `json:"learners" doc:"Whose first attempt counts; 0 for fewer than 10"`
	Earlier  int            `json:"earlier" doc:"Answers left out as the question had another text or key"`
	Alpha    *float64       `json:"alpha" doc:"Cronbach's alpha; null where not everybody was asked the same"`
	Items    []AnalysedItem `json:"items" nullable:"false"`
	Compared []Compared     `json:"compared" nullable:"false" doc:"Each question in each language that 30 learners answered it in"`
}

// AnalysedItem is how one question works.
type AnalysedItem struct {
	Question       string            `json:"question"`
	Type           course.Type       `json:"type"`
	Answers        int               `json:"answers"`
	Facility       float64           `json:"facility" doc:"Mean share of the points, 0 to 1"`
	Right          float64           `json:"right" doc:"Share of learners who earned all points"`
	Discrimination *float64          `json:"discrimination" doc:"Correlation with the rest of the quiz, -1 to 1"`
	Doubts         []itemstats.Doubt `json:"doubts" nullable:"false" enum:"key,weak,hard,easy" doc:"What makes it worth a look"`
	Options        []AnalysedOption  `json:"options" nullable:"false"`
	Confidence     []AnalysedSure    `json:"confidence" nullable:"false"`
	Languages      []AnalysedReading `json:"languages" nullable:"false"`
}

// AnalysedOption is how often an option was chosen.
type AnalysedOption struct {
	Option string  `json:"option"`
	Key    bool    `json:"key"`
	Chosen float64 `json:"chosen" doc:"Share of learners, 0 to 1"`
}

// AnalysedSure is what came of answers given with one confidence.
type AnalysedSure struct {
	Confidence assessment.Confidence `json:"confidence" enum:"sure,think,guess"`
	Answers    int                   `json:"answers"`
	Right      float64               `json:"right" doc:"Share that earned all points"`
}

// AnalysedReading is how a question did in one language.
type AnalysedReading struct {
	Language string  `json:"language"`
	Answers  int     `json:"answers"`
	Facility float64 `json:"facility"`
}

// Compared is a question in one language against all others (Mantel-Haenszel).
type Compared struct {
	Question string  `json:"question"`
	Language string  `json:"language"`
	Answers  int     `json:"answers"`
	Delta    float64 `json:"delta" doc:"On the ETS scale; below 0: harder in this language for those who know as much"`
	P        float64 `json:"p" doc:"Of this comparison alone"`
	Suspect  bool    `json:"suspect" doc:"More than chance among all that was compared, and large: probably the translation"`
}

// Analysis of a quiz, for the course's trainers.
func (a *API) Analysis(ctx context.Context, v *gate.Visitor, slug, quiz string) (*Analysis, error) {
	if err := a.mayPublish(v, slug); err != nil {
		return nil, err
	}
	found, err := a.Learning.Analyse(ctx, slug, quiz)
	if err != nil {
		return nil, err
	}
	out := &Analysis{
		Course: slug, Quiz: quiz, Version: found.Publication.Version, Learners: found.Learners, Earlier: found.Earlier,
		Alpha: rounded(found.Alpha), Items: []AnalysedItem{}, Compared: []Compared{},
	}
	for _, it := range found.Items {
		out.Items = append(out.Items, analysed(found.Publication.Questions[it.ID], it))
	}
	for _, c := range found.Compared {
		out.Compared = append(out.Compared, Compared{c.Item, c.Language, c.Answers, round(c.Delta), c.P, c.Suspect})
	}
	return out, nil
}

func analysed(q *course.Question, it itemstats.Item) AnalysedItem {
	out := AnalysedItem{
		Question: it.ID, Type: q.Type, Answers: it.Answers, Facility: round(it.Facility), Right: round(it.Right), Discrimination: rounded(it.Discrimination),
		Doubts: append([]itemstats.Doubt{}, it.Doubts()...), Options: []AnalysedOption{}, Confidence: []AnalysedSure{}, Languages: []AnalysedReading{},
	}
	if f := assessment.Field(q.Type); f == "choice" || f == "choices" {
		for _, id := range q.Options {
			out.Options = append(out.Options, AnalysedOption{id, q.Key.Has(id), round(float64(it.Chosen[id]) / float64(it.Answers))})
		}
	}
	for _, c := range it.Sure {
		out.Confidence = append(out.Confidence, AnalysedSure{assessment.Confidence(c.Sure), c.Answers, round(float64(c.Right) / float64(c.Answers))})
	}
	for _, r := range it.Languages {
		out.Languages = append(out.Languages, AnalysedReading{r.Language, r.Answers, round(r.Facility)})
	}
	return out
}

// round keeps two decimals: enough to act on, and too few to work out by whom one
// answer more was given.
func round(x float64) float64 { return math.Round(100*x) / 100 }

func rounded(x *float64) *float64 {
	if x == nil {
		return nil
	}
	r := round(*x)
	return &r
}

type analysisIn struct {
	Course string `path:"course" maxLength:"100"`
	Quiz   string `path:"quiz" maxLength:"100"`
}

type analysisOut struct{ Body *Analysis }

func (a *API) getAnalysis(ctx context.Context, v *gate.Visitor, in *analysisIn) (*analysisOut, error) {
	found, err := a.Analysis(ctx, v, in.Course, in.Quiz)
	return &analysisOut{found}, err
}
