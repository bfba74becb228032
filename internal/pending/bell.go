package pending

// Bell tells a worker that there is something to do. Rung many times before the worker
// looks, it is heard once.
type Bell chan struct{}

// NewBell makes one.
func NewBell() Bell { return make(Bell, 1) }

// Ring never waits.
func (b Bell) Ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}
