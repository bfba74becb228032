package course

import (
	"slices"
	"time"
)

// Type is a question's type, as written in questions.yaml.
type Type string

// The question types of format 1.
const (
	Single     Type = "single"
	TrueFalse  Type = "true-false"
	Multiple   Type = "multiple"
	Ordering   Type = "ordering"
	Matching   Type = "matching"
	Numeric    Type = "numeric"
	Date       Type = "date"
	ShortText  Type = "text"
	Hotspot    Type = "hotspot"
	Scenario   Type = "scenario"
	Reflection Type = "reflection"
	Vignette   Type = "vignette"
	Rating     Type = "rating"
)

// Graded tells whether a question of this type can earn points. A vignette
// does not: the questions behind it do.
func (t Type) Graded() bool {
	return t != Reflection && t != Vignette && t != Rating
}

// Course is course.yaml: structure and rules, no text that a learner reads.
type Course struct {
	Format     int        `yaml:"format"`
	Slug       string     `yaml:"slug"`
	Source     string     `yaml:"source"`
	Languages  []string   `yaml:"languages"`
	Fallback   []string   `yaml:"fallback"`
	Minutes    int        `yaml:"minutes"`
	Audience   []string   `yaml:"audience"`
	Countries  []string   `yaml:"countries"`
	Completion Completion `yaml:"completion"`
	// Stale is what readers get in place of a translation whose original has
	// changed: "notice" (the translation, and that it has) or "source" (the
	// original, and why).
	Stale   string   `yaml:"stale"`
	Modules []Module `yaml:"modules"`
	Reuse   []Reuse  `yaml:"reuse"`
}

// Completion says when the course is completed, and for how long that counts.
type Completion struct {
	// Require is "all" (each page read, each quiz passed), "quizzes" or "pages".
	Require string `yaml:"require"`
	// ValidMonths is how long a certificate counts, in months; 0 is for ever.
	ValidMonths int `yaml:"valid_months"`
	// Recertify says what renews a certificate after a major change: "delta" (what
	// changed), "full" (that, and each quiz whole) or "none" (nothing is asked).
	Recertify string `yaml:"recertify"`
}

// Module is a part of a course: pages to read and at most one quiz.
type Module struct {
	ID    string   `yaml:"id"`
	Pages []string `yaml:"pages"`
	Quiz  *Quiz    `yaml:"quiz"`
}

// Quiz holds the rules of a quiz and what it asks.
type Quiz struct {
	ID               string   `yaml:"id"`
	PassMark         float64  `yaml:"pass_mark"` // per cent of the points, 0–100
	Attempts         int      `yaml:"attempts"`  // 0: no limit
	CoolDownMinutes  int      `yaml:"cool_down_minutes"`
	Keep             string   `yaml:"keep"` // best | last | first
	TimeLimitMinutes int      `yaml:"time_limit_minutes"`
	Feedback         string   `yaml:"feedback"` // after-answer | after-attempt | after-pass | never
	Shuffle          []string `yaml:"shuffle"`  // questions, options
	Items            []Item   `yaml:"items"`
}

// Shuffles tells whether what ("questions" or "options") is shuffled.
func (q *Quiz) Shuffles(what string) bool {
	for _, s := range q.Shuffle {
		if s == what {
			return true
		}
	}
	return false
}

// Item is one question that is always asked, or a number of questions to draw
// from those that carry all of the tags.
type Item struct {
	Question string   `yaml:"question"`
	Draw     int      `yaml:"draw"`
	Tags     []string `yaml:"tags"`
}

// Question is one entry of questions.yaml: rules and key, no text. Which fields
// may stand depends on the type; Check enforces that.
type Question struct {
	ID        string              `yaml:"id"`
	Type      Type                `yaml:"type"`
	Options   []string            `yaml:"options"` // also a hotspot's lines; {true, false} for true-false
	Targets   []string            `yaml:"targets"` // matching
	Points    float64             `yaml:"points"`  // 1 where absent, 0 for what is not graded
	Partial   string              `yaml:"partial"` // none | per-option | weights | longest | per-pair
	Weights   map[string]float64  `yaml:"weights"`
	Tolerance float64             `yaml:"tolerance"` // numeric
	Accept    map[string][]string `yaml:"accept"`    // text: language → accepted answers
	Match     []string            `yaml:"match"`     // text: capitals, wildcards
	Also      []Also              `yaml:"-"`         // text, numeric: answers beside the key
	Start     string              `yaml:"start"`     // scenario
	Nodes     map[string]Node     `yaml:"nodes"`     // scenario
	Questions []string            `yaml:"questions"` // vignette
	Scale     int                 `yaml:"scale"`     // rating: 1…Scale

	Tags       []string `yaml:"tags"`
	Facts      []string `yaml:"facts"`
	AppliesIn  []string `yaml:"applies_in"`
	Confidence bool     `yaml:"confidence"`
	Retired    bool     `yaml:"retired"`

	// Key holds the right answer, in the field that the type uses.
	Key Key `yaml:"key"`
}

// Also is an answer to a text or numeric question that earns a share of its points.
type Also struct {
	Lang, Text        string  // text
	Number, Tolerance float64 // numeric
	Share             float64 // over 0, not over 1
}

// Key is the right answer to a question. It never leaves the server before the
// quiz's feedback policy says so.
type Key struct {
	Choice  string            // single; "true" or "false" for true-false
	Choices []string          // multiple, hotspot
	Order   []string          // ordering
	Pairs   map[string]string // matching: option → target
	Number  float64           // numeric
	Date    string            // date: YYYY-MM-DD
}

// Has tells whether an option belongs to the right answer of a question whose
// options are chosen.
func (k Key) Has(option string) bool { return k.Choice == option || slices.Contains(k.Choices, option) }

// Node is a point of a scenario: choices that lead on, or an end.
type Node struct {
	Choices map[string]string  `yaml:"choices"` // choice → node
	Points  map[string]float64 `yaml:"points"`  // choice → points, 0 where absent
	End     string             `yaml:"end"`     // "" | safe | delayed | harmful
}

// Fact is one entry of facts.yaml: where a claim comes from and where it holds.
type Fact struct {
	ID         string
	Instrument string
	Article    string
	URL        string
	AppliesIn  []string // nil: everywhere
	ValidFrom  time.Time
	CheckedOn  time.Time
	ReviewBy   time.Time
	Verified   bool
}

// State is how far a text in one language can be trusted.
type State string

// The states, from the least trusted to the source itself.
const (
	Missing          State = "missing"
	Stale            State = "stale"
	MachineDraft     State = "machine-draft"
	LanguageReviewed State = "language-reviewed"
	ExpertReviewed   State = "expert-reviewed"
	Source           State = "source"
)
