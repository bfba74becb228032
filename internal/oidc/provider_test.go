package oidc_test

import (
	"strings"
	"testing"

	"havn/internal/oidc"
)

func TestProvidersAreReadStrictly(t *testing.T) {
	t.Parallel()
	good := "- id: guard\n  name: Border Guard\n  issuer: https://login.guard.example\n  client_id: havn\n  client_secret: secret-word\n"
	list, err := oidc.Parse([]byte(good + "  organisation: abc\n  roles: {chiefs: administrator}\n"))
	if err != nil || len(list) != 1 || list[0].GroupsClaim != "groups" || list[0].Roles["chiefs"] != "administrator" {
		t.Fatalf("%+v %v", list, err)
	}
	list, err = oidc.Parse([]byte(`[{"id": "a", "name": "A", "issuer": "https://a.example", "client_id": "havn"}]`))
	if err != nil || len(list) != 1 || list[0].Issuer != "https://a.example" {
		t.Errorf("as JSON: %+v %v", list, err)
	}
	for change, want := range map[string]string{
		good + "---\n" + good: "nothing may follow",
		strings.Replace(good, "secret-word", "[secret-word]", 1):  "cannot be read",
		strings.Replace(good, "secret-word", `"secret-word`, 1):   "cannot be read",
		strings.Replace(good, "https://login", "http://127.1", 1): "https://",
		good + "  colour: red\n":                                  "colour",
		strings.Replace(good, "guard\n", "Guard!\n", 1):           "id must",
		strings.Replace(good, "https", "http", 1):                 "https://",
		good + good:                            "twice",
		good + "  roles: {x: chief}\n":         "must be one of",
		good + "  roles: {x: learner}\n":       "organisation",
		strings.Replace(good, "havn", "''", 1): "client_id",
		"a: b":                                 "cannot be read",
	} {
		_, err := oidc.Parse([]byte(change))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret-word") {
			t.Errorf("%q: %v", change, err)
		}
	}
}
