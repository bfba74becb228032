package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"havn/courses"
	"havn/internal/locale"
	"havn/internal/machine"
	"havn/internal/mail"
	"havn/internal/oidc"
	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/mongo"
	"havn/internal/store/sqlite"
	"havn/locales"
)

// errSilent ends a command with exit code 1 after it has said what is wrong.
var errSilent = errors.New("")

// storeFlags say where documents are kept.
type storeFlags struct {
	Data  string `env:"HAVN_DATA" default:"./data" type:"path" help:"Folder of the embedded store."`
	Store string `env:"HAVN_STORE" default:"sqlite" help:"sqlite, or the mongodb:// address of a replica set."`
}

func (f storeFlags) open(ctx context.Context) (store.Engine, error) {
	switch {
	case f.Store == "sqlite":
		return sqlite.Open(ctx, f.Data)
	case strings.HasPrefix(f.Store, "mongodb://"), strings.HasPrefix(f.Store, "mongodb+srv://"):
		return mongo.Open(ctx, f.Store)
	}
	return nil, fmt.Errorf("--store is neither sqlite nor a mongodb:// address")
}

type serveCmd struct {
	storeFlags
	Listen  string `env:"HAVN_LISTEN" default:"127.0.0.1:8080" help:"Address to listen on."`
	Courses string `env:"HAVN_COURSES" help:"Folder of course folders; without it the embedded courses."`
	BaseURL string `name:"base-url" env:"HAVN_BASE_URL" help:"Address under which browsers reach the server."`
	SignUp  string `name:"sign-up" env:"HAVN_SIGN_UP" default:"closed" enum:"open,closed" help:"Who may make an account: anybody (open) or the administrator (closed)."`

	PublicFigures bool `name:"public-figures" env:"HAVN_PUBLIC_FIGURES" help:"Show everybody, at /figures, how many are certified, by country and language; nothing about fewer than five people."`
	PrivateHooks  bool `name:"private-hooks" env:"HAVN_PRIVATE_HOOKS" help:"Let webhooks of organisations lead to addresses inside the network, and without TLS."`

	SMTP     string `env:"HAVN_SMTP" help:"Mail server, such as smtps://user:password@mail.example.org:465; without it mails are files in the data folder."`
	MailFrom string `env:"HAVN_MAIL_FROM" default:"Havn <havn@localhost.localdomain>" help:"Sender of mails."`

	Proxies    []netip.Prefix `env:"HAVN_PROXIES" sep:"," help:"Networks of reverse proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8."`
	Providers  string         `env:"HAVN_PROVIDERS" type:"path" help:"YAML file of identity providers (OpenID Connect) that people can sign in by."`
	KeepMonths int            `env:"HAVN_KEEP_MONTHS" default:"36" help:"Months after the last sign-in until an account is erased, where its organisation does not say."`

	TranslateURL string `name:"translate-url" env:"HAVN_TRANSLATE_URL" help:"Machine-translation service in the protocol of LibreTranslate, such as https://translate.example.org; trainers may then draft translations by it. Off without it."`
	TranslateKey string `name:"translate-key" env:"HAVN_TRANSLATE_KEY" help:"Key that is sent to that service."`

	ExitURL string `name:"exit-url" env:"HAVN_EXIT_URL" default:"https://www.yr.no/" help:"Page that \"Leave quickly\" leads to: one that tells nothing of where somebody was."`

	AdminEmail    string `env:"HAVN_ADMIN_EMAIL" help:"Of the first administrator; without it the first start prints a link."`
	AdminPassword string `env:"HAVN_ADMIN_PASSWORD" help:"Of the first administrator."`
}

// collectAt lets the heap grow to three times what is alive before the garbage
// collector runs. What is alive is small (about 15 MB with the embedded
// courses), so this costs few megabytes and saves a tenth of the processor.
const collectAt = 200

// courseFS is the folder of courses, or the embedded ones.
func courseFS(dir string) (fs.FS, error) {
	if dir == "" {
		return courses.FS, nil
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("--courses %s is no folder", dir)
	}
	return os.DirFS(dir), nil
}

// Run serves until it is interrupted.
func (c *serveCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	folders, err := courseFS(c.Courses)
	if err != nil {
		return err
	}
	words, err := locale.Load(locales.FS)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	base := c.BaseURL
	if base == "" {
		base = "http://" + listener.Addr().String()
	}
	engine, err := c.open(ctx)
	if err != nil {
		return err
	}
	providers, err := c.providers()
	if err != nil {
		return errors.Join(err, engine.Close())
	}
	letters, err := c.mail()
	if err != nil {
		return errors.Join(err, engine.Close())
	}
	translator, err := c.translator()
	if err != nil {
		return errors.Join(err, engine.Close())
	}
	s, err := server.New(ctx, server.Config{
		Mail: letters, Machine: translator, Proxies: c.Proxies, Providers: providers, KeepMonths: c.KeepMonths, ExitURL: c.ExitURL, Store: engine, Courses: folders, Words: words, BaseURL: base, SignUp: c.SignUp == "open", PublicFigures: c.PublicFigures, PrivateHooks: c.PrivateHooks, Version: version,
		AdminEmail: c.AdminEmail, AdminPassword: c.AdminPassword,
	})
	if err != nil {
		return errors.Join(err, engine.Close())
	}
	c.announce(s, base)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	go debug.FreeOSMemory() // starting takes three times what serving needs
	served := make(chan error, 1)
	go func() { served <- s.Serve(listener) }()
	if c.Store == "sqlite" {
		remove, err := c.openDoor(s, listener.Addr().String())
		if err != nil {
			slog.Warn("`havn publish` cannot reach this server by itself", "error", err)
		}
		defer remove()
	}
	select {
	case err = <-served:
	case <-ctx.Done():
		slog.Info("stopping")
	}
	return errors.Join(err, s.Close())
}

func (c *serveCmd) providers() ([]oidc.Provider, error) {
	if c.Providers == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.Providers)
	if err != nil {
		return nil, err
	}
	return oidc.Parse(text)
}

func (c *serveCmd) translator() (*machine.Service, error) {
	if c.TranslateURL == "" {
		return nil, nil
	}
	return machine.New(c.TranslateURL, c.TranslateKey, 0)
}

func (c *serveCmd) mail() (mail.Sender, error) {
	if c.SMTP != "" {
		return mail.SMTP(c.SMTP, c.MailFrom)
	}
	folder := filepath.Join(c.Data, "mail")
	slog.Info("no mail server is set: letters are files", "folder", folder)
	return mail.Folder(folder, c.MailFrom), nil
}

func (c *serveCmd) announce(s *server.Server, base string) {
	slog.Info("Havn is ready", "address", base, "courses", len(s.Library.Courses()), "store", storeName(c.Store))
	if s.SetUpLink != "" {
		fmt.Fprintf(os.Stderr, "\nNobody has an account yet. Open this link once to make the administrator's:\n\n  %s\n\n", s.SetUpLink)
	}
}

// storeName leaves out what an address may hold of a password.
func storeName(s string) string {
	kind, _, _ := strings.Cut(s, ":")
	return kind
}

// door is how `havn publish` on the same machine reaches a running server whose
// data folder only one process can open. Who can read the file can read the
// data as well.
type door struct {
	Address string `json:"address"`
	Key     string `json:"key"`
}

func doorFile(data string) string { return filepath.Join(data, "running.json") }

func (c *serveCmd) openDoor(s *server.Server, address string) (remove func(), err error) {
	b := make([]byte, 24)
	_, _ = rand.Read(b)
	d := door{"http://" + address, hex.EncodeToString(b)}
	s.People.AdmitOperator(d.Key)
	text, err := json.Marshal(d)
	if err != nil {
		return func() {}, err
	}
	return func() { _ = os.Remove(doorFile(c.Data)) }, os.WriteFile(doorFile(c.Data), text, 0o600)
}
