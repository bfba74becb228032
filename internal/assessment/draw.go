package assessment

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"havn/internal/course"
)

// Asked is one thing that an attempt puts before the learner: a question, or a
// vignette, which is text only and stands right before its questions.
type Asked struct {
	ID       string `json:"id"`
	Vignette string `json:"vignette,omitempty"` // the vignette that the question belongs to
}

// Draw says what an attempt asks, in order: the quiz's own questions where they
// stand, and where it says draw: n, n of the questions that carry all the tags
// (all of them if there are fewer). It is the same for the same input.
//
// seen counts how often each id, vignettes too, was asked of this learner
// before: what was seen least is drawn first, and the seed decides between
// equals. A vignette brings its questions with it and counts as one. Nothing
// retired is asked, nothing that does not apply in the country that pub stands
// for, and nothing twice: what the quiz lists by name is not drawn,
// and a question whose vignette could be drawn as well comes only with that.
//
// Where the quiz shuffles questions the seed decides the order of all, but a
// vignette keeps its questions behind it.
func Draw(pub *course.Publication, quiz *course.Quiz, seed uint64, seen map[string]int) []Asked {
	d := drawing{pub: pub, used: map[string]bool{}}
	units := make([][][]Asked, len(quiz.Items))
	for i, item := range quiz.Items {
		if item.Question != "" {
			units[i] = d.take(item.Question)
		}
	}
	for i, item := range quiz.Items {
		if item.Question == "" {
			c := newChance(seed, quiz.ID+"/draw/"+strconv.Itoa(i))
			units[i] = d.draw(item, c, seen)
		}
	}
	sequence := slices.Concat(units...)
	if quiz.Shuffles("questions") {
		shuffle(newChance(seed, quiz.ID+"/questions"), sequence)
	}
	return slices.Concat(sequence...)
}

// drawing is an attempt in the making.
type drawing struct {
	pub  *course.Publication
	used map[string]bool
}

// free tells whether a question can still be asked; a vignette can if any of its
// questions can.
func (d drawing) free(id string) bool {
	q := d.pub.Questions[id]
	if q == nil || q.Retired || d.used[id] || !d.pub.Asks(q) {
		return false
	}
	return q.Type != course.Vignette || slices.ContainsFunc(q.Questions, d.single)
}

// single is free for a question that is no vignette: those do not nest.
func (d drawing) single(id string) bool {
	q := d.pub.Questions[id]
	return q != nil && q.Type != course.Vignette && d.free(id)
}

// take puts one item into the attempt: no unit if it cannot be asked, else one,
// which for a vignette holds its questions too.
func (d drawing) take(id string) [][]Asked {
	if !d.free(id) {
		return nil
	}
	d.used[id] = true
	unit := []Asked{{ID: id}}
	for _, child := range d.pub.Questions[id].Questions {
		if d.single(child) {
			d.used[child] = true
			unit = append(unit, Asked{ID: child, Vignette: id})
		}
	}
	return [][]Asked{unit}
}

func (d drawing) draw(item course.Item, c chance, seen map[string]int) [][]Asked {
	pool := d.pool(item.Tags)
	shuffle(c, pool)
	slices.SortStableFunc(pool, func(a, b string) int { return cmp.Compare(seen[a], seen[b]) })
	var units [][]Asked
	for _, id := range pool {
		if len(units) == item.Draw {
			break
		}
		units = append(units, d.take(id)...)
	}
	return units
}

// pool is what can be drawn by the tags, sorted by id.
func (d drawing) pool(tags []string) []string {
	var pool []string
	behind := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(d.pub.Questions)) {
		q := d.pub.Questions[id]
		if !d.free(id) || !carries(q, tags) {
			continue
		}
		pool = append(pool, id)
		if q.Type == course.Vignette {
			for _, child := range q.Questions {
				behind[child] = true
			}
		}
	}
	return slices.DeleteFunc(pool, func(id string) bool { return behind[id] })
}

func carries(q *course.Question, tags []string) bool {
	for _, tag := range tags {
		if !slices.Contains(q.Tags, tag) {
			return false
		}
	}
	return true
}

// Count is how many questions an attempt at the quiz asks, vignettes apart:
// for a learner who sees it for the first time, as draws may hit vignettes of
// different length later.
func Count(pub *course.Publication, quiz *course.Quiz) int {
	n := 0
	for _, a := range Draw(pub, quiz, 0, nil) {
		if pub.Questions[a.ID].Type != course.Vignette {
			n++
		}
	}
	return n
}
