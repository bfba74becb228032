package bank

import (
	"bytes"
	"strings"

	"golang.org/x/text/encoding/unicode"
)

// lines gives the lines of a text file in UTF-8 or, with its mark, UTF-16. What
// is not UTF-8 stays as it is, so that only its questions are refused.
func lines(data []byte) ([]string, error) {
	data, err := unmark(data)
	if err != nil {
		return nil, err
	}
	if at := bytes.IndexByte(data, 0); at >= 0 {
		return nil, &Unreadable{1 + bytes.Count(data[:at], []byte("\n")), "this is no text file"}
	}
	s := strings.ReplaceAll(string(data), "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(s, "\r", "\n"), "\n"), nil
}

// unmark takes the byte-order mark off, and UTF-16 into UTF-8.
func unmark(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte{0xFF, 0xFE}) && !bytes.HasPrefix(data, []byte{0xFE, 0xFF}) {
		return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
	}
	out, err := unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
	if err != nil {
		return nil, &Unreadable{1, "the file is broken UTF-16"}
	}
	return out, nil
}
