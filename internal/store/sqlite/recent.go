package sqlite

import "sync"

// recent keeps the texts of documents that were just written, because what was
// changed once is likely to be changed again soon: each answer of an attempt
// changes the same document. This process is the only one that writes the
// file, and an update still compares the revision, so that a text from here is
// never trusted for more than a first try.
//
// There are two generations: when the young one is full, it becomes the old one
// and the old one goes.
type recent struct {
	mu         sync.Mutex
	young, old map[string]string
}

const (
	generation = 2048     // documents
	maxRecent  = 16 << 10 // bytes of one document
)

func (r *recent) get(key string) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text, ok := r.young[key]
	if !ok {
		text, ok = r.old[key]
	}
	return text, ok
}

func (r *recent) put(key, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.old, key)
	if len(text) > maxRecent {
		delete(r.young, key)
		return
	}
	if r.young == nil || len(r.young) >= generation {
		r.young, r.old = make(map[string]string, generation), r.young
	}
	r.young[key] = text
}

func (r *recent) drop(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.young, key)
	delete(r.old, key)
}
