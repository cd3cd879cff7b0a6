package slacksim_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// pipes is a listener without a network, so that time can stand still around it.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

type addr struct{}

func (addr) Network() string { return "pipe" }
func (addr) String() string  { return "sim.test" }

func (p *pipes) Addr() net.Addr { return addr{} }
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// bubble runs a test against a simulator in which time passes only when everybody waits.
func bubble(t *testing.T, run func(*wired)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := slacksim.OddCompany()
		o.Seed = 11
		sim, err := slacksim.New(o)
		if err != nil {
			t.Fatal(err)
		}
		p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			if err := sim.Run(ctx, p, nil); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Errorf("run: %v", err)
			}
		})
		w := &wired{T: t, sim: sim, pipes: p}
		run(w)
		for _, c := range w.open {
			_ = c.Close()
		}
		cancel()
		all.Wait()
	})
}

type wired struct {
	*testing.T
	sim   *slacksim.Server
	pipes *pipes
	open  []*websocket.Conn
}

// ticket asks for the address of a new connection.
func (w *wired) ticket() (address, problem string) {
	w.Helper()
	c := &http.Client{Transport: &http.Transport{DialContext: w.pipes.dial, DisableKeepAlives: true}}
	req, _ := http.NewRequestWithContext(w.Context(), http.MethodPost, "http://sim.test/api/apps.connections.open", nil)
	req.Header.Set("Authorization", "Bearer "+w.sim.AppToken())
	resp, err := c.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out struct{ URL, Error string }
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		w.Fatal(err)
	}
	return out.URL, out.Error
}

func (w *wired) dial(url string) (*websocket.Conn, error) {
	d := websocket.Dialer{NetDialContext: w.pipes.dial}
	c, resp, err := d.DialContext(w.Context(), url, nil)
	if resp != nil {
		_ = resp.Body.Close()
	}
	if err == nil {
		w.open = append(w.open, c)
	}
	return c, err
}

// connect opens a connection and reads its hello.
func (w *wired) connect() *websocket.Conn {
	w.Helper()
	url, problem := w.ticket()
	if problem != "" {
		w.Fatalf("apps.connections.open: %s", problem)
	}
	c, err := w.dial(url)
	if err != nil {
		w.Fatal(err)
	}
	if hello := w.read(c); hello.Type != "hello" {
		w.Fatalf("first message is %+v", hello)
	}
	return c
}

type envelope struct {
	Type, Reason   string
	EnvelopeID     string `json:"envelope_id"`
	RetryAttempt   int    `json:"retry_attempt"`
	RetryReason    string `json:"retry_reason"`
	NumConnections int    `json:"num_connections"`
	Payload        struct {
		EventID string `json:"event_id"`
	}
}

func (w *wired) read(c *websocket.Conn) envelope {
	w.Helper()
	var e envelope
	if err := c.ReadJSON(&e); err != nil {
		w.Fatalf("read: %v", err)
	}
	return e
}

// slash lets Alice type a command and returns what she sees in the end, and after how long.
func (w *wired) slash() (wait func() (slacksim.Seen, time.Duration)) {
	began := time.Now()
	var seen slacksim.Seen
	var took time.Duration
	done := make(chan struct{})
	go func() {
		defer close(done)
		var err error
		if seen, err = w.sim.Person("UALICE").Slash(w.Context(), "CREQUESTS", "/jitsudo", "x"); err != nil {
			w.Errorf("slash: %v", err)
		}
		took = time.Since(began)
	}()
	return func() (slacksim.Seen, time.Duration) { <-done; return seen, took }
}
