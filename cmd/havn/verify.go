package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"havn/internal/credential"
	"havn/internal/issuer"
)

// exitRevoked is the exit code for a credential that was withdrawn.
const exitRevoked = 3

type verifyCmd struct {
	Text        string `arg:"" name:"file-or-text" help:"File with a credential (JSON or VC-JWT), the text of a QR code, or - for standard input."`
	Issuer      string `help:"did:key that must have issued it; without it any, which is then printed."`
	Keys        string `type:"existingfile" help:"File with the issuer's document (GET /api/v1/issuer): one of its keys must have issued it, before the key ended."`
	Revocations string `type:"existingfile" help:"File with the issuer's list of revocations (GET /api/v1/certificates/revocations), or the status list that the credential names."`
	JSON        bool   `name:"json" help:"Print the finding as JSON."`
}

// verdict is what the command prints.
type verdict struct {
	Valid   bool   `json:"valid"`
	Revoked bool   `json:"revoked"`
	Reason  string `json:"reason,omitempty"`
	*credential.Finding
}

// Run checks without any server: exit 0 valid, 1 invalid, 3 revoked.
func (c *verifyCmd) Run() error {
	text, err := c.read()
	if err != nil {
		return err
	}
	keys, err := c.keys()
	if err != nil {
		return err
	}
	f, err := credential.Verify(text, c.Issuer, time.Now())
	if err == nil && keys != nil {
		err = keys.Accept(f)
	}
	v := verdict{Valid: err == nil, Finding: f}
	if f != nil && c.Revocations != "" {
		var failed error
		if v.Revoked, failed = c.withdrawn(f, keys); failed != nil {
			return failed
		}
	}
	if err != nil {
		v.Reason = err.Error()
	}
	v.Valid = v.Valid && !v.Revoked
	if err := v.print(c.JSON); err != nil {
		return err
	}
	switch {
	case v.Revoked:
		return exitCode(exitRevoked)
	case !v.Valid:
		return errSilent
	}
	return nil
}

func (c *verifyCmd) keys() (*issuer.Document, error) {
	if c.Keys == "" {
		return nil, nil
	}
	src, err := os.ReadFile(c.Keys)
	if err != nil {
		return nil, err
	}
	return issuer.ReadDocument(src)
}

// withdrawn asks the list, which is one of the two kinds.
func (c *verifyCmd) withdrawn(f *credential.Finding, keys *issuer.Document) (bool, error) {
	src, err := os.ReadFile(c.Revocations)
	if err != nil {
		return false, err
	}
	if list, err := credential.ReadStatus(src); err == nil {
		if !list.Covers(f) {
			return false, errors.New("the status list is not the one that the credential names")
		}
		return list.Withdrawn(f), nil
	}
	list, err := issuer.ReadRevocations(src)
	if err != nil {
		return false, err
	}
	return list.Has(f, keys), nil
}

// read takes the argument for a file where there is one of that name.
func (c *verifyCmd) read() (string, error) {
	if c.Text == "-" {
		b, err := io.ReadAll(io.LimitReader(os.Stdin, credential.MaxText+1))
		return string(b), err
	}
	file, err := os.Open(c.Text)
	if err != nil {
		return c.Text, nil
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, credential.MaxText+1))
	return string(b), err
}

func (v verdict) print(asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(v)
	}
	switch {
	case v.Revoked:
		fmt.Println("Revoked: its issuer has withdrawn it.")
	case v.Valid:
		fmt.Println("Valid.")
	default:
		fmt.Println("Not valid: " + v.Reason + ".")
	}
	if v.Finding == nil {
		return nil
	}
	for _, line := range [][2]string{{"course", v.Title}, {"holder", v.Holder}, {"issued", day(v.IssuedAt)}, {"until", day(v.ExpiresAt)}, {"certificate", v.ID}, {"issuer", v.Finding.Issuer}} {
		if line[1] != "" {
			fmt.Printf("%-12s%q\n", line[0], line[1])
		}
	}
	return nil
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// exitCode ends a command with a code of its own after it has said why.
type exitCode int

func (e exitCode) Error() string { return "" }

func (e exitCode) Is(target error) bool { return errors.Is(target, errSilent) }
