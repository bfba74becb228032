package report

import (
	"sync"
	"time"

	"havn/internal/fault"
)

// A reader may make MaxReports in PaceWindow. It is counted in memory, so that
// no document says who reported what; a restart forgets it.
const (
	MaxReports = 10
	PaceWindow = time.Hour
)

type pace struct {
	mu   sync.Mutex
	made map[string][]time.Time
}

// take counts a report, or refuses with the fault "too-many-reports".
func (p *pace) take(by string, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	recent := map[string][]time.Time{}
	for who, times := range p.made {
		for _, t := range times {
			if now.Sub(t) < PaceWindow {
				recent[who] = append(recent[who], t)
			}
		}
	}
	p.made = recent
	if mine := recent[by]; len(mine) >= MaxReports {
		f := fault.New("too-many-reports").With("max", MaxReports)
		f.RetryAfter = PaceWindow - now.Sub(mine[0])
		return f
	}
	recent[by] = append(recent[by], now)
	return nil
}
