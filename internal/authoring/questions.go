package authoring

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/fault"
)

// AddQuestion writes a question that somebody made by hand behind those of a draft,
// and lets a quiz ask it, "" none. Faults: "question-incomplete", whose parameter
// "reason" says what to mend, "draft-quiz" (the quiz is not there, or course.yaml
// has its items in a form that only a hand can add to: the question is kept), and
// those of Save.
func (d *Drafts) AddQuestion(ctx context.Context, x *Draft, form bank.Form, quiz, by string) (id string, err error) {
	files, err := d.Files(ctx, x)
	if err != nil {
		return "", err
	}
	known, _ := course.ReadBank(x.ID, folderOf(files))
	taken, err := form.Make(bank.Into{Lang: known.Source, IDs: known.IDs})
	if err != nil {
		return "", &fault.Error{Code: "question-incomplete", Field: "answers", Params: map[string]any{"reason": err.Error()}}
	}
	if err := d.append(ctx, x, files, []bank.Taken{taken}, by); err != nil || quiz == "" {
		return taken.ID, err
	}
	return taken.ID, d.rewrite(ctx, x, by, func(folder course.Files) (course.Files, error) {
		asked, err := letAsk(x.ID, folder, quiz, taken.ID)
		return course.Files{"course.yaml": asked}, err
	})
}

// Import takes the questions of a bank over into a draft and tells of each what
// became of it. The fault "bank-unreadable" has the line and the reason.
func (d *Drafts) Import(ctx context.Context, x *Draft, format string, data []byte, tags []string, by string) (bank.Report, error) {
	files, err := d.Files(ctx, x)
	if err != nil {
		return bank.Report{}, err
	}
	known, _ := course.ReadBank(x.ID, folderOf(files))
	report, err := bank.Read(format, data, bank.Into{Lang: known.Source, IDs: known.IDs, Tags: tags})
	var broken *bank.Unreadable
	if errors.As(err, &broken) {
		return report, &fault.Error{Code: "bank-unreadable", Field: "file", Params: map[string]any{"line": broken.Line, "reason": broken.Reason}}
	}
	if err != nil || len(report.Taken) == 0 {
		return report, err
	}
	return report, d.append(ctx, x, files, report.Taken, by)
}

// append writes questions behind those of a draft.
func (d *Drafts) append(ctx context.Context, x *Draft, files map[string]*DraftFile, taken []bank.Taken, by string) error {
	written, err := bank.Append(x.ID, folderOf(files), taken)
	if err != nil {
		return &fault.Error{Code: "question-incomplete", Field: "answers", Params: map[string]any{"reason": err.Error()}}
	}
	for name, body := range written {
		rev := int64(0)
		if f := files[name]; f != nil {
			rev = f.Rev
		}
		if _, err := d.Save(ctx, x, name, rev, body, by); err != nil {
			return err
		}
	}
	return nil
}

var item = regexp.MustCompile(`^( *)- +(question|draw):`)

// letAsk is course.yaml with a question behind those of a quiz: in a line of its own
// where the quiz has a line for each, otherwise with its module written anew. The
// fault "draft-quiz" says that the quiz is not there or only a hand can change it.
func letAsk(name string, folder course.Files, quiz, question string) ([]byte, error) {
	if asked, ok := asking(folder["course.yaml"], quiz, question); ok {
		return asked, nil
	}
	b, _ := course.ReadBank(name, folder)
	for _, m := range b.Course.Modules {
		if m.Quiz == nil || m.Quiz.ID != quiz {
			continue
		}
		q := *m.Quiz
		q.Items = append(slices.Clone(q.Items), course.Item{Question: question})
		m.Quiz = &q
		if asked, err := course.PutItem(folder["course.yaml"], "modules", m.ID, moduleEntry(m)); err == nil {
			return asked, nil
		}
	}
	return nil, fault.At("draft-quiz", "quiz")
}

// asking puts a question behind the items of a quiz in course.yaml, in a line of
// its own, and leaves every other byte as it is. It does so only where the result
// says exactly that.
func asking(src []byte, quiz, question string) ([]byte, bool) {
	lines := strings.SplitAfter(string(src), "\n")
	at := slices.IndexFunc(lines, func(l string) bool {
		return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l), "- ")) == "id: "+quiz
	})
	if at < 0 {
		return nil, false
	}
	last, indent := -1, ""
	for n := at + 1; n < len(lines); n++ {
		m := item.FindStringSubmatch(lines[n])
		switch {
		case m != nil && (last < 0 || m[1] == indent):
			last, indent = n, m[1]
		case last < 0 && strings.Contains(lines[n], "quiz:"):
			return nil, false // the next one's
		case last >= 0 && strings.HasPrefix(lines[n], indent+"  ") && strings.TrimSpace(lines[n]) != "":
			last = n // a draw's tags
		case last >= 0:
			return added(lines, last, indent, question), true
		}
	}
	if last < 0 {
		return nil, false
	}
	return added(lines, last, indent, question), true
}

func added(lines []string, last int, indent, question string) []byte {
	if !strings.HasSuffix(lines[last], "\n") {
		lines[last] += "\n"
	}
	return []byte(strings.Join(slices.Insert(slices.Clone(lines), last+1, indent+"- question: "+question+"\n"), ""))
}
