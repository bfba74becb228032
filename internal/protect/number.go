package protect

// number is how many people there are, and how many of them nobody sees by name.
type number struct{ all, unnamed int }

func (n number) plus(m number) number { return number{n.all + m.all, n.unnamed + m.unnamed} }

// fine tells whether a number may be known.
func (n number) fine() bool {
	return (n.all == 0 || n.all >= Least) && (n.unnamed == 0 || n.unnamed >= Least)
}

// counts are people by state.
type counts [states]number

func (c *counts) add(d counts) {
	for s := range c {
		c[s] = c[s].plus(d[s])
	}
}

func (c counts) less(d counts) counts {
	for s := range c {
		c[s] = c[s].plus(number{-d[s].all, -d[s].unnamed})
	}
	return c
}

func (c counts) sum() number { return c[Open].plus(c[Done]).plus(c[Late]) }

func (c counts) fine() bool { return c[Open].fine() && c[Done].fine() && c[Late].fine() }

// size is how many people there are.
func (c counts) size() int { return c.sum().all }

func (c Cell) number() number {
	if c.Unnamed {
		return number{c.N, c.N}
	}
	return number{all: c.N}
}
