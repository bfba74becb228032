// Package workbook reads XLSX files from people whom nobody knows: row by row,
// with the formulas told from the values, and refusing what is broken, encrypted,
// has macros or a DTD, or unpacks into too much. Pure.
package workbook

import (
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// What a workbook is refused for, besides being unreadable.
var (
	ErrTooLarge = errors.New("unpacks into too much")
	ErrSheets   = errors.New("not one sheet that is filled")
)

// WideError is returned for a sheet with something in more columns than may be.
type WideError struct{ Column string } // by its letters

func (e *WideError) Error() string { return "too many columns: " + e.Column }

// Read gives each row of a workbook's first sheet to take: its line from 1, its
// cells, and which of them (from 0) hold formulas. At most so many columns may be
// filled. An error of take's ends the reading and is returned as it is; any other
// than the package's own means that the workbook is unreadable.
//
// excelize reads what inspect has found sound, and no other part: by itself it
// takes broken XML for the end of a sheet, does not tell formulas from values
// while streaming, and spends a gigabyte on a table of styles.
func Read(data []byte, columns int, take func(line int, cells []string, formulas []int) error) (err error) {
	sound, found, err := inspect(data, columns)
	if err != nil {
		return err
	}
	if found.filled > 1 {
		return ErrSheets
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("excelize: %v", p)
		}
	}()
	// The limits are alike, or else excelize would write people's data to files.
	f, err := excelize.OpenReader(sound, excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked})
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	names := f.GetSheetList()
	if len(names) == 0 {
		return io.ErrUnexpectedEOF
	}
	rows, err := f.Rows(names[0])
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	first := false
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			return err
		}
		first = first || len(cells) > 0
		if err := take(line, cells, found.formulas[line]); err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return err
	}
	if found.filled > 0 && !first {
		return ErrSheets
	}
	return nil
}
