// Package machine asks a machine-translation service that the operator named by
// its URL. It speaks the protocol of LibreTranslate, which other services offer
// too: POST <url>/translate with
//
//	{"q": ["…", "…"], "source": "en", "target": "uk", "format": "text", "api_key": "…"}
//
// and for an answer
//
//	{"translatedText": ["…", "…"]}
//
// or, with a status other than 200, {"error": "…"}. The words leave for that
// service and nothing else does: links, placeholders, notes, code and the marks of
// lists, headings, tables and boxes are taken out before and put back behind. What
// comes back is a guess of a stranger: whoever asks checks it.
package machine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"havn/internal/outbound"
)

// Bounds of one request.
const (
	MaxTexts = 20        // units
	maxSent  = 100 << 10 // bytes of texts
	Patience = 30 * time.Second
)

// Errors of a service.
var (
	ErrUnavailable = errors.New("machine: the service does not answer as it should")
	ErrTooMuch     = errors.New("machine: too much at once")
)

// Service is one machine-translation service. It is safe for concurrent use.
type Service struct {
	url, key string
	client   *http.Client
}

// New is the service at a URL, such as https://translate.example.org; key is sent
// as api_key where it is not "". The operator named the host, so it may be inside
// the network. patience is how long a request may take in all, Patience where 0.
func New(address, key string, patience time.Duration) (*Service, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the URL of the translation service must be like https://translate.example.org")
	}
	if patience == 0 {
		patience = Patience
	}
	return &Service{strings.TrimSuffix(u.String(), "/") + "/translate", key, outbound.Client(outbound.Options{Private: true, Timeout: patience})}, nil
}

type request struct {
	Q      []string `json:"q"`
	Source string   `json:"source"`
	Target string   `json:"target"`
	Format string   `json:"format"`
	Key    string   `json:"api_key,omitempty"`
}

// Translate gives each text in the other language, in the same order; "" where
// what came back for it cannot be put together again. Languages are BCP 47 tags.
// Errors: ErrTooMuch, ErrUnavailable.
func (s *Service) Translate(ctx context.Context, texts []string, source, target string) ([]string, error) {
	if len(texts) > MaxTexts {
		return nil, ErrTooMuch
	}
	var split []masked
	ask := request{Q: []string{}, Source: code(source), Target: code(target), Format: "text", Key: s.key}
	size := 0
	for _, t := range texts {
		m := mask(t)
		split = append(split, m)
		ask.Q = append(ask.Q, m.words...)
		size += len(t)
	}
	if size > maxSent {
		return nil, ErrTooMuch
	}
	var said []string
	if len(ask.Q) > 0 {
		var err error
		if said, err = s.ask(ctx, ask); err != nil {
			return nil, err
		}
	}
	out := make([]string, len(texts))
	for i, m := range split {
		out[i], _ = m.unmask(said[:len(m.words)])
		said = said[len(m.words):]
	}
	return out, nil
}

func (s *Service) ask(ctx context.Context, ask request) ([]string, error) {
	body, err := json.Marshal(ask)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	res, err := s.client.Do(r)
	if err != nil {
		return nil, errors.Join(ErrUnavailable, err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, errors.Join(ErrUnavailable, err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, errors.Join(ErrUnavailable, fmt.Errorf("status %d", res.StatusCode))
	}
	var said struct {
		Texts []string `json:"translatedText"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return nil, errors.Join(ErrUnavailable, errors.New("the answer is not as the protocol says"))
	}
	if len(said.Texts) != len(ask.Q) {
		return nil, errors.Join(ErrUnavailable, fmt.Errorf("%d texts came back for %d", len(said.Texts), len(ask.Q)))
	}
	for _, t := range said.Texts {
		if !utf8.ValidString(t) {
			return nil, errors.Join(ErrUnavailable, errors.New("the answer is not UTF-8"))
		}
	}
	return said.Texts, nil
}

// code is how such services name languages: without a region.
func code(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	return base
}
