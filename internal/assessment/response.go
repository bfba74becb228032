package assessment

import "havn/internal/course"

// Response is a learner's answer to one question. Exactly one of the answer
// fields is set, the one that the question's type asks for; nil is absent. An
// empty list is an answer, one that chooses nothing, and so is the number 0.
type Response struct {
	Choice  *string            `json:"choice,omitempty"`  // single; "true" or "false" for true-false
	Choices *[]string          `json:"choices,omitempty"` // multiple, hotspot; in any order
	Order   *[]string          `json:"order,omitempty"`   // ordering; each option once, the first step first
	Pairs   *map[string]string `json:"pairs,omitempty"`   // matching: option → target; some may be open still
	Number  *float64           `json:"number,omitempty"`  // numeric
	Date    *string            `json:"date,omitempty"`    // date: YYYY-MM-DD
	Text    *string            `json:"text,omitempty"`    // text, reflection; at most MaxText characters
	Path    *[]string          `json:"path,omitempty"`    // scenario: "node:choice", from the start on
	Rating  *int               `json:"rating,omitempty"`  // rating: 1…scale

	// Shared lets a reflection be kept and shown to the learner's tutor; without it
	// a reflection is not kept, and one that was is taken back.
	Shared bool `json:"shared,omitempty"`

	// Confidence may stand beside any answer. It never changes the score.
	Confidence Confidence `json:"confidence,omitempty"`
}

// MaxText is the longest text that is taken as an answer, in characters.
const MaxText = 2000

// Confidence is how sure the learner was, in the learner's own judgement.
type Confidence string

// The degrees of confidence; the empty string is "not said".
const (
	Sure  Confidence = "sure"
	Think Confidence = "think"
	Guess Confidence = "guess"
)

// Field names the answer field that a question of type t takes, as in the JSON
// of a Response. It is empty for a vignette, which takes no answer: the
// questions behind it do.
func Field(t course.Type) string {
	switch t {
	case course.Single, course.TrueFalse:
		return "choice"
	case course.Multiple, course.Hotspot:
		return "choices"
	case course.Ordering:
		return "order"
	case course.Matching:
		return "pairs"
	case course.Numeric:
		return "number"
	case course.Date:
		return "date"
	case course.ShortText, course.Reflection:
		return "text"
	case course.Scenario:
		return "path"
	case course.Rating:
		return "rating"
	}
	return ""
}

// set lists the answer fields that are present.
func (r *Response) set() []string {
	var names []string
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"choice", r.Choice != nil}, {"choices", r.Choices != nil}, {"order", r.Order != nil},
		{"pairs", r.Pairs != nil}, {"number", r.Number != nil}, {"date", r.Date != nil},
		{"text", r.Text != nil}, {"path", r.Path != nil}, {"rating", r.Rating != nil},
	} {
		if f.set {
			names = append(names, f.name)
		}
	}
	return names
}
