package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

const separators = ",;\t"

// readText gives each line of a CSV file (RFC 4180) to take.
func readText(data []byte, known map[string]string, take func(line int, cells []string, formulas []int) error) error {
	text, err := decode(data)
	if err != nil {
		return err
	}
	for _, s := range separators {
		if line := tooWide(text, s); line > 0 {
			return unreadable(errors.New("too many columns")).With("line", line)
		}
	}
	r := table(text, separator(text, known))
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return nil
		}
		var p *csv.ParseError
		if errors.As(err, &p) {
			return unreadable(err).With("line", p.StartLine)
		} else if err != nil {
			return unreadable(err)
		}
		line, _ := r.FieldPos(0)
		if err := take(line, cells, nil); err != nil {
			return err
		}
	}
}

func table(text string, separator rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = separator, -1, true
	return r
}

// separator is the one by which the most columns of the header are known, and
// of those the one that makes the most of them.
func separator(text string, words map[string]string) rune {
	best, known, cells := ',', -1, -1
	for _, s := range separators {
		header, err := table(text, s).Read()
		if err != nil {
			continue
		}
		n := 0
		for _, c := range header {
			if len(c) <= MaxCell && words[fold(c)] != "" {
				n++
			}
		}
		if n > known || n == known && len(header) > cells {
			best, known, cells = s, n, len(header)
		}
	}
	return best
}

// tooWide is the first line of over 1,000 columns, 0 if there is none: they are
// counted before csv.Reader makes 60 bytes of each.
func tooWide(text string, separator rune) int {
	line, columns, quoted := 1, 1, false
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\n':
			line++
			if !quoted {
				columns = 1
			}
		case c == byte(separator) && !quoted:
			if columns++; columns > 1_000 {
				return line
			}
		}
	}
	return 0
}

// decode brings a file into UTF-8. UTF-16 needs its byte order mark, which
// Excel writes. What is not UTF-8 is taken as Windows-1252, Excel's "CSV" in
// Western Europe, unless it has characters of UTF-8 too: then it is UTF-8 that
// was cut or mixed, and names would be read as something else.
func decode(data []byte) (string, error) {
	bom := func(s string) bool { return bytes.HasPrefix(data, []byte(s)) }
	var text []byte
	var err error
	switch {
	case bom("\xD0\xCF\x11\xE0"): // MS-CFB: an encrypted workbook, or one of before 2007
		return "", unreadable(errors.New("a compound file"))
	case bom("\xFF\xFE"), bom("\xFE\xFF"):
		text, err = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
		if bytes.ContainsRune(text, utf8.RuneError) {
			err = errors.New("broken UTF-16")
		}
	case utf8.Valid(data):
		text = bytes.TrimPrefix(data, []byte("\uFEFF"))
	case hasUTF8(data):
		err = errors.New("broken UTF-8")
	default:
		text, err = charmap.Windows1252.NewDecoder().Bytes(data)
		if bytes.ContainsFunc(text, func(r rune) bool { return r == utf8.RuneError || r < ' ' && r != '\t' && r != '\r' && r != '\n' }) {
			err = errors.New("not text")
		}
	}
	if err == nil && bytes.IndexByte(text, 0) >= 0 {
		err = errors.New("not text")
	}
	if err != nil {
		return "", unreadable(err)
	}
	return string(text), nil
}

// hasUTF8 tells whether there is a character of several bytes in the data.
func hasUTF8(data []byte) bool {
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if n > 1 && r != utf8.RuneError {
			return true
		}
		data = data[n:]
	}
	return false
}
