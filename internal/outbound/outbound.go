// Package outbound makes the requests that the server sends to hosts that
// somebody named: an identity provider today, others later. Whatever such a
// name leads to, it never leads inwards, never takes long and never brings much.
package outbound

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// MaxBody is how much of an answer is read, in bytes.
const MaxBody = 1 << 20

// Options are what an operator may loosen.
type Options struct {
	// Private lets requests reach loopback and private addresses: for a host
	// inside the authority's own network that the operator named.
	Private bool
	Timeout time.Duration // of a request in all; five seconds where 0
}

// Errors of a request that was not let out or an answer that was not let in.
var (
	ErrInside   = errors.New("outbound: the address is inside the network")
	ErrTooLarge = errors.New("outbound: the answer is too large")
	ErrRedirect = errors.New("outbound: the answer leads to another host")
)

// Client is an HTTP client within these bounds. The address is looked at when it
// is dialled, after the name was resolved, so that a name that changes its mind
// does not help. No proxy of the environment is used.
func Client(o Options) *http.Client {
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	dialer := &net.Dialer{Timeout: o.Timeout}
	if !o.Private {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil || !Public(at.Addr()) {
				return ErrInside
			}
			return nil
		}
	}
	return &http.Client{
		Timeout: o.Timeout,
		Transport: bounded{&http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: o.Timeout, ResponseHeaderTimeout: o.Timeout,
			MaxIdleConns: 10, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
		}},
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			if next.URL.Host != before[0].URL.Host || next.URL.Scheme != before[0].URL.Scheme || len(before) > 3 {
				return ErrRedirect
			}
			return nil
		},
	}
}

// inside are ranges that net/netip does not name: shared address space (RFC
// 6598), benchmarking (RFC 2544), protocol assignments (RFC 6890), documentation
// (RFC 5737, 3849), reserved (RFC 1112), "this network", and the prefixes of
// IPv6 that hold an IPv4 address (RFC 6052, 2765, 3056, 4380) or are for one place.
var inside = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "2001:db8::/32", "fec0::/10", "100::/64", "::/96", "::ffff:0:0:0/96")

func prefixes(list ...string) (out []netip.Prefix) {
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// Public tells whether an address is one of the open internet. A zone ("%eth0")
// changes nothing: no netip.Prefix contains an address that has one.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range inside {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// bounded cuts off answers that do not end.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = &body{res.Body, MaxBody}
	}
	return res, err
}

type body struct {
	io.ReadCloser
	left int
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)]) // one more shows that there is more
	if n > b.left {
		n, err = b.left, ErrTooLarge
	}
	b.left -= n
	return n, err
}
