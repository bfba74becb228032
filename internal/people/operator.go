package people

import "crypto/subtle"

// operator is who administers the machine itself: the account behind the key
// that a running server leaves in its data folder. It can publish, nothing else.
var operator = &Account{Name: "operator", Roles: []Role{Trainer}}

// AdmitOperator lets whoever has the key act as the machine's operator, until
// the server stops.
func (p *People) AdmitOperator(key string) {
	p.operatorKey.Store(&key)
}

func (p *People) isOperator(token string) bool {
	key := p.operatorKey.Load()
	return key != nil && subtle.ConstantTimeCompare([]byte(*key), []byte(token)) == 1
}
