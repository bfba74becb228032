package authoring

import (
	"context"
	"errors"
	"slices"

	"havn/internal/course"
	"havn/internal/exchange"
	"havn/internal/fault"
	"havn/internal/language"
)

const (
	lockFile = "translations.lock"

	// Who is recorded in translations.lock, which is published: a role and no name.
	byTrainer, byMachine = "trainer", "machine"
)

// Translation is a draft as the translator into a language sees it, which need not
// be among the languages of its course yet. Faults: "not-found" (no language that
// it can be translated into), "translation-errors" (the draft has errors).
func (d *Drafts) Translation(ctx context.Context, x *Draft, lang string) (*course.Translation, error) {
	files, err := d.settled(ctx, x)
	if err != nil {
		return nil, err
	}
	return translationOf(x, files, lang)
}

func translationOf(x *Draft, files map[string]*DraftFile, lang string) (*course.Translation, error) {
	if !language.Valid(lang) {
		return nil, fault.New("not-found")
	}
	t, problems := course.ReadTranslation(x.ID, folderOf(files), lang)
	if t != nil {
		return t, nil
	}
	if slices.ContainsFunc(problems, func(p course.Problem) bool { return p.Code == "translation-language" }) {
		return nil, fault.New("not-found")
	}
	return nil, fault.New("translation-errors").With("n", problems.Errors())
}

// UnitEdit is what somebody makes of one unit that they saw.
type UnitEdit struct {
	Unit string
	Hash string // of the source text that they saw
	Seen string // hash of the translation that they saw
	Text string
}

// SaveUnit keeps the translation of one unit, which its writer stands for: of a
// text that is there already, that it is right. The report tells what of it was
// refused and why; then nothing is saved. Faults: "not-found", "unit-changed"
// (somebody else has saved another text since), "unit-source-changed" (the source
// is another since), those of Translation.
func (d *Drafts) SaveUnit(ctx context.Context, x *Draft, lang string, e UnitEdit, by string) (exchange.Report, error) {
	text := course.Tidy(e.Text)
	return d.take(ctx, x, lang, by, exchange.PO, exchange.Options{By: byTrainer}, func(t *course.Translation) (exchange.Document, error) {
		p, err := e.seen(t, text)
		if err != nil {
			return exchange.Document{}, err
		}
		return one(p, e.Hash, text, course.LanguageReviewed), nil
	})
}

// ReviewUnit says that a translation is right, by somebody who did not write it in
// this draft. Faults: those of SaveUnit, "unit-not-translated" (nobody stands for
// the text yet), "unit-own" (they wrote it).
func (d *Drafts) ReviewUnit(ctx context.Context, x *Draft, lang string, e UnitEdit, by string) (exchange.Report, error) {
	report, err := d.take(ctx, x, lang, by, exchange.PO, exchange.Options{By: byTrainer}, func(t *course.Translation) (exchange.Document, error) {
		p, err := e.seen(t, "")
		if err != nil {
			return exchange.Document{}, err
		}
		if p.State != course.LanguageReviewed && p.State != course.ExpertReviewed {
			return exchange.Document{}, fault.At("unit-not-translated", "unit")
		}
		return one(p, e.Hash, p.Target, course.ExpertReviewed), nil
	})
	if err == nil && slices.ContainsFunc(report.Refused, func(r exchange.Refused) bool { return r.Reason == "second-person" }) {
		return report, fault.At("unit-own", "unit")
	}
	return report, err
}

// seen finds the unit, which must still be what somebody saw; its translation may
// also be what they make of it.
func (e UnitEdit) seen(t *course.Translation, text string) (course.Pair, error) {
	i := slices.IndexFunc(t.Pairs, func(p course.Pair) bool { return p.ID == e.Unit })
	if i < 0 {
		return course.Pair{}, fault.At("not-found", "unit")
	}
	p := t.Pairs[i]
	if course.UnitHash(p.Source) != e.Hash {
		return p, fault.At("unit-source-changed", "text")
	}
	if course.UnitHash(p.Target) != e.Seen && (text == "" || !course.SameText(p.Target, text)) {
		return p, fault.At("unit-changed", "text")
	}
	return p, nil
}

func one(p course.Pair, hash, text string, state course.State) exchange.Document {
	return exchange.Document{Units: []exchange.Unit{{ID: p.ID, Source: p.Source, Hash: hash, Target: text, State: state}}}
}

// TakeFile takes over what comes back from translators' tools, unit by unit.
// Where nobody stands for it, what is new is a machine draft. Faults:
// "exchange-unreadable" with the reason, those of Translation.
func (d *Drafts) TakeFile(ctx context.Context, x *Draft, lang, format string, data []byte, stands bool, by string) (exchange.Report, error) {
	doc, err := exchange.Read(format, data)
	if err != nil {
		return exchange.Report{}, &fault.Error{Code: "exchange-unreadable", Field: "file", Params: map[string]any{"reason": err.Error()}}
	}
	o := exchange.Options{}
	if stands {
		o.By = byTrainer
	}
	return d.take(ctx, x, lang, by, format, o, func(*course.Translation) (exchange.Document, error) { return doc, nil })
}

// Export is a translation as a file for translators' tools.
func (d *Drafts) Export(ctx context.Context, x *Draft, lang, format string) ([]byte, error) {
	t, err := d.Translation(ctx, x, lang)
	if err != nil {
		return nil, err
	}
	earlier, err := d.earlier(ctx, x, t)
	if err != nil {
		return nil, err
	}
	b, err := exchange.Write(format, exchange.Export(t, earlier, d.now()))
	if err != nil {
		return nil, &fault.Error{Code: "exchange-unwritable", Field: "format", Params: map[string]any{"reason": err.Error()}}
	}
	return b, nil
}

// take brings a document into the files of a draft.
func (d *Drafts) take(ctx context.Context, x *Draft, lang, by, format string, o exchange.Options, document func(*course.Translation) (exchange.Document, error)) (exchange.Report, error) {
	release, err := d.hold(ctx, x)
	if err != nil {
		return exchange.Report{}, err
	}
	defer release()
	files, err := d.Files(ctx, x)
	if err != nil {
		return exchange.Report{}, err
	}
	t, err := translationOf(x, files, lang)
	if err != nil {
		return exchange.Report{}, err
	}
	doc, err := document(t)
	if err != nil {
		return exchange.Report{}, err
	}
	own := ownUnits(t, files, by)
	o.On, o.Wrote = d.now(), func(unit string) bool { return own[unit] }
	changed, report, err := exchange.Import(t, format, doc, o)
	if err != nil {
		return report, &fault.Error{Code: "translation-breaks", Err: err}
	}
	var writers []Writer
	for _, u := range report.Taken {
		if o.By == byTrainer && u.Now != course.ExpertReviewed {
			writers = append(writers, Writer{lang, u.Unit, by})
		}
	}
	return report, d.write(ctx, x, files, changed, writers, by)
}

// write saves the files of a translation, the lock that counts their blocks last.
// Where somebody saved one as a file meanwhile, those before it are put back.
func (d *Drafts) write(ctx context.Context, x *Draft, files map[string]*DraftFile, changed course.Files, writers []Writer, by string) error {
	lock, has := changed[lockFile]
	if before := files[lockFile]; !has && before != nil {
		lock = before.Body
	}
	var saved []*DraftFile
	put := func(name string, body []byte, credit func(*DraftFile) bool) error {
		rev := int64(0)
		if f := files[name]; f != nil {
			rev = f.Rev
		}
		f, err := d.save(ctx, x, name, rev, body, by, credit)
		if err == nil {
			saved = append(saved, f)
		}
		return err
	}
	var err error
	for name, body := range changed {
		if name != lockFile && err == nil {
			err = put(name, body, func(*DraftFile) bool { return false })
		}
	}
	if err == nil && (has || len(writers) > 0) {
		err = put(lockFile, lock, func(f *DraftFile) bool { return f.credit(writers) })
	}
	if err == nil {
		return nil
	}
	for _, f := range saved {
		var undo error
		if before := files[f.Path]; before == nil {
			undo = d.Remove(ctx, x, f.Path, f.Rev, by)
		} else {
			_, undo = d.save(ctx, x, f.Path, f.Rev, before.Body, by, func(*DraftFile) bool { return false })
		}
		err = errors.Join(err, undo)
	}
	return err
}

func (f *DraftFile) credit(writers []Writer) (fresh bool) {
	for _, w := range writers {
		if !slices.Contains(f.Units, w) {
			f.Units, fresh = append(f.Units, w), true
		}
	}
	return fresh
}

// ownUnits are those whose translation somebody wrote in this draft, or may have.
func ownUnits(t *course.Translation, files map[string]*DraftFile, by string) map[string]bool {
	own := map[string]bool{}
	if lock := files[lockFile]; lock != nil {
		for _, w := range lock.Units {
			own[w.Unit] = own[w.Unit] || w.Lang == t.Lang && w.By == by
		}
	}
	for _, p := range t.Pairs {
		if f := files[p.Into]; f != nil && slices.Contains(f.Whole, by) {
			own[p.ID] = true
		}
	}
	return own
}
