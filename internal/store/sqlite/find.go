package sqlite

import (
	"context"
	"database/sql/driver"
	"strings"

	"havn/internal/store"
)

// Find reads the matches in order. A scan behind a cursor takes one or two
// statements, since a row without the sort field lies before all others.
func (db *DB) Find(ctx context.Context, s store.Schema, q store.Scan, each func(any, func(store.Document) error) error) error {
	n := 0
	err := db.readers.use(ctx, func(c *conn) error {
		for _, part := range parts(q) {
			if q.Limit > 0 && n >= q.Limit {
				return nil
			}
			sql, args := selection(s, q, part, q.Limit-n)
			err := c.query(ctx, sql, func(row []driver.Value) error {
				n++
				return each(row[1], func(into store.Document) error { return decode(row[0].(string), into) })
			}, args...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return translate(err)
}

// Count groups the matches in the database.
func (db *DB) Count(ctx context.Context, s store.Schema, where []store.Cond, by []string) ([]store.Tally, error) {
	columns := make([]string, len(by))
	for i, name := range by {
		columns[i] = column(name)
	}
	w := conditions(s, where)
	sql := "SELECT " + strings.Join(append(columns, "count(*)"), ", ") + " FROM " + table(s) + w.sql()
	if len(by) > 0 {
		sql += " GROUP BY " + strings.Join(columns[:len(by)], ", ")
	}
	var out []store.Tally
	err := db.readers.use(ctx, func(c *conn) error {
		return c.query(ctx, sql, func(row []driver.Value) error {
			out = append(out, store.Tally{Key: anys(row[:len(by)]), N: row[len(by)].(int64)})
			return nil
		}, w.args...)
	})
	return out, translate(err)
}

func selection(s store.Schema, q store.Scan, part part, limit int) (string, []any) {
	w := conditions(s, q.Where)
	w.add(part.clause)
	dir := ""
	if q.Desc {
		dir = " DESC"
	}
	key, order := column(q.Sort), "id"+dir
	if !q.ByID() && !part.missing {
		order = key + dir + ", " + order
	}
	sql := "SELECT doc, " + key + " FROM " + table(s) + w.sql() + " ORDER BY " + order
	if q.Limit > 0 {
		sql += " LIMIT ?"
		w.args = append(w.args, int64(limit))
	}
	return sql, w.args
}

// clause is a piece of SQL with its arguments.
type clause struct {
	terms []string
	args  []any
}

func (c *clause) add(d clause) {
	c.terms = append(c.terms, d.terms...)
	c.args = append(c.args, d.args...)
}

func (c *clause) sql() string {
	if len(c.terms) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.terms, " AND ")
}

// part is a run of rows behind a cursor.
type part struct {
	clause
	missing bool // all of them lack the sort field, so that the id orders them
}

// parts says which rows lie behind the cursor of q, in the order to read them.
func parts(q store.Scan) []part {
	if q.After == nil {
		return []part{{}}
	}
	key, id := column(q.Sort), q.After.ID
	beyond := map[bool]string{false: ">", true: "<"}[q.Desc]
	behindID := clause{[]string{"id " + beyond + " ?"}, []any{id}}
	missing := clause{terms: []string{key + " IS NULL"}}
	switch {
	case q.ByID():
		return []part{{clause: behindID}}
	case q.After.Key != nil:
		v := value(q.After.Key)
		behind := part{clause: clause{
			[]string{key + " " + beyond + "= ?", "(" + key + " " + beyond + " ? OR id " + beyond + " ?)"},
			[]any{v, v, id},
		}}
		if q.Desc {
			return []part{behind, {missing, true}}
		}
		return []part{behind}
	}
	missing.add(behindID)
	if q.Desc {
		return []part{{missing, true}}
	}
	return []part{{missing, true}, {clause: clause{terms: []string{key + " IS NOT NULL"}}}}
}

// conditions is the WHERE of a query.
func conditions(s store.Schema, where []store.Cond) clause {
	var c clause
	for _, cond := range where {
		if cond.Op == store.Outside {
			prefix, name := cond.Value.(string), column(cond.Field)
			c.add(clause{[]string{"(" + name + " < ? OR " + name + " >= ?)"}, []any{prefix, store.Behind(prefix)}})
			continue
		}
		c.add(clause{[]string{column(cond.Field) + " " + string(cond.Op) + " ?"}, []any{value(cond.Value)}})
		if cond.Op == store.Eq && cond.Value != "" && leadsUnique(s, cond.Field) {
			c.add(clause{[]string{filled(cond.Field)}, nil})
		}
	}
	return c
}

func leadsUnique(s store.Schema, field string) bool {
	for _, x := range s.Indexes {
		if x.Unique && x.Fields[0] == field {
			return true
		}
	}
	return false
}

// value is how SQLite's JSON functions show a value.
func value(v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case store.Time:
		return v.Format(store.TimeLayout)
	}
	return v
}

func anys(row []driver.Value) []any {
	out := make([]any, len(row))
	for i, v := range row {
		out[i] = v
	}
	return out
}
