package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

func op(id, method, path, summary string, status int, errors ...int) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, DefaultStatus: status, Errors: errors}
}

// routes is every operation of the API, in the order in which a learner meets them.
func (a *API) routes(h huma.API) {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete

	route(h, a, everybody, op("sign-up", post, "/accounts", "Make an account", 201, 403, 409), a.signUp)
	route(h, a, manager, op("add-account", post, "/accounts/invited", "Make an account for somebody, with roles", 201, 403, 409), a.addAccount)
	route(h, a, manager, op("set-extra-time", put, "/accounts/{account}/extra-time", "Lengthen a person's time limits", 204, 403, 404), a.setExtraTime)
	route(h, a, site, op("set-editor", put, "/accounts/{account}/countries", "Make a person the editor of what differs in countries", 200, 403, 404), a.setEditor)
	route(h, a, manager, op("set-access", put, "/accounts/{account}/access", "Shut a person out, or let them in again", 204, 403, 404), a.setAccess)
	route(h, a, everybody, op("sign-in", post, "/sessions", "Sign in", 201, 401, 429), a.signIn)
	route(h, a, learner, op("sign-out", del, "/sessions/current", "Sign out", 204), a.signOut)
	route(h, a, learner, op("me", get, "/me", "Who am I", 200), a.me)
	route(h, a, learner, op("change-me", patch, "/me", "Change one's language, profession, and the country that one works in", 200), a.changeMe)
	route(h, a, oneself, op("change-password", put, "/me/password", "Change one's password; every session ends and a new one opens", 200, 429), a.changePassword)
	route(h, a, oneself, op("list-sessions", get, "/me/sessions", "Where one is signed in", 200), a.listSessions)
	route(h, a, oneself, op("end-other-sessions", del, "/me/sessions", "Sign out everywhere else", 204), a.endOtherSessions)
	route(h, a, oneself, op("end-session", del, "/me/sessions/{session}", "Sign out there", 204, 404), a.endSession)

	route(h, a, everybody, op("sign-up-pseudonymous", post, "/accounts/pseudonymous", "Make an account without an address; the code to come back with is told once", 201, 403), a.signUpPseudonymous)
	route(h, a, everybody, op("come-back", post, "/sessions/code", "Sign in by the code of a pseudonymous account", 201), a.comeBack)
	route(h, a, everybody, op("send-link", post, "/sign-in-links", "Mail a link to sign in with", 202, 429), a.sendLink)
	route(h, a, everybody, op("open-link", post, "/sessions/link", "Sign in by the link of a mail, once", 201, 409), a.openLink)
	route(h, a, everybody, op("confirm-address", post, "/confirmed-addresses", "Confirm an address by the link of a mail", 204), a.confirmAddress)
	route(h, a, everybody, op("pass-second-factor", put, "/sessions/current/second-factor", "Complete a sign-in by a code of the app or a recovery code", 200, 401, 429), a.passSecondFactor)
	route(h, a, oneself, op("propose-second-factor", post, "/me/second-factor", "Make a secret for an authenticator app", 200, 409, 429), a.proposeSecondFactor)
	route(h, a, oneself, op("confirm-second-factor", put, "/me/second-factor", "Turn the second factor on by a code of the app", 200, 429), a.confirmSecondFactor)
	route(h, a, oneself, op("drop-second-factor", post, "/me/second-factor/end", "Turn the second factor off by a code", 200, 429), a.dropSecondFactor)
	route(h, a, everybody, op("ask-for-passkey", post, "/sessions/passkey/options", "What to ask the browser for a sign-in by passkey", 200), a.askForPasskey)
	route(h, a, everybody, op("sign-in-by-passkey", post, "/sessions/passkey", "Sign in by the browser's answer", 201), a.signInByPasskey)
	route(h, a, oneself, op("list-passkeys", get, "/me/passkeys", "One's passkeys", 200), a.listPasskeys)
	route(h, a, oneself, op("propose-passkey", post, "/me/passkeys/options", "What to ask the browser to make a passkey", 200, 409, 429), a.proposePasskey)
	route(h, a, oneself, op("add-passkey", post, "/me/passkeys", "Keep what the browser made", 204, 409), a.addPasskey)
	route(h, a, oneself, op("remove-passkey", del, "/me/passkeys/{passkey}", "Remove a passkey", 204, 404), a.removePasskey)
	route(h, a, oneself, op("list-tokens", get, "/me/tokens", "One's personal tokens", 200), a.listTokens)
	route(h, a, oneself, op("make-token", post, "/me/tokens", "Make a personal token; its secret is told once", 201, 409), a.makeToken)
	route(h, a, oneself, op("end-token", del, "/me/tokens/{token}", "End a personal token", 204, 404), a.endToken)

	route(h, a, oneself, exportOp(h), a.exportMe)
	route(h, a, oneself, op("erase-me", post, "/me/erasure", "Erase one's account and what was learned; it cannot be undone", 204, 409, 422, 429), a.eraseMe)
	route(h, a, everybody, op("data-map", get, "/data-map", "What is held about people, why, for how long and who sees it", 200), a.dataMap)

	route(h, a, learner, op("hand-in-sealed", post, "/me/sealed-answers", "Hand in a file of answers that a device could not send; a repeat is harmless", 200, 413), a.handInSealed)
	route(h, a, everybody, op("list-courses", get, "/courses", "Courses, in the reader's language", 200), a.listCourses)
	route(h, a, everybody, op("get-course", get, "/courses/{course}", "A course with its modules", 200, 404), a.getCourse)
	route(h, a, everybody, answers[Page](h, op("get-page", get, "/courses/{course}/pages/{page}", "A lesson page as HTML", 200, 304, 404), "The page"), a.getPage)

	route(h, a, learner, op("enrol", put, "/enrolments/{course}", "Enrol; a repeat is harmless", 201, 404), a.enrol)
	route(h, a, learner, op("list-enrolments", get, "/enrolments", "One's enrolments", 200), a.listEnrolments)
	route(h, a, learner, op("get-enrolment", get, "/enrolments/{course}", "One's standing in a course", 200, 404, 409), a.getEnrolment)
	route(h, a, learner, op("get-renewal", get, "/enrolments/{course}/renewal", "What changed since one was certified, and what renews the certificate", 200, 404, 409), a.getRenewal)
	route(h, a, learner, op("read-page", put, "/enrolments/{course}/pages/{page}", "Note that a page was read", 204, 404, 409), a.readPage)
	route(h, a, learner, op("leave-page", put, "/enrolments/{course}/later/{page}", "Skip a hard page for now; it does not count as read", 204, 404, 409), a.leavePage)

	route(h, a, learner, op("start-attempt", put, "/attempts/{attempt}", "Start an attempt under an id that the client made", 201, 404, 409, 429), a.startAttempt)
	route(h, a, learner, op("get-attempt", get, "/attempts/{attempt}", "An attempt with what is saved", 200, 404), a.getAttempt)
	route(h, a, learner, op("save-answer", put, "/attempts/{attempt}/answers/{question}", "Save an answer; durable when answered", 200, 404, 409), a.saveAnswer)
	route(h, a, learner, op("submit-attempt", put, "/attempts/{attempt}/submission", "Submit; a repeat gives the same", 200, 404), a.submitAttempt)

	route(h, a, learner, op("list-topics", get, "/topics", "One's own results by topic", 200), a.listTopics)
	route(h, a, learner, op("list-practice", get, "/practice", "Questions to go over, now or later", 200), a.listPractice)
	route(h, a, learner, op("get-exercise", get, "/practice/{course}/{question}", "A question to go over, without its key", 200, 404), a.getExercise)
	route(h, a, learner, op("practise", put, "/practice/{course}/{question}", "Answer it and be told at once; counts for nothing, and moves on at most once a day", 200, 404), a.practise)

	route(h, a, learner, op("list-certificates", get, "/certificates", "One's certificates", 200), a.listCertificates)
	route(h, a, everybody, op("get-issuer", get, "/issuer", "The keys that sign certificates, and when each ended", 200), a.getIssuer)
	route(h, a, everybody, op("list-revocations", get, "/certificates/revocations", "Certificates that were withdrawn, signed, for who checks without this server", 200), a.listRevocations)
	route(h, a, everybody, statusOp(), a.getStatusList)
	route(h, a, everybody, credentialOp(), a.getCredential)
	route(h, a, learner, op("choose-for-certificate", patch, "/certificates/{code}", "What strangers see of oneself, and its language", 200, 404), a.chooseForCertificate)
	route(h, a, manager, op("revoke-certificate", put, "/certificates/{code}/revocation", "Withdraw a certificate for good; a repeat is harmless", 204, 403, 404), a.revokeCertificate)
	route(h, a, everybody, op("check-certificate", get, "/certificates/{code}", "Check a certificate by its code", 200, 404), a.checkCertificate)

	route(h, a, admin, completionsOp(h), a.listCompletions)
	route(h, a, counter, reportOp(), a.reportCompletion)

	route(h, a, auditor, auditOp(h), a.listAudit)

	route(h, a, site, op("list-dormant", get, "/dormant-accounts", "Accounts that retention will erase, and when; changes nothing", 200, 403), a.listDormant)

	route(h, a, organiser, op("list-organisations", get, "/organisations", "Organisations that one administers, each tree from the top down", 200, 403), a.listOrganisations)
	route(h, a, organiser, op("add-organisation", post, "/organisations", "Make an organisation, below another or at the top", 201, 403, 404), a.addOrganisation)
	route(h, a, organiser, op("get-organisation", get, "/organisations/{organisation}", "An organisation", 200, 403, 404), a.getOrganisation)
	route(h, a, organiser, op("change-organisation", put, "/organisations/{organisation}", "Rename an organisation or change its country", 200, 403, 404), a.changeOrganisation)
	route(h, a, organiser, op("set-settings", put, "/organisations/{organisation}/settings", "Change an organisation's own rules", 200, 403, 404), a.setSettings)
	route(h, a, manager, op("list-members", get, "/organisations/{organisation}/members", "Who works there and below", 200, 403, 404), a.listMembers)
	route(h, a, manager, op("set-member", put, "/organisations/{organisation}/members/{account}", "Move a person there, with roles", 200, 403, 404), a.setMember)
	route(h, a, manager, op("import-members", post, "/organisations/{organisation}/members/list", "Bring people in by a CSV or XLSX list; at first only tells what would happen", 200, 403, 404, 413), a.importMembers)
	route(h, a, manager, op("remove-member", del, "/organisations/{organisation}/members/{account}", "Take a person out; what they learned stays theirs", 204, 403, 404), a.removeMember)
	route(h, a, inviter, op("invite", post, "/organisations/{organisation}/invitations", "Make an invitation for a person or a class", 201, 403, 404), a.invite)
	route(h, a, manager, op("list-invitations", get, "/organisations/{organisation}/invitations", "Invitations, without their codes", 200, 403, 404), a.listInvitations)
	route(h, a, manager, op("withdraw-invitation", del, "/organisations/{organisation}/invitations/{invitation}", "End an invitation", 204, 403, 404), a.withdrawInvitation)
	route(h, a, learner, op("list-open-organisations", get, "/open-organisations", "Organisations that whoever has an account may join", 200), a.listOpenOrganisations)
	route(h, a, learner, op("join-organisation", put, "/open-organisations/{organisation}/membership", "Join an open organisation", 204, 404), a.joinOrganisation)
	route(h, a, everybody, op("read-invitation", get, "/invitations/{code}", "What a code invites to", 200, 422), a.readInvitation)
	route(h, a, oneself, op("accept-invitation", put, "/invitations/{code}/acceptance", "Join by a code; a repeat is harmless", 200, 422), a.acceptInvitation)

	route(h, a, organises, op("list-cohorts", get, "/organisations/{organisation}/cohorts", "Cohorts of an organisation and of those below", 200, 403, 404), a.listCohorts)
	route(h, a, organises, op("set-cohort", put, "/organisations/{organisation}/cohorts/{cohort}", "Make a cohort under an id that the client made, or change it; or only tell whom its rule reaches", 200, 403, 404, 409), a.setCohort)
	route(h, a, guide, op("list-tutored-cohorts", get, "/cohorts", "Cohorts that one goes along with as a tutor", 200, 403), a.listTutored)
	route(h, a, guide, op("get-cohort", get, "/cohorts/{cohort}", "A cohort", 200, 403, 404), a.getCohort)
	route(h, a, organises, op("remove-cohort", del, "/cohorts/{cohort}", "Take a cohort apart; what its people learned stays theirs", 204, 403, 404), a.removeCohort)
	route(h, a, guide, op("list-cohort-members", get, "/cohorts/{cohort}/members", "Who is in a cohort, and where they stand in its courses", 200, 403, 404), a.listCohortMembers)
	route(h, a, organises, op("import-cohort-members", post, "/cohorts/{cohort}/members/list", "Bring people into a cohort by a CSV or XLSX list; at first only tells what would happen", 200, 403, 404, 409, 413), a.importCohortMembers)
	route(h, a, organises, op("add-cohort-member", put, "/cohorts/{cohort}/members/{account}", "Put a person into a cohort by hand; a repeat is harmless", 204, 403, 404, 409), a.addCohortMember)
	route(h, a, organises, op("remove-cohort-member", del, "/cohorts/{cohort}/members/{account}", "Take a person out of a cohort by hand", 204, 403, 404, 409), a.removeCohortMember)
	route(h, a, organises, op("set-tutor", put, "/cohorts/{cohort}/tutors/{account}", "Make a person a tutor of a cohort; a repeat is harmless", 204, 403, 404), a.setTutor)
	route(h, a, organises, op("end-tutor", del, "/cohorts/{cohort}/tutors/{account}", "End that", 204, 403, 404), a.endTutor)
	route(h, a, tutor, op("list-member-attempts", get, "/cohorts/{cohort}/members/{account}/attempts", "What a member handed in while the cohort ran, without answers", 200, 403, 404), a.listMemberAttempts)
	route(h, a, tutor, op("read-member-answers", get, "/cohorts/{cohort}/members/{account}/attempts/{attempt}", "What a member answered; each look is logged, and the member sees it", 200, 403, 404), a.readMemberAnswers)
	route(h, a, learner, op("list-own-cohorts", get, "/me/cohorts", "Cohorts that one belongs to, their tutors, and what these see", 200), a.listOwnCohorts)
	route(h, a, learner, op("list-looks", get, "/me/looks", "Who looked at one's answers, the newest first", 200), a.listLooks)

	route(h, a, organises, op("list-assignments", get, "/organisations/{organisation}/assignments", "What an organisation and those below assign, the newest first", 200, 403, 404), a.listAssignments)
	route(h, a, organises, op("set-assignment", put, "/organisations/{organisation}/assignments/{assignment}", "Assign a course under an id that the client made, or change when it is due; a repeat is harmless", 200, 403, 404, 409), a.setAssignment)
	route(h, a, organises, op("withdraw-assignment", del, "/organisations/{organisation}/assignments/{assignment}", "End an assignment", 204, 403, 404), a.withdrawAssignment)
	route(h, a, organises, op("list-assigned", get, "/organisations/{organisation}/assignments/{assignment}/people", "Who has an assignment, and where they stand", 200, 403, 404), a.listAssigned)
	route(h, a, organises, op("exempt", put, "/organisations/{organisation}/assignments/{assignment}/exemptions/{account}", "Let a person off, for a reason", 204, 403, 404), a.exempt)
	route(h, a, organises, op("end-exemption", del, "/organisations/{organisation}/assignments/{assignment}/exemptions/{account}", "End that", 204, 403, 404), a.endExemption)

	route(h, a, learner, op("write-report", put, "/reports/{report}", "Say what is wrong with a text; a repeat is harmless", 204, 404, 429), a.writeReport)
	route(h, a, trainer, op("list-reports", get, "/reports", "What readers have reported of one's courses, the oldest first", 200), a.listReports)
	route(h, a, trainer, op("set-report", put, "/reports/{report}/state", "Take a report off the queue, or put it back", 204, 404), a.setReport)
	route(h, a, editor, op("publish-place", post, "/courses/{course}/places/{country}/publications", "Publish what a course of the site says of a country; an empty zip takes it away", 201, 403, 404, 409, 413), a.publishPlace)
	route(h, a, trainer, op("publish-course", post, "/courses/{course}/publications", "Publish a course folder", 201, 403, 409, 413), a.publishCourse)
	route(h, a, trainer, op("begin-draft", put, "/courses/{course}/draft", "Begin to work on a course, or on a new one; a repeat gives the draft that is there", 200, 403, 404), a.beginDraft)
	route(h, a, trainer, op("get-draft", get, "/courses/{course}/draft", "A draft: its files, what is wrong with it, what it would change", 200, 403, 404), a.getDraft)
	route(h, a, trainer, op("drop-draft", del, "/courses/{course}/draft", "Throw a draft away; what is published stays", 204, 403, 404), a.dropDraft)
	route(h, a, trainer, op("get-draft-file", get, "/courses/{course}/draft/file", "A file of a draft, and as it was before", 200, 403, 404), a.getDraftFile)
	route(h, a, trainer, op("save-draft-file", put, "/courses/{course}/draft/file", "Save a file of a draft that nobody else has saved since", 200, 403, 404, 409, 413), a.saveDraftFile)
	route(h, a, trainer, op("remove-draft-file", del, "/courses/{course}/draft/file", "Take a file out of a draft", 204, 403, 404, 409), a.removeDraftFile)
	route(h, a, trainer, archiveOp(h), a.pullDraft)
	route(h, a, trainer, op("push-draft", put, "/courses/{course}/draft/archive", "Make a draft the same as a zipped course folder that was made from it", 200, 403, 404, 409, 413), a.pushDraft)
	route(h, a, trainer, op("review-draft", put, "/courses/{course}/draft/review", "Give a draft to review, approve what others wrote, or take it back", 200, 403, 404, 409), a.reviewDraft)
	route(h, a, trainer, op("comment-draft", put, "/courses/{course}/draft/comments/{comment}", "Say something at a place of a draft; a repeat is harmless", 204, 403, 404), a.commentDraft)
	route(h, a, trainer, op("settle-comment", put, "/courses/{course}/draft/comments/{comment}/state", "Mark a comment as done, or open it again", 204, 403, 404), a.settleComment)
	route(h, a, trainer, op("schedule-draft", put, "/courses/{course}/draft/schedule", "Say when an approved draft is published by itself", 200, 403, 404, 409), a.scheduleDraft)
	route(h, a, trainer, op("publish-draft", post, "/courses/{course}/draft/publication", "Publish an approved draft", 201, 403, 404, 409), a.publishDraft)
	route(h, a, trainer, op("withdraw-course", put, "/courses/{course}/withdrawal", "Take a course back, or put it back; what was done in it stays", 204, 403, 404), a.withdrawCourse)
	route(h, a, trainer, op("list-publications", get, "/courses/{course}/publications", "The versions of a course, the newest first, with what changed", 200, 403, 404), a.listPublications)
	route(h, a, trainer, op("list-differences", get, "/courses/{course}/publications/{version}/differences/{other}", "What differs between two versions, as a reader sees it", 200, 403, 404), a.listDifferences)
}
