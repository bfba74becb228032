package people

import "havn/internal/fault"

// Act is something that not everybody may do.
type Act string

// The acts. What is not listed (reading courses, checking a certificate) is
// open to all; one's own learning is open to each who has signed in.
const (
	Learn          Act = "learn"           // enrol, read, take quizzes, for oneself
	SeeCompletions Act = "see completions" // of all learners: enrolled, completed, date, certificate
	ManageAccounts Act = "manage accounts" // create accounts, give extra time
	Publish        Act = "publish"         // see a course's problems and publish a changed folder
)

var allowed = map[Act]Role{
	SeeCompletions: Administrator,
	ManageAccounts: Administrator,
	Publish:        Trainer,
}

// May answers nil if the account may do the act. Without an account the fault
// is "sign-in-needed", otherwise "forbidden".
func May(a *Account, act Act) error {
	if a == nil {
		return fault.New("sign-in-needed")
	}
	if role, ok := allowed[act]; ok && !a.Has(role) {
		return fault.New("forbidden")
	}
	return nil
}
