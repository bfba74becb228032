package web

import (
	"fmt"
	"strings"

	"havn/internal/qr"
)

// qrSVG draws a text as a QR code, its dark modules as one path.
func qrSVG(text string) (string, error) {
	modules, err := qr.Encode(text)
	if err != nil {
		return "", err
	}
	var path strings.Builder
	for y, row := range modules {
		for x, dark := range row {
			if dark {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+qr.QuietZone, y+qr.QuietZone)
			}
		}
	}
	side := len(modules) + 2*qr.QuietZone
	return fmt.Sprintf(`<svg class="qr" viewBox="0 0 %d %d" role="img" aria-label="QR"><rect width="100%%" height="100%%" fill="#fff"/><path d="%s" fill="#000"/></svg>`, side, side, path.String()), nil
}
