package exchange

// sentences say what a reason means and what to do about it, for the command
// line.
var sentences = map[string]string{
	"unit-unknown":    "the course has no such unit: the id was changed, or the text is gone; export again",
	"unit-twice":      "the file has this unit more than once: leave one",
	"unit-broken":     "the unit has two sources or two targets: leave one",
	"language":        "the file is in another language than the one that is imported",
	"source-language": "the file was translated from another language than the course's source",
	"source-missing":  "the file does not say which text was translated: export again",
	"source-changed":  "the source text has changed since the file was made: export again and translate the new text",
	"source-altered":  "the source text was altered in the file: put it back, or export again",
	"target-empty":    "the course has a translation and the file has none: to take it out, edit the folder",
	"plural":          "a course has no plural entries",
	"inline":          "the text holds elements of XML: put back the text's own marks, such as ** and [ ]( )",
	"formula":         "the row holds a formula: write a text",
	"state-unknown":   "the state is none of missing, stale, machine-draft, language-reviewed, expert-reviewed",
	"too-long":        "the text is longer than a text may be",
	"second-person":   "whoever wrote or changed a text does not review it as expert: another person has to confirm it",
	"page-untitled":   "a page begins with its title: translate that too",
	"not-written":     "the text cannot be written so that it is read again as the same",
	"ambiguous":       "the memory has several translations of this text: choose one",

	"machine-broken": "the machine-translation service lost something that must stay, or answered with nothing",

	"broken-control":     "the text holds a control character: take it out",
	"broken-lines":       "the source is one line: write one line",
	"broken-block":       "the source is one paragraph or box: no empty line, and boxes and code closed as in the source",
	"broken-structure":   "headings, lists, tables and boxes must be as in the source; a line that begins with a number and a dot, #, - or > is taken for one",
	"broken-code":        "code stays as it is",
	"broken-html":        "HTML does not work here",
	"broken-link":        "each link must lead where the source's leads",
	"broken-picture":     "each picture must be the source's",
	"broken-alternative": "a picture needs words in its brackets",
	"broken-note":        "each [^note], [^fact:…] and [reference] must be kept as it is",
	"broken-placeholder": "each {{…}} must be kept as it is",
	"broken-diagram":     "the list of this diagram cannot be drawn: keep its items, and keep them short",

	"comment":      "a translator wrote beside it",
	"direction":    "the text holds characters that turn its direction around: look whether they belong there",
	"needs-work":   "the file says that it needs work; its text is as before and keeps its state",
	"nobody-named": "the file says that it is reviewed; name who stands for it with --by",
}
