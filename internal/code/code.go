// Package code makes codes that people read from paper and type: on a
// certificate, for an invitation. They are in Crockford's base 32, which has no
// letter that looks like a digit, in groups of five.
package code

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// New is a code of so many groups, each of five letters or digits and 25 bits.
func New(groups int) string {
	b := make([]byte, groups*25/8+1)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return Normal(base32.NewEncoding(alphabet).WithPadding(base32.NoPadding).EncodeToString(b)[:groups*5])
}

// Normal brings a typed code into the form in which New gave it: capitals,
// letters that are mistaken for digits as digits, groups of five.
func Normal(typed string) string {
	s := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(typed))
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return b.String()
}
