package mongo_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"havn/internal/store"
	"havn/internal/store/storetest/mongod"
)

// lossy stands before a server and, while told to, hands writes on but closes
// the connection in place of the answer.
type lossy struct {
	address string
	server  string
	// lose is how many of ten answers to writes are lost.
	lose   atomic.Int64
	writes atomic.Int64
	lost   atomic.Int64
}

func newLossy(t *testing.T, server string) *lossy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &lossy{address: l.Addr().String(), server: server}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

func (p *lossy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	for {
		request, err := message(client)
		if err != nil {
			return
		}
		if _, err := server.Write(request); err != nil {
			return
		}
		answer, err := message(server)
		if err != nil {
			return
		}
		for _, command := range []string{"\x02insert\x00", "\x02update\x00", "\x02delete\x00"} {
			if bytes.Contains(request, []byte(command)) && p.writes.Add(1)%10 < p.lose.Load() {
				p.lost.Add(1)
				return
			}
		}
		if _, err := client.Write(answer); err != nil {
			return
		}
	}
}

// message reads one message of MongoDB's wire protocol: its length comes first.
func message(r io.Reader) ([]byte, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	b := make([]byte, binary.LittleEndian.Uint32(head))
	copy(b, head)
	_, err := io.ReadFull(r, b[4:])
	return b, err
}

// through opens a database by way of a lossy proxy.
func through(t *testing.T) (*lossy, *store.Collection[counter, *counter]) {
	t.Helper()
	set := mongod.Own(t, 1)
	proxy := newLossy(t, set.Primary(t))
	_, path, _ := strings.Cut(strings.TrimPrefix(set.NewDatabase(t), "mongodb://"), "/")
	database, _, _ := strings.Cut(path, "?")
	return proxy, open(t, "mongodb://"+proxy.address+"/"+database+"?directConnection=true")
}

// TestLostAnswers loses every answer to a write until the caller's time is up:
// reading again must settle that it was written.
func TestLostAnswers(t *testing.T) {
	proxy, c := through(t)
	brief := func() context.Context {
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	proxy.lose.Store(10)
	if err := c.Insert(brief(), &counter{Meta: store.Meta{ID: "a"}, N: 1}); err != nil {
		t.Errorf("insert: %v", err)
	}
	if err := c.Insert(brief(), &counter{Meta: store.Meta{ID: "a"}, N: 1}); !errors.Is(err, store.ErrExists) {
		t.Errorf("insert of the same again: got error %v, want %v", err, store.ErrExists)
	}
	a, err := c.Update(brief(), "a", func(a *counter) error { a.N++; return nil })
	if err != nil || a.N != 2 {
		t.Errorf("update: %+v, error %v", a, err)
	}
	proxy.lose.Store(0)
	if a, err := c.Get(context.Background(), "a"); err != nil || a.N != 2 || a.Rev != 2 {
		t.Errorf("stored is %+v, error %v", a, err)
	}
	proxy.lose.Store(10)
	if err := c.Delete(brief(), "a"); err != nil {
		t.Errorf("delete: %v", err)
	}
	if proxy.lost.Load() < 4 {
		t.Errorf("only %d answers were lost", proxy.lost.Load())
	}
}

// TestLostAnswersUnderRaces has many callers count in one document while answers
// are lost: each count that was acknowledged is there once, and none that was
// refused.
func TestLostAnswersUnderRaces(t *testing.T) {
	proxy, c := through(t)
	for _, id := range []string{"a", "same"} {
		if err := c.Insert(context.Background(), &counter{Meta: store.Meta{ID: id}}); err != nil {
			t.Fatal(err)
		}
	}
	proxy.lose.Store(4)
	var mu sync.Mutex
	var sure, unsure int64 // counts of "same", which all writers change alike
	outcome := map[string]error{}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 15 {
				key := fmt.Sprintf("%d-%d", g, i)
				// Short enough that some run out of time between sending and answer.
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(5+i*25)*time.Millisecond)
				_, err := c.Update(ctx, "a", func(a *counter) error {
					a.N++
					a.By = append(a.By, key)
					return nil
				})
				cancel()
				ctx, cancel = context.WithTimeout(context.Background(), time.Duration(5+i*25)*time.Millisecond)
				_, same := c.Update(ctx, "same", func(a *counter) error { a.N++; return nil })
				cancel()
				mu.Lock()
				outcome[key] = err
				if same == nil {
					sure++
				} else if errors.Is(same, store.ErrUnknown) {
					unsure++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	proxy.lose.Store(0)
	time.Sleep(200 * time.Millisecond) // for writes that the server still has
	a, err := c.Get(context.Background(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if same, err := c.Get(context.Background(), "same"); err != nil || same.N < sure || same.N > sure+unsure {
		t.Errorf("counted are %d, acknowledged %d, unknown %d, error %v", same.N, sure, unsure, err)
	}
	times := map[string]int{}
	for _, key := range a.By {
		times[key]++
	}
	acknowledged := 0
	for key, err := range outcome {
		n := times[key]
		switch {
		case err == nil:
			acknowledged++
			if n != 1 {
				t.Errorf("%s was acknowledged and is there %d times", key, n)
			}
		case errors.Is(err, store.ErrUnknown):
			if n > 1 {
				t.Errorf("%s is there %d times", key, n)
			}
		case n != 0:
			t.Errorf("%s was refused (%v) and is there %d times", key, err, n)
		}
	}
	if int(a.N) != len(a.By) || acknowledged == 0 || proxy.lost.Load() == 0 {
		t.Errorf("counted %d by %d; %d acknowledged, %d answers lost", a.N, len(a.By), acknowledged, proxy.lost.Load())
	}
	t.Logf("%d acknowledged of %d, %d answers lost", acknowledged, len(outcome), proxy.lost.Load())
}
