package mail

import (
	"bufio"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// mailServer speaks as much SMTP as a letter needs (RFC 5321) and hands over
// what it was told.
func mailServer(t *testing.T, host string) (address string, heard <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Skip("this machine has no address", host)
	}
	t.Cleanup(func() { _ = l.Close() })
	out := make(chan string, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go converse(c, out)
		}
	}()
	return l.Addr().String(), out
}

func converse(c net.Conn, heard chan<- string) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	say := func(s string) { _, _ = io.WriteString(c, s+"\r\n") }
	var all strings.Builder
	say("220 mail.example ESMTP")
	inData := false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		all.WriteString(line)
		switch word := strings.ToUpper(strings.TrimSpace(line)); {
		case inData && word == ".":
			inData = false
			heard <- all.String()
			say("250 OK")
		case inData:
		case strings.HasPrefix(word, "DATA"):
			inData = true
			say("354 go on")
		case strings.HasPrefix(word, "QUIT"):
			say("221 bye")
			return
		default:
			say("250 OK")
		}
	}
}

func message() *Message {
	id, _ := uuid.NewV7()
	return &Message{ID: id.String(), To: "mari.tamm@example.org", Language: "et", Subject: "Teie link", Text: "Tere\n", HTML: "<p>Tere õõ</p>", At: time.Now()}
}

func TestALetterGoesThroughAMailServer(t *testing.T) {
	t.Parallel()
	address, heard := mailServer(t, "127.0.0.1")
	send, err := SMTP("smtp://"+address, "Havn <havn@example.org>")
	if err != nil {
		t.Fatal(err)
	}
	m := message()
	if err := send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := <-heard
	if strings.Count(got, "RCPT TO:") != 1 || !strings.Contains(got, "RCPT TO:<mari.tamm@example.org>") || !strings.Contains(got, "MAIL FROM:<havn@example.org>") {
		t.Errorf("%s", got)
	}
	_, data, _ := strings.Cut(got, "DATA\r\n")
	letter, err := mail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if letter.Header.Get("Message-ID") != "<"+m.ID+"@havn>" || letter.Header.Get("Content-Language") != "et" || letter.Header.Get("User-Agent") != "" {
		t.Errorf("%v", letter.Header)
	}
	kind, params, err := mime.ParseMediaType(letter.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatal(kind, err)
	}
	parts := multipart.NewReader(letter.Body, params["boundary"])
	for _, want := range []string{"text/plain", "text/html"} {
		part, err := parts.NextPart()
		if err != nil || !strings.HasPrefix(part.Header.Get("Content-Type"), want) {
			t.Errorf("%v instead of %s: %v", part, want, err)
		}
	}
}

// A mail server elsewhere that does not encrypt gets nothing.
func TestNoLetterLeavesInTheOpen(t *testing.T) {
	t.Parallel()
	address, heard := mailServer(t, "127.0.0.2")
	send, err := SMTP("smtp://havn:secret-word@"+address, "havn@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if err := send(t.Context(), message()); err == nil || strings.Contains(err.Error(), "secret-word") {
		t.Errorf("%v", err)
	}
	select {
	case got := <-heard:
		t.Errorf("it heard %s", got)
	default:
	}
}

func TestAMailServerIsNamedByAnAddress(t *testing.T) {
	t.Parallel()
	for _, bad := range [][2]string{{"mail.example.org", "havn@example.org"}, {"http://mail.example.org", "havn@example.org"}, {"smtp://mail.example.org:x", "havn@example.org"}, {"smtp://mail.example.org", "havn"}} {
		if _, err := SMTP(bad[0], bad[1]); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}

// Without a mail server letters are files, which do not stay.
func TestLettersAreFilesForAWhile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mail")
	send := Folder(dir, "havn@example.org")
	first, second := message(), message()
	second.At = first.At.Add(GiveUp + time.Hour)
	for n, m := range []*Message{first, second} {
		if err := send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(dir)
		if err != nil || len(files) != 1 || files[0].Name() != m.ID+".eml" {
			t.Errorf("after letter %d: %v %v", n+1, files, err)
		}
		if info, err := os.Stat(filepath.Join(dir, m.ID+".eml")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info, err)
		}
	}
}
