package mongod

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

// Set is a running replica set.
type Set struct {
	URI     string // without a database
	binary  string
	dir     string
	members []*member
	leash   io.Closer
}

type member struct {
	address string
	process *exec.Cmd
}

const (
	setName = "havn"
	// startTime is how long a set may take to have a primary, on a busy machine.
	startTime = 60 * time.Second
	// electionTimeout is short, for tests that wait for the next primary.
	electionTimeout = 2 * time.Second
)

// Start starts a replica set on free ports of the loopback. It ends with Stop or
// with this process.
func Start(binary string, members int) (*Set, error) {
	dir, err := os.MkdirTemp("", "havn-mongod-")
	if err != nil {
		return nil, err
	}
	s := &Set{binary: binary, dir: dir}
	if err := s.tie(); err != nil {
		return nil, err
	}
	var addresses []string
	for range members {
		m := &member{}
		if m.address, err = freeAddress(); err != nil {
			return nil, err
		}
		s.members = append(s.members, m)
		addresses = append(addresses, m.address)
		if err := s.run(m, setName); err != nil {
			return nil, err
		}
	}
	s.URI = "mongodb://" + strings.Join(addresses, ",") + "/?replicaSet=" + setName
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	if err := errors.Join(s.initiate(ctx, addresses), s.await(ctx)); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// tie starts a shell that waits for the end of this process, also a violent
// one, then ends the members and removes their files.
func (s *Set) tie() error {
	shell := exec.Command("sh", "-c", `cat; for f in "$0"/*/pid; do kill -9 "$(cat "$f")"; done; rm -rf "$0"`, s.dir)
	in, err := shell.StdinPipe()
	if err != nil {
		return err
	}
	s.leash = in
	return shell.Start()
}

// Stop ends the members and removes their files.
func (s *Set) Stop() error {
	for _, m := range s.members {
		if err := s.kill(m); err != nil {
			return err
		}
	}
	return s.leash.Close()
}

// run starts a member of the set named, or of none.
func (s *Set) run(m *member, set string) error {
	host, port, err := net.SplitHostPort(m.address)
	if err != nil {
		return err
	}
	home := filepath.Join(s.dir, port)
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	m.process = exec.Command(s.binary, "--replSet", set, "--bind_ip", host, "--port", port,
		"--dbpath", home, "--logpath", filepath.Join(home, "log"), "--logappend", "--pidfilepath", filepath.Join(home, "pid"),
		"--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64", "--nounixsocket")
	if set == "" {
		m.process.Args = slices.Delete(m.process.Args, 1, 3)
	}
	if err := m.process.Start(); err != nil {
		return err
	}
	// At once, so that the leash holds from the beginning.
	return os.WriteFile(filepath.Join(home, "pid"), []byte(strconv.Itoa(m.process.Process.Pid)), 0o600)
}

// kill ends a member as a loss of power would, and waits for its end.
func (s *Set) kill(m *member) error {
	if m.process == nil {
		return nil
	}
	if err := m.process.Process.Kill(); err != nil {
		return err
	}
	m.process.Wait() // says "killed"
	m.process = nil
	_, port, _ := net.SplitHostPort(m.address)
	return os.Remove(filepath.Join(s.dir, port, "pid"))
}

// KillPrimary kills the primary, and returns the function that starts it again
// and waits until the set has a primary and all its members.
func (s *Set) KillPrimary(ctx context.Context) (restart func(context.Context) error, err error) {
	var hello struct{ Primary string }
	if err := s.ask(ctx, s.URI, "isMaster", 1, &hello); err != nil {
		return nil, err
	}
	for _, m := range s.members {
		if m.address == hello.Primary {
			return func(ctx context.Context) error {
				return errors.Join(s.run(m, setName), s.await(ctx))
			}, s.kill(m)
		}
	}
	return nil, fmt.Errorf("the primary %q is not one of the members", hello.Primary)
}

func (s *Set) initiate(ctx context.Context, addresses []string) error {
	members := bson.A{}
	for i, a := range addresses {
		members = append(members, bson.D{{Key: "_id", Value: i}, {Key: "host", Value: a}})
	}
	return s.ask(ctx, "mongodb://"+addresses[0]+"/?directConnection=true", "replSetInitiate", bson.D{
		{Key: "_id", Value: setName},
		{Key: "members", Value: members},
		{Key: "settings", Value: bson.D{
			{Key: "electionTimeoutMillis", Value: electionTimeout.Milliseconds()},
			{Key: "heartbeatIntervalMillis", Value: 500},
		}},
	}, nil)
}

// await waits until one member is primary and the others follow.
func (s *Set) await(ctx context.Context) error {
	for {
		var status struct{ Members []struct{ State int } }
		err := s.ask(ctx, s.URI, "replSetGetStatus", 1, &status)
		primaries, secondaries := 0, 0
		for _, m := range status.Members {
			switch m.State {
			case 1:
				primaries++
			case 2:
				secondaries++
			}
		}
		if err == nil && primaries == 1 && secondaries == len(s.members)-1 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the replica set is not complete: %w", errors.Join(err, ctx.Err()))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// ask runs one command of the admin database on a connection of its own.
func (s *Set) ask(ctx context.Context, uri, command string, value, into any) error {
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri).SetServerSelectionTimeout(20*time.Second))
	if err != nil {
		return err
	}
	defer client.Disconnect(context.WithoutCancel(ctx))
	result := client.Database("admin").RunCommand(ctx, bson.D{{Key: command, Value: value}})
	if into == nil {
		return result.Err()
	}
	return result.Decode(into)
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// Primary is the address of the primary.
func (s *Set) Primary(t testing.TB) string {
	t.Helper()
	var hello struct{ Primary string }
	if err := s.ask(context.Background(), s.URI, "isMaster", 1, &hello); err != nil {
		t.Fatal(err)
	}
	return hello.Primary
}
