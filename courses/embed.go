// Package courses embeds the courses of this repository, so that the program
// runs from any folder. README.md beside it is the author's guide.
package courses

import "embed"

//go:embed *
var FS embed.FS
