package mail

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// SMTP sends through a mail server, as a URL names it:
// smtps://user:password@host:465 speaks TLS from the start,
// smtp://user:password@host:587 upgrades by STARTTLS and sends nothing if it
// cannot, and smtp://localhost:25 is the only one that may go without (RFC 8314).
// from is the address that letters come from.
func SMTP(address, from string) (Sender, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, fmt.Errorf("the mail server must be an address such as smtps://user:password@mail.example.org:465")
	}
	if _, err := mail.ParseAddress(from); err != nil {
		return nil, fmt.Errorf("the sender of mails must be an address such as havn@example.org")
	}
	options := []gomail.Option{gomail.WithTimeout(20 * time.Second)}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
	switch {
	case u.Scheme == "smtps":
		options = append(options, gomail.WithSSL(), gomail.WithPort(gomail.DefaultPortSSL))
	case local:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic), gomail.WithPort(gomail.DefaultPort))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithPort(gomail.DefaultPortTLS))
	}
	if u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			return nil, fmt.Errorf("the mail server's port is no number")
		}
		options = append(options, gomail.WithPort(port))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, fmt.Errorf("the mail server's address: %w", err)
	}
	return func(ctx context.Context, m *Message) error {
		msg, err := m.mime(from)
		if err != nil {
			return err
		}
		return client.DialAndSendWithContext(ctx, msg)
	}, nil
}

// Folder writes letters as files of a folder instead, one .eml each, for a
// server without mail; only its owner can read them. They are deleted when they
// are older than GiveUp, by the next letter.
func Folder(dir, from string) Sender {
	return func(_ context.Context, m *Message) error {
		msg, err := m.mime(from)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := clear(dir, m.At.Add(-GiveUp)); err != nil {
			return err
		}
		name := filepath.Join(dir, m.ID+".eml")
		file, err := os.OpenFile(name+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = msg.WriteTo(file)
		if e := file.Close(); err == nil {
			err = e
		}
		if err == nil {
			err = os.Chtimes(name+".part", m.At, m.At)
		}
		if err != nil {
			return err
		}
		return os.Rename(name+".part", name)
	}
}

// clear deletes letters that were written before a time.
func clear(dir string, before time.Time) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	for _, f := range files {
		if info, e := os.Stat(f); e == nil && info.ModTime().Before(before) {
			err = errors.Join(err, os.Remove(f))
		}
	}
	return err
}

// mime is the message with a text and an HTML part (RFC 2046 §5.1.4).
func (m *Message) mime(from string) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(from); err != nil {
		return nil, err
	}
	if err := msg.To(m.To); err != nil {
		return nil, err
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(m.At)
	msg.SetMessageIDWithValue(m.ID + "@havn")
	msg.SetGenHeader("Content-Language", m.Language)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no answering machine answers
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, nil
}
