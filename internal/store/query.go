package store

// Query selects documents by declared fields and by "_id". The zero Query is
// all of them, in the order of their ids. Text is ordered by its UTF-8 bytes.
type Query struct {
	Where []Cond
	// Sort is a declared field; "" sorts by id. Documents that lack the field
	// come before all others (after them with Desc). The id breaks ties, so that
	// the order is total and paging by key neither skips nor repeats a
	// document that stays in place while others come and go.
	Sort string
	Desc bool
	// After continues behind a cursor made by Page.Next; "" is the start.
	After string
	// Limit is the most documents to return; 0 is no limit.
	Limit int
}

// Op compares a field with a value.
type Op string

const (
	Eq  Op = "="
	Gt  Op = ">"
	Gte Op = ">="
	Lt  Op = "<"
	Lte Op = "<="
	// Outside selects texts that do not begin with Value, which is ASCII and not "".
	Outside Op = "outside"
)

// Cond is one condition; all conditions of a query must hold. Value is text, a
// bool, a whole number, a float or a Time, as the field is. A document that
// lacks the field does not match.
type Cond struct {
	Field string
	Op    Op
	Value any
}

// Is is the usual condition: field equals value.
func Is(field string, value any) Cond { return Cond{field, Eq, value} }

// Begins selects texts that begin with a prefix of ASCII, such as a path; "" is
// no condition.
func Begins(field, prefix string) []Cond {
	if prefix == "" {
		return nil
	}
	return []Cond{{field, Gte, prefix}, {field, Lt, Behind(prefix)}}
}

// Behind is the first text behind all those that begin with a prefix of ASCII.
func Behind(prefix string) string {
	end := []byte(prefix)
	end[len(end)-1]++
	return string(end)
}

// Group is one row of Count: the values of the fields grouped by, as text
// ("true" for a bool, "" where the field is missing), and how many there are.
type Group struct {
	Key []string
	N   int64
}

// Page is a part of a list, and the cursor that continues it ("" at the end).
type Page[T any] struct {
	Items []T
	Next  string
	// End continues behind the last item, also where there is nothing yet; "" where
	// there is no item.
	End string
}
