package web

import "regexp"

// spoken is one line of a conversation: who speaks, and what.
type spoken struct{ Who, Said string }

// speaker is a short name before the first colon, as in "Mari (evening): …".
var speaker = regexp.MustCompile(`^([^:<>.?!]{1,40}):\s+(.+)$`)

// transcriptLine parts a line of a hotspot; Who is "" where nobody is named.
func transcriptLine(html string) spoken {
	if m := speaker.FindStringSubmatch(html); m != nil {
		return spoken{m[1], m[2]}
	}
	return spoken{Said: html}
}
