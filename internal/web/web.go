// Package web is the face of Havn for browsers: pages made on the server, that
// work without JavaScript, with small scripts on top that save earlier and spare
// a page load. It calls the same domain rooms as the API and asks the same gate.
//
// All routes stand in the flat list of Mount. Each page has a template of its
// own in templates/ and a handler named after it.
package web

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/etag"

	"havn/internal/api"
	"havn/internal/authoring"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/library"
	"havn/internal/live"
	"havn/internal/locale"
	"havn/internal/people"
	"havn/internal/tracking"
)

// Web is what the pages need.
type Web struct {
	People   *people.People
	Learning *learning.Learning
	Library  *library.Library
	Tracking *tracking.Tracking
	Desk     *authoring.Desk
	Drafts   *authoring.Drafts
	Live     *live.Rooms
	Locale   *locale.Catalog
	Gate     *gate.Gate
	API      *api.API
	SignUp   bool
	// PublicFigures tells that everybody may see how many are certified.
	PublicFigures bool
	BaseURL       *url.URL
	ExitURL       string // where "Leave quickly" leads
	Now           func() time.Time

	*files
}

// New reads the templates, so that a broken one stops the start and not a page.
func New(w Web) (*Web, error) {
	var err error
	w.files, err = readFiles()
	return &w, err
}

// Mount puts every page on the app. A page that has not changed since the
// browser's last look is answered by its tag alone.
func (w *Web) Mount(app *fiber.App) {
	app.Get("/static/:file", w.asset)
	app.Use(etag.New(etag.Config{Weak: true}))

	app.Get("/", w.start)
	app.Get("/sw.js", w.worker)
	app.Get("/manifest.webmanifest", w.manifest)
	app.Get("/offline", w.offline)
	app.Get("/help", w.help)
	app.Get("/country", w.countryForm)
	app.Post("/country", w.setCountry)
	app.Get("/courses/:course", w.course)
	app.Get("/translations/:course", w.translations)
	app.Post("/courses/:course/enrolment", w.enrol)
	app.Get("/courses/:course/media/:file", w.media)
	app.Get("/courses/:course/:page", w.lesson)
	app.Post("/courses/:course/:page/read", w.read)
	app.Post("/courses/:course/:page/later", w.later)
	app.Get("/courses/:course/quiz/:quiz", w.quiz)
	app.Post("/courses/:course/quiz/:quiz/attempts", w.begin)

	app.Get("/attempts/:attempt", w.question)
	app.Post("/attempts/:attempt/answers/:question", w.answer)
	app.Get("/attempts/:attempt/check", w.check)
	app.Post("/attempts/:attempt/submission", w.submit)
	app.Get("/attempts/:attempt/result", w.result)

	app.Get("/live", w.liveForm)
	app.Post("/live", w.enterRoom)
	app.Get("/live/:code", w.room)
	app.Post("/live/:code", w.answerInRoom)
	app.Get("/live/:code/now", w.roomNow)
	app.Get("/live/:code/board", w.board)
	app.Post("/live/:code/board", w.stepInRoom)
	app.Get("/trainer/:course/live", w.chooseForRoom)
	app.Post("/trainer/:course/live", w.beginRoom)
	app.Get("/trainer/:course/slides", w.slides)

	app.Get("/answers/file", w.sealedForm)
	app.Post("/answers/file", w.handIn)
	app.Get("/learning", w.learning)
	app.Get("/learning/:course", w.renewal)
	app.Post("/learning/:course/:quiz", w.beginRenewal)
	app.Get("/practice", w.practice)
	app.Get("/practice/:course/:question", w.exercise)
	app.Post("/practice/:course/:question", w.practise)
	app.Post("/reading", w.reading)
	app.Get("/break", w.pause)
	app.Get("/leave", w.leave)

	app.Get("/verify", w.verifyForm)
	app.Post("/verify", w.verify)
	app.Get("/certificates", w.certificateForm)
	app.Get("/certificates/:code.pdf", w.certificatePDF)
	app.Get("/certificates/:code", w.certificate)
	app.Post("/certificates/:code", w.chooseForCertificate)

	app.Get("/sign-in", w.signInForm)
	app.Post("/sign-in", w.signIn)
	app.Post("/sign-in/link", w.sendLink)
	app.Get("/provider/answer", w.providerAnswer)
	app.Get("/provider/link", w.providerLinkForm)
	app.Post("/provider/link", w.linkProvider)
	app.Post("/provider/:provider", w.visitProvider)
	app.Post("/sign-in/passkey", w.passkey)
	app.Get("/sign-in/second", w.secondForm)
	app.Post("/sign-in/second", w.second)
	app.Get("/sign-in/code", w.codeForm)
	app.Post("/sign-in/code", w.comeBack)
	app.Get("/link/:secret", w.linkForm)
	app.Post("/link/:secret", w.openLink)
	app.Get("/confirm/:secret", w.confirmForm)
	app.Post("/confirm/:secret", w.confirm)
	app.Post("/sign-up/pseudonym", w.pseudonym)
	app.Get("/sign-up", w.signUpForm)
	app.Post("/sign-up", w.signUp)
	app.Post("/sign-out", w.signOut)
	app.Get("/set-up/:token", w.setUpForm)
	app.Post("/set-up/:token", w.setUp)
	app.Get("/account", w.account)
	app.Post("/account/profession", w.setProfession)
	app.Post("/account/reminders", w.setQuiet)
	app.Post("/account/calendar", w.makeCalendar)
	app.Post("/account/calendar/end", w.endCalendar)
	app.Post("/account/password", w.changePassword)
	app.Post("/account/sessions/end", w.endSessions)
	app.Get("/account/security", w.security)
	app.Post("/account/second-factor", w.proposeFactor)
	app.Post("/account/second-factor/confirmation", w.confirmFactor)
	app.Post("/account/second-factor/end", w.dropFactor)
	app.Post("/account/passkeys/end", w.removePasskey)
	app.Post("/account/tokens", w.makeToken)
	app.Post("/account/tokens/end", w.endToken)
	app.Get("/account/export", w.export)
	app.Get("/account/merge", w.mergeForm)
	app.Post("/account/merge", w.askToMerge)
	app.Post("/account/merge/other", w.otherAccount)
	app.Get("/merge/:secret", w.otherAccount)
	app.Post("/account/merge/confirmation", w.merge)
	app.Post("/account/erasure", w.erase)
	app.Get("/privacy", w.privacy)
	app.Get("/privacy/record", w.record)

	app.Get("/join", w.joinForm)
	app.Post("/join", w.join)

	app.Get("/organisations", w.organisations)
	app.Post("/organisations", w.addOrganisation)
	app.Get("/organisations/:organisation", w.organisation)
	app.Post("/organisations/:organisation", w.changeOrganisation)
	app.Post("/organisations/:organisation/members/:account", w.setMember)
	app.Post("/organisations/:organisation/invitations", w.invite)
	app.Post("/organisations/:organisation/invitations/end", w.withdrawInvitation)

	app.Post("/organisations/:organisation/settings", w.setSettings)
	app.Post("/organisations/:organisation/membership", w.joinOpen)
	app.Get("/organisations/:organisation/list", w.roster)
	app.Post("/organisations/:organisation/list", w.importRoster)
	app.Get("/organisations/:organisation/history", w.history)
	app.Post("/organisations/:organisation/history", w.importHistory)
	app.Post("/organisations/:organisation/history/end", w.undoImport)
	app.Get("/organisations/:organisation/hooks", w.hooks)
	app.Post("/organisations/:organisation/hooks", w.setHook)
	app.Post("/organisations/:organisation/hooks/secret", w.rotateHook)
	app.Post("/organisations/:organisation/hooks/end", w.endHook)
	app.Get("/history.xlsx", w.historyTemplate)
	app.Get("/roster.xlsx", w.rosterTemplate)

	app.Get("/organisations/:organisation/cohorts", w.cohorts)
	app.Post("/organisations/:organisation/cohorts", w.setCohort)
	app.Get("/organisations/:organisation/cohorts/:cohort", w.cohort)
	app.Post("/organisations/:organisation/cohorts/:cohort/end", w.removeCohort)
	app.Post("/organisations/:organisation/cohorts/:cohort/members", w.setCohortMember)
	app.Post("/organisations/:organisation/cohorts/:cohort/tutors", w.setTutor)
	app.Get("/organisations/:organisation/cohorts/:cohort/list", w.cohortList)
	app.Post("/organisations/:organisation/cohorts/:cohort/list", w.importCohort)
	app.Post("/organisations/:organisation/assignments", w.assign)
	app.Get("/organisations/:organisation/assignments/:assignment", w.assignment)
	app.Post("/organisations/:organisation/assignments/:assignment/end", w.withdrawAssignment)
	app.Post("/organisations/:organisation/assignments/:assignment/exemptions", w.letOff)
	app.Get("/organisations/:organisation/reminders", w.reminders)
	app.Get("/cohorts", w.tutored)
	app.Get("/cohorts/:cohort", w.tutoredCohort)
	app.Get("/cohorts/:cohort/members/:account", w.memberAttempts)
	app.Get("/cohorts/:cohort/members/:account/attempts/:attempt", w.memberAnswers)

	app.Get("/admin/audit", w.audit)
	app.Get("/admin/retention", w.retention)
	app.Get("/admin/completions", w.completions)
	app.Get("/admin/figures", w.figures)
	app.Get("/admin/figures.pdf", w.figuresPDF)
	app.Post("/admin/figures/letters", w.askStanding)
	app.Post("/admin/figures/letters/end", w.stopStanding)
	app.Get("/figures", w.publicFigures)
	app.Get("/report", w.reportForm)
	app.Post("/report", w.report)
	app.Get("/trainer/reports", w.reports)
	app.Post("/trainer/reports/:report/done", w.reportDone)
	app.Get("/trainer", w.trainer)
	app.Get("/trainer/:course/versions", w.versions)
	app.Post("/trainer/drafts", w.beginDraft)
	app.Get("/trainer/:course/draft", w.onDraft(w.draft))
	app.Post("/trainer/:course/draft", w.onDraft(w.draftState))
	app.Get("/trainer/:course/draft/edit", w.onDraft(w.editDraft))
	app.Post("/trainer/:course/draft/edit", w.onDraft(w.saveDraft))
	app.Post("/trainer/:course/draft/comments", w.onDraft(w.commentDraft))
	app.Get("/trainer/:course/draft/preview", w.onDraft(w.previewDraft))
	app.Get("/trainer/:course/draft/translate", w.onDraft(w.chooseTranslation))
	app.Get("/trainer/:course/draft/translate/:lang", w.onDraft(w.translate))
	app.Post("/trainer/:course/draft/translate/:lang", w.onDraft(w.saveUnit))
	app.Post("/trainer/:course/draft/translate/:lang/machine", w.onDraft(w.draftMissing))
	app.Get("/trainer/:course/draft/translate/:lang/file", w.onDraft(w.exportTranslation))
	app.Post("/trainer/:course/draft/translate/:lang/file", w.onDraft(w.importTranslation))
	app.Post("/trainer/:course/draft/parts", w.onDraft(w.addPart))
	app.Get("/trainer/:course/draft/about", w.onDraft(w.draftAbout))
	app.Post("/trainer/:course/draft/about", w.onDraft(w.saveAbout))
	app.Get("/trainer/:course/draft/module", w.onDraft(w.draftModule))
	app.Post("/trainer/:course/draft/module", w.onDraft(w.saveModule))
	app.Get("/trainer/:course/draft/question", w.onDraft(w.draftQuestion))
	app.Post("/trainer/:course/draft/question", w.onDraft(w.saveQuestion))
	app.Get("/trainer/:course/draft/facts", w.onDraft(w.draftFacts))
	app.Get("/trainer/:course/draft/fact", w.onDraft(w.draftFact))
	app.Post("/trainer/:course/draft/fact", w.onDraft(w.saveFact))
	app.Get("/trainer/:course/draft/place", w.onDraft(w.draftPlace))
	app.Post("/trainer/:course/draft/place", w.onDraft(w.savePlace))
	app.Get("/trainer/:course/draft/reuse", w.onDraft(w.draftReuse))
	app.Post("/trainer/:course/draft/reuse", w.onDraft(w.saveReuse))
	app.Get("/trainer/:course/draft/media", w.onDraft(w.draftMedia))
	app.Post("/trainer/:course/draft/media", w.onDraft(w.addMedia))
	app.Get("/trainer/:course/draft/media/:file", w.onDraft(w.draftPicture))
	app.Post("/trainer/:course/draft/bank", w.onDraft(w.importBank))
	app.Get("/trainer/:course/quality", w.quality)
	app.Post("/trainer/:course/regrades", w.regrade)
	app.Post("/trainer/:course/regrades/:regrade/end", w.undoRegrade)
	app.Post("/trainer/:course/publications", w.publish)
	app.Post("/trainer/:course/withdrawal", w.withdraw)
	app.Post("/trainer/:course/enrolment-rule", w.setEnrolmentRule)
}

func (w *Web) asset(c *fiber.Ctx) error {
	a, ok := w.static[c.Params("file")]
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, a.kind)
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	return c.Send(a.body)
}
