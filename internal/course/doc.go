// Package course is a course as a folder of files: read strictly, checked so
// that every fault names its file and line and how to mend it, and compiled
// into an immutable Publication with one Edition for each language.
//
// The room is pure: no database, no HTTP, no clock. The format is described for
// authors in courses/README.md.
package course
