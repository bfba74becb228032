package exchange

import "havn/internal/course"

// reviews tells whether somebody may review a text as expert: two people stand for
// it then, so whoever wrote it, or writes it now, does not.
func (o Options) reviews(p course.Pair, writes bool) bool {
	switch {
	case writes:
		return false
	case o.Wrote != nil:
		return !o.Wrote(p.ID)
	}
	return o.By != p.By
}

// says is the state of a text that is new, as far as somebody stands for it.
func (in *importing) says(claim course.State) course.State {
	switch {
	case claim == course.Stale, in.o.By == "":
		return course.MachineDraft
	case in.o.State != "":
		return in.o.State
	case claim == "":
		return course.LanguageReviewed
	}
	return claim
}

// confirm takes what the file says of a text that stayed as it is.
func (in *importing) confirm(u Unit, p course.Pair) {
	finished := u.State == "" || reviewed(u.State)
	state := u.State
	switch {
	case p.State == course.Missing, u.State == p.State, u.State == "" && p.State != course.Stale, u.State == course.MachineDraft:
		in.unchanged(p)
		return
	case u.State == course.Stale:
		in.note(p.ID, "needs-work", "")
		in.unchanged(p)
		return
	case finished && p.State == course.Stale: // it says what the source says now
		state = in.says(u.State)
	case p.State == course.ExpertReviewed: // and was called less
		in.unchanged(p)
		return
	case in.o.By == "":
		in.note(p.ID, "nobody-named", "")
		in.unchanged(p)
		return
	}
	if state == course.ExpertReviewed && p.State == course.MachineDraft { // whoever reads it is the first
		state = course.LanguageReviewed
		in.note(p.ID, "second-person", "")
	}
	if state == course.ExpertReviewed && !in.o.reviews(p, false) {
		in.refuse(u, "second-person", "", in.o.By)
		return
	}
	in.edit(u, course.Edit{Text: p.Target, State: state, By: in.by()})
}
