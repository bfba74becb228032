// Package qr makes QR codes (ISO/IEC 18004).
package qr

import (
	"fmt"

	"github.com/boombuler/barcode/qr"
)

// QuietZone is how many modules must stay empty around a code.
const QuietZone = 4

// long is from how many bytes on a text gets the lowest error correction, so
// that its modules stay large enough on paper; a text of this length here is
// signed and tells damage by itself.
const long = 200

// Encode gives the dark modules of a text, row by row from the top. The error
// is that of a text of over about 2,900 bytes.
func Encode(text string) ([][]bool, error) {
	level := qr.M
	if len(text) > long {
		level = qr.L
	}
	code, err := qr.Encode(text, level, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("qr: %w", err)
	}
	n := code.Bounds().Dx()
	modules := make([][]bool, n)
	for y := range modules {
		modules[y] = make([]bool, n)
		for x := range n {
			red, _, _, _ := code.At(x, y).RGBA()
			modules[y][x] = red == 0
		}
	}
	return modules, nil
}
