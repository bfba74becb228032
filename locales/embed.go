// Package locales embeds the messages of the interface, one file a language.
// README.md beside it is the translator's guide.
package locales

import "embed"

//go:embed *.yaml
var FS embed.FS
