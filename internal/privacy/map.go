package privacy

// Collection is what is held in one collection of the store. Purpose, Keep and
// the fields' Who are ids of sentences in the locale files ("privacy." and the
// id), so that the page "Who can see what about me" is made from this.
type Collection struct {
	Name    string  `json:"name"`
	Purpose string  `json:"purpose"`
	Keep    string  `json:"keep"`
	Fields  []Field `json:"fields,omitempty"` // the personal ones; none: nothing personal
	// Basis is why it may be held (GDPR art. 6(1)), for the record of
	// processing; the controller may have another.
	Basis string `json:"basis,omitempty"`
}

// Field is one thing about a person.
type Field struct {
	Name string `json:"name"` // as in the store
	Who  Who    `json:"who"`  // sees it, besides oneself
}

// Who sees something about a person.
type Who string

// Who there is.
const (
	Nobody   Who = "nobody"   // oneself only
	Machine  Who = "machine"  // the program, and who runs the machine
	Employer Who = "employer" // administrators of one's organisation and of those above
	Guides   Who = "guides"   // these, and the tutors of one's cohorts
	Tutors   Who = "tutors"   // of a cohort that says so, while it runs and 90 days after
	Security Who = "security" // administrators, in the security log
	Anybody  Who = "anybody"  // who has the certificate's code
	Trainers Who = "trainers" // of the course
	Counts   Who = "counts"   // administrators, as a number of at least five people
)

// Map is everything that the store holds. A test compares it with the store.
var Map = []Collection{
	{"accounts", "sign-in", "while-account", []Field{
		{"email", Employer}, {"name", Employer}, {"language", Nobody}, {"country", Nobody}, {"profession", Counts}, {"roles", Employer}, {"grants", Employer}, {"unit", Employer},
		{"password", Machine}, {"confirmed", Nobody}, {"come_back", Machine}, {"totp", Machine}, {"totp_next", Machine}, {"totp_step", Machine}, {"recovery", Machine},
		{"extra_time", Nobody}, {"created_at", Nobody}, {"seen_on", Machine}, {"warned_at", Nobody}, {"disabled", Employer}, {"merged_into", Machine}, {"quiet", Nobody}, {"calendar", Machine}, {"joined_at", Employer}, {"sessions_from", Machine},
	}, "contract"},
	{"sessions", "stay-in", "30-days", []Field{
		{"account", Nobody}, {"device", Nobody}, {"by", Nobody}, {"pending", Machine}, {"shared", Nobody}, {"used_on", Nobody}, {"created_at", Nobody}, {"expires_at", Nobody},
	}, "contract"},
	{"tokens", "programs", "one-year", []Field{
		{"account", Nobody}, {"name", Nobody}, {"scopes", Nobody}, {"read_only", Nobody}, {"created_at", Nobody}, {"expires_at", Nobody},
	}, "contract"},
	{"passkeys", "passkeys", "while-account", []Field{{"account", Nobody}, {"name", Nobody}, {"credential", Machine}, {"created_at", Nobody}, {"used_at", Nobody}}, "contract"},
	{"identities", "providers", "while-account", []Field{{"account", Nobody}, {"provider", Nobody}, {"created_at", Nobody}, {"used_at", Nobody}}, "contract"},
	{"challenges", "links", "three-days", []Field{
		{"kind", Machine}, {"account", Machine}, {"email", Machine}, {"browser", Machine}, {"data", Machine}, {"expires_at", Machine},
	}, "contract"},
	{"letters", "mail", "three-days", []Field{
		{"kind", Machine}, {"to", Machine}, {"language", Machine}, {"account", Machine}, {"path", Machine}, {"about", Machine}, {"put_at", Machine}, {"due_at", Machine}, {"tried", Machine},
	}, "contract"},
	{"guesses", "guessers", "15-minutes", nil, "legitimate-interest"},
	{"organisations", "who-works-where", "while-organisation", nil, ""},
	{"invitations", "who-may-come", "90-days", []Field{{"used_by", Employer}}, "contract"},
	{"enrolments", "your-standing", "while-account", []Field{
		{"account", Guides}, {"unit", Employer}, {"language", Employer}, {"country", Employer}, {"profession", Counts}, {"course", Guides}, {"version", Employer}, {"status", Guides}, {"pages", Nobody},
		{"quizzes", Nobody}, {"later", Nobody}, {"last_page", Nobody}, {"duties", Employer}, {"let_off", Employer}, {"due_on", Guides}, {"due_at", Guides},
		{"enrolled_at", Employer}, {"completed_at", Guides}, {"changed_at", Employer}, {"since_week", Employer}, {"done_week", Employer}, {"took", Counts}, {"gain", Counts}, {"rated", Counts}, {"certificate", Employer}, {"certificate_version", Employer},
		{"ends_at", Employer}, {"renewed_at", Nobody}, {"renews", Nobody}, {"renewal", Nobody}, {"elsewhere", Employer}, {"corrected", Machine},
	}, "public-task"},
	{"cohorts", "cohorts", "while-organisation", nil, ""},
	{"memberships", "your-cohorts", "while-cohort", []Field{{"account", Guides}, {"cohort", Guides}, {"as", Guides}, {"since", Employer}}, "public-task"},
	{"hooks", "hooks", "while-hook", []Field{{"account", Machine}}, "public-task"},
	{"standing_reports", "standing-reports", "while-account", []Field{{"account", Nobody}, {"unit", Nobody}, {"course", Nobody}, {"every", Nobody}, {"created_at", Nobody}, {"next_on", Nobody}, {"waiting", Machine}}, "contract"},
	{"imports", "imports", "always", nil, ""},
	{"records", "records", "while-account", []Field{
		{"account", Employer}, {"course", Employer}, {"on", Employer}, {"ends_on", Employer}, {"reference", Employer}, {"origin", Employer},
	}, "public-task"},
	{"assignments", "assignments", "while-account", []Field{{"to", Employer}}, "public-task"},
	{"reminders", "reminders", "reminders-90-days", []Field{
		{"account", Employer}, {"unit", Employer}, {"day", Employer}, {"outcome", Employer}, {"put_at", Employer}, {"sent_at", Employer}, {"items", Employer},
	}, "public-task"},
	{"reminder_rounds", "reminder-rounds", "reminders-90-days", nil, ""},
	{"attempts", "your-answers", "answers-year", []Field{
		{"account", Tutors}, {"course", Tutors}, {"version", Tutors}, {"quiz", Tutors}, {"country", Nobody}, {"number", Tutors}, {"state", Nobody}, {"renews", Nobody}, {"reason", Nobody}, {"seed", Machine}, {"asked", Tutors},
		{"answers", Tutors}, {"started_at", Tutors}, {"due_at", Nobody}, {"submitted_at", Tutors}, {"result", Tutors}, {"regraded", Machine},
	}, "public-task"},
	{"certificates", "your-proof", "certificate", []Field{
		{"account", Nobody}, {"holder", Anybody}, {"course", Anybody}, {"version", Anybody}, {"renews", Nobody}, {"language", Anybody}, {"shows", Nobody}, {"status_list", Anybody}, {"status_index", Anybody}, {"issued_at", Anybody}, {"expires_at", Anybody}, {"revoked_at", Anybody}, {"revoked_for", Machine},
	}, "public-task"},
	{"practice", "your-practice", "practice-year", []Field{
		{"account", Nobody}, {"course", Nobody}, {"question", Nobody}, {"box", Nobody}, {"back_at", Nobody}, {"last_at", Nobody},
	}, "public-task"},
	{"reports", "reports", "reports", []Field{
		{"account", Trainers}, {"named", Trainers}, {"course", Trainers}, {"version", Trainers}, {"owner", Trainers}, {"place", Trainers}, {"lang", Trainers}, {"kind", Trainers}, {"text", Trainers}, {"written_at", Trainers}, {"done", Trainers},
	}, "public-task"},
	{"keys", "keys", "always", nil, ""},
	{"seals", "seals", "always", nil, ""},
	{"audit", "security", "log", []Field{{"actor", Security}, {"subject", Security}, {"at", Security}, {"act", Security}, {"detail", Security}, {"from", Security}}, "legitimate-interest"},
	{"publications", "courses", "always", nil, ""},
	{"regrades", "corrections", "always", nil, ""},
	{"withdrawals", "courses", "always", nil, ""},
	{"live_rooms", "live", "half-day", []Field{{"leader", Nobody}, {"course", Nobody}, {"version", Nobody}, {"country", Nobody}, {"questions", Nobody}, {"at", Nobody}, {"shown", Nobody}, {"begun_at", Nobody}, {"over_at", Nobody}}, "public-task"},
	{"live_answers", "live-answers", "half-day", nil, ""},
	{"drafts", "drafts", "while-draft", nil, ""},
	{"draft_files", "drafts", "while-draft", nil, ""},
	{"draft_comments", "drafts", "while-draft", nil, ""},
	{"tombstones", "forgotten", "always", nil, "legal-obligation"},
}
