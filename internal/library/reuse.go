package library

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"

	"havn/internal/course"
)

// TakeOver gives the folder of a course that belongs to an owner with what it
// reuses of others, as they are published now, and the problems of that.
func (l *Library) TakeOver(ctx context.Context, name, owner string, files course.Files) (course.Files, course.Problems, error) {
	var failed error
	out, problems := course.TakeOver(name, files, func(slug string) (course.Origin, course.Refusal) {
		p, ok := l.Current(slug)
		switch {
		case !ok:
			return course.Origin{}, course.NotPublished
		case l.Withdrawn(slug):
			return course.Origin{}, course.IsWithdrawn
		case !MayReuse(owner, l.Owner(slug)):
			return course.Origin{}, course.OfOthers
		}
		origin, err := l.Files(ctx, slug, p.Version)
		if err != nil {
			failed = err
			return course.Origin{}, course.NotPublished
		}
		return course.Origin{Version: p.Version, Files: origin}, 0
	})
	return out, problems, failed
}

// MayReuse tells whether a course of an owner may take of one of another. Keys
// come along, so whoever publishes the one must be allowed to publish the other: it
// belongs to the same organisation or one below, or to the site, whose courses are
// for all.
func MayReuse(owner, origin string) bool {
	return origin == "" || strings.HasPrefix(origin, owner)
}

// Outdated is a course of which something was reused that is published otherwise
// since, or cannot be had any more.
type Outdated struct {
	Course   string
	From, To int
	Gone     bool // withdrawn, or what was taken of it is not there any more
}

// Outdated lists what a course would take over anew if it were published now.
func (l *Library) Outdated(ctx context.Context, slug string) (list []Outdated, err error) {
	p, ok := l.Current(slug)
	if !ok || !slices.ContainsFunc(p.Taken, func(t course.Taken) bool {
		now, _ := l.Current(t.Course)
		return l.Withdrawn(t.Course) || now == nil || now.Version != t.Version
	}) {
		return nil, nil
	}
	was, err := l.Files(ctx, slug, p.Version)
	if err != nil {
		return nil, err
	}
	is, _, err := l.TakeOver(ctx, slug, l.Owner(slug), was)
	if err != nil {
		return nil, err
	}
	for _, t := range p.Taken {
		before, after := was.ReusedOf(t.Course), is.ReusedOf(t.Course)
		if maps.EqualFunc(before, after, bytes.Equal) {
			continue
		}
		o := Outdated{Course: t.Course, From: t.Version, To: t.Version, Gone: len(after) == 0}
		if now, ok := l.Current(t.Course); ok {
			o.To = now.Version
		}
		list = append(list, o)
	}
	return list, nil
}
