package exchange

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"havn/internal/course"
	"havn/internal/language"
	"havn/internal/workbook"
)

// A workbook has a row for each unit. All cells are text, so that nothing typed
// into them becomes a formula, a number or a date; ids and sources are locked,
// without a password, against slips.

var xlsxColumns = []string{"id", "source", "target", "state", "notes"}

const (
	xlsxSheet = "Sheet1" // as excelize names it
	xlsxCell  = 32_767   // UTF-16 units that Excel takes in a cell
)

func writeXLSX(d Document) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	style := func(locked bool) int {
		id, err := f.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}, Protection: &excelize.Protection{Locked: locked}})
		if err != nil {
			panic("exchange: " + err.Error()) // our own style
		}
		return id
	}
	locked, open := style(true), style(false)
	rows := [][]string{{"id", "source (" + d.Source + ")", "target (" + d.Lang + ")", "state", "notes"}}
	for _, u := range d.Units {
		rows = append(rows, []string{u.ID, u.Source, u.Target, string(u.State), u.Note})
	}
	for i, row := range rows {
		for c, s := range row {
			if len(utf16.Encode([]rune(s))) > xlsxCell {
				return nil, fmt.Errorf("%s is longer than a cell of a workbook can be (%d characters); take another format", row[0], xlsxCell)
			}
			cell, err := excelize.CoordinatesToCellName(c+1, i+1)
			if err != nil {
				return nil, err
			}
			if err := f.SetCellStr(xlsxSheet, cell, s); err != nil {
				return nil, err
			}
		}
	}
	last := fmt.Sprint(len(rows))
	if err := errors.Join(
		f.SetCellStyle(xlsxSheet, "A1", "B"+last, locked), f.SetCellStyle(xlsxSheet, "C1", "E1", locked),
		f.SetColWidth(xlsxSheet, "A", "A", 28), f.SetColWidth(xlsxSheet, "B", "C", 60), f.SetColWidth(xlsxSheet, "D", "E", 24),
		f.SetPanes(xlsxSheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
	); err != nil {
		return nil, err
	}
	if len(rows) > 1 {
		if err := f.SetCellStyle(xlsxSheet, "C2", "E"+last, open); err != nil {
			return nil, err
		}
	}
	if err := f.ProtectSheet(xlsxSheet, &excelize.SheetProtectionOptions{
		SelectLockedCells: true, SelectUnlockedCells: true, FormatColumns: true, FormatRows: true, FormatCells: true, AutoFilter: true, Sort: true,
	}); err != nil {
		return nil, err
	}
	rightToLeft := language.Direction(d.Lang) == "rtl"
	if err := f.SetSheetView(xlsxSheet, 0, &excelize.ViewOptions{RightToLeft: &rightToLeft}); err != nil {
		return nil, err
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func readXLSX(data []byte) (Document, error) {
	var d Document
	var columns []string
	err := workbook.Read(data, 20, func(line int, cells []string, formulas []int) error {
		if columns == nil {
			if len(cells) == 0 {
				return nil
			}
			var err error
			columns, err = d.header(cells)
			return err
		}
		u := Unit{line: line, lang: d.Lang, source: d.Source}
		filled := false
		for i, c := range cells {
			filled = filled || c != ""
			switch {
			case i >= len(columns) || columns[i] == "":
				continue
			case columns[i] == "id":
				u.ID = strings.TrimSpace(c)
			case columns[i] == "source":
				u.Source = c
			case columns[i] == "target":
				u.Target = c
			case columns[i] == "state":
				u.State = course.State(strings.TrimSpace(c))
			case columns[i] == "notes":
				u.Comment = c
			}
		}
		if len(formulas) > 0 {
			u.fault, filled = "formula", true
		}
		if !filled {
			return nil
		}
		known := []course.State{"", course.Missing, course.Stale, course.MachineDraft, course.LanguageReviewed, course.ExpertReviewed}
		switch {
		case u.fault == "" && !slices.Contains(known, u.State):
			u.fault = "state-unknown"
		case course.Tidy(u.Target) == "":
			u.State = course.Missing
		case u.State == course.Missing: // somebody wrote a text and left the state
			u.State = ""
		}
		if d.Units = append(d.Units, u); len(d.Units) > maxUnits {
			return errUnits
		}
		return nil
	})
	switch {
	case errors.Is(err, workbook.ErrTooLarge):
		return d, errors.New("the workbook unpacks into too much")
	case errors.Is(err, workbook.ErrSheets):
		return d, errors.New("the workbook must have one sheet that is filled")
	case err != nil:
		return d, fmt.Errorf("the workbook cannot be read: %w", err)
	case columns == nil:
		return d, errors.New("the workbook is empty")
	}
	return d, nil
}

// header reads the first row: the names of columns, those of texts with their
// language in brackets.
func (d *Document) header(cells []string) ([]string, error) {
	columns := make([]string, len(cells))
	for i, c := range cells {
		name, lang, _ := strings.Cut(strings.TrimSpace(c), " (")
		name, lang = strings.ToLower(name), strings.TrimSuffix(lang, ")")
		if !slices.Contains(xlsxColumns, name) {
			continue
		}
		if slices.Contains(columns, name) {
			return nil, fmt.Errorf("the column %q is there twice", name)
		}
		columns[i] = name
		switch name {
		case "source":
			d.Source = lang
		case "target":
			d.Lang = lang
		}
	}
	for _, name := range xlsxColumns[:3] {
		if !slices.Contains(columns, name) {
			return nil, fmt.Errorf("the column %q is missing in the first row", name)
		}
	}
	return columns, nil
}
