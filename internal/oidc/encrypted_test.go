package oidc

import "testing"

func TestAProviderWithHTTPSNamesNothingWithout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		issuer, address string
		want            bool
	}{
		{"https://login.example", "https://login.example/token", true}, {"https://login.example", "http://login.example/token", false},
		{"https://login.example", "", false}, {"http://127.0.0.1:1", "http://127.0.0.1:1/token", true},
	} {
		if got := encrypted(c.issuer, "https://login.example/keys", c.address); got != c.want {
			t.Errorf("%s naming %s: %v", c.issuer, c.address, got)
		}
	}
}
