// Package assessment is what happens between a question and its score: what an
// answer may look like (Response, Validate), which questions an attempt asks
// and in which order they stand (Draw, OptionOrder), what an answer is worth
// (Grade) and whether a quiz is passed (Total).
//
// The rules are those of course-format 1, described for authors in
// courses/README.md. Three promises hold all through:
//
//   - The same input gives the same output, for ever. There is no clock and no
//     source of chance in here: seeds come from outside, and the shuffling does
//     not change with a release of Go. An attempt can be drawn, shown and graded
//     again from its seed and its answers alone.
//   - Scores are exact. They are fractions, not floats: three thirds are one, and
//     a pass mark is met or not met whatever the order of the sum.
//   - Nothing is graded by surprise. What Validate lets through has one reading;
//     what it refuses is named together with how to mend it.
//
// The package knows the key. What it returns from Grade reveals the key too, so
// a caller asks the quiz's feedback policy before it passes a Mark on; Draw,
// OptionOrder, TargetOrder and ChoiceOrder are safe to show.
package assessment
