package credential

import (
	"strconv"
	"time"
)

// Achievement is what is stated of somebody.
type Achievement struct {
	ID          string // address of the certificate's check page
	Course      string // address of the course
	Title       string
	Description string
	Criteria    string // what had to be done
	Language    string // of the words, BCP 47
	Version     int    // of the course
	Holder      string // a name or initials; "" leaves the subject without a name
	Issuer      string // name of the issuer
	Home        string // address of the issuer
	IssuedAt    time.Time
	ExpiresAt   time.Time // zero: does not expire
	StatusList  string    // address of the list that says whether it was withdrawn; "" none
	StatusIndex int       // its place there
}

// Contexts of every credential, in their order.
var contexts = []any{"https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"}

// object is a JSON object that this package writes.
type object = map[string]any

// badge is the credential without a proof (Open Badges 3.0 §B.1, VC Data Model 2.0).
func (k *Key) badge(a Achievement) object {
	subject := object{
		"type": []any{"AchievementSubject"},
		"achievement": object{
			"id": a.Course, "type": []any{"Achievement"}, "name": a.Title, "description": a.Description, "inLanguage": a.Language,
			"criteria": object{"narrative": a.Criteria},
		},
	}
	if a.Holder != "" {
		subject["identifier"] = []any{object{"type": "IdentityObject", "identityType": "name", "identityHash": a.Holder, "hashed": false}}
	}
	b := object{
		"@context": contexts, "id": a.ID, "type": []any{"VerifiableCredential", "OpenBadgeCredential"}, "name": a.Title,
		"issuer":            object{"id": k.DID(), "type": []any{"Profile"}, "name": a.Issuer, "url": a.Home},
		"validFrom":         stamp(a.IssuedAt),
		"credentialSubject": subject,
	}
	if !a.ExpiresAt.IsZero() {
		b["validUntil"] = stamp(a.ExpiresAt)
	}
	if a.StatusList != "" {
		index := strconv.Itoa(a.StatusIndex)
		b["credentialStatus"] = object{
			"id": a.StatusList + "#" + index, "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
			"statusListIndex": index, "statusListCredential": a.StatusList,
		}
	}
	return b
}

func stamp(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }
