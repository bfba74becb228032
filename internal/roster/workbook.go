package roster

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"havn/internal/fault"
)

// Sheet gives each row of a workbook's first sheet to take.
//
// excelize reads what inspect has found sound, and no other part: by itself it
// takes broken XML for the end of a sheet, does not tell formulas from values
// while streaming, and spends a gigabyte on a table of styles.
func Sheet(data []byte, take func(line int, cells []string, formulas []int) error) (err error) {
	sound, found, err := inspect(data)
	if err != nil {
		return err
	}
	if found.filled > 1 {
		return fault.At("roster-sheets", "file")
	}
	defer func() {
		if p := recover(); p != nil {
			err = unreadable(fmt.Errorf("excelize: %v", p))
		}
	}()
	// The limits are alike, or else excelize would write people's data to files.
	f, err := excelize.OpenReader(sound, excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked})
	if err != nil {
		return unreadable(err)
	}
	defer func() { _ = f.Close() }()
	names := f.GetSheetList()
	if len(names) == 0 {
		return unreadable(io.ErrUnexpectedEOF)
	}
	rows, err := f.Rows(names[0])
	if err != nil {
		return unreadable(err)
	}
	defer func() { _ = rows.Close() }()
	first := false
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			return unreadable(err)
		}
		first = first || len(cells) > 0
		if err := take(line, cells, found.formulas[line]); err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return unreadable(err)
	}
	if found.filled > 0 && !first {
		return fault.At("roster-sheets", "file")
	}
	return nil
}
