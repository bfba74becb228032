// Package itemstats tells from the answers to a quiz how its questions work:
// classical item analysis, and a comparison of languages that finds a question
// which a translation has changed. It is pure, and knows answers without names.
//
// What is computed, and where the definitions come from:
//
//   - Facility is the mean share of the points, discrimination the product-moment
//     correlation of a question's share with that of all others asked with it, the
//     corrected item–total correlation (Lord & Novick, Statistical Theories of
//     Mental Test Scores, 1968, ch. 15; Henrysson, Psychometrika 28, 1963).
//   - Alpha is internal consistency (Cronbach, Psychometrika 16, 1951). Where each
//     question is right or wrong it is the formula 20 of Kuder & Richardson
//     (Psychometrika 2, 1937).
//   - Differential functioning is the test of Mantel & Haenszel (JNCI 22, 1959) as
//     Holland & Thayer (in: Wainer & Braun, Test Validity, 1988) put it to use:
//     readers of one language are compared with all others who did as well, so
//     that a language whose readers know less is not taken for a bad translation.
//
// Nothing is told of fewer than [Fewest] answers.
package itemstats

// Fewest is how many answers there must be before anything is told of them.
const Fewest = 10

// FewestCompared is how many readers of a language must have answered a question
// before that language is compared: with fewer, hardly anything could be found.
const FewestCompared = 30
