package slacksim_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
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

func TestSocket_TicketsWorkOnce(t *testing.T) {
	bubble(t, func(w *wired) {
		url, _ := w.ticket()
		if !strings.HasPrefix(url, "ws://sim.test/link/?ticket=") {
			t.Errorf("url %s", url)
		}
		if _, err := w.dial(url); err != nil {
			t.Errorf("first use: %v", err)
		}
		if _, err := w.dial(url); err == nil {
			t.Errorf("second use of a ticket is taken")
		}
		late, _ := w.ticket()
		time.Sleep(time.Minute)
		if _, err := w.dial(late); err == nil {
			t.Errorf("a ticket of a minute ago is taken")
		}
	})
}

func TestSocket_EleventhConnectionIsTurnedAway(t *testing.T) {
	bubble(t, func(w *wired) {
		for range 10 {
			w.connect()
		}
		url, _ := w.ticket()
		c, err := w.dial(url)
		if err != nil {
			t.Fatal(err)
		}
		if e := w.read(c); e.Type != "disconnect" || e.Reason != "too_many_websockets" {
			t.Errorf("the eleventh got %+v", e)
		}
	})
}

func TestSocket_MissedAckIsSeenAfterThreeSeconds(t *testing.T) {
	for name, c := range map[string]struct {
		ack  func(id string) any
		want string
		at   time.Duration
	}{
		"no acknowledgement":           {nil, "operation_timeout", 3 * time.Second},
		"plain acknowledgement":        {func(id string) any { return map[string]any{"envelope_id": id} }, "", 0},
		"empty payload":                {func(id string) any { return map[string]any{"envelope_id": id, "payload": map[string]any{}} }, "", 0},
		"of another envelope":          {func(string) any { return map[string]any{"envelope_id": "x"} }, "operation_timeout", 3 * time.Second},
		"of 20,480 bytes: as if never": {func(id string) any { return big(id, 20_480) }, "operation_timeout", 3 * time.Second},
		"of 20,479 bytes":              {func(id string) any { return big(id, 20_479) }, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(w *wired) {
				conn := w.connect()
				wait := w.slash()
				e := w.read(conn)
				if c.ack != nil {
					if err := conn.WriteJSON(c.ack(e.EnvelopeID)); err != nil {
						t.Fatal(err)
					}
				}
				if seen, took := wait(); seen.Warning != c.want || took != c.at {
					t.Errorf("saw %q after %v, want %q after %v", seen.Warning, took, c.want, c.at)
				}
			})
		})
	}
}

// big is an acknowledgement of exactly n bytes on the wire; WriteJSON ends it with a newline.
func big(id string, n int) any {
	empty, _ := json.Marshal(map[string]any{"envelope_id": id, "payload": map[string]any{"text": ""}})
	return map[string]any{"envelope_id": id, "payload": map[string]any{"text": strings.Repeat("x", n-len(empty)-1)}}
}

func TestSocket_AckFromAnotherConnectionCountsForNothing(t *testing.T) {
	bubble(t, func(w *wired) {
		one, two := w.connect(), w.connect()
		wait := w.slash()
		got := make(chan func(), 2)
		for from, to := range map[*websocket.Conn]*websocket.Conn{one: two, two: one} {
			go func() {
				var e envelope
				if err := from.ReadJSON(&e); err == nil && e.EnvelopeID != "" {
					got <- func() { _ = to.WriteJSON(map[string]any{"envelope_id": e.EnvelopeID}) }
				}
			}()
		}
		(<-got)()
		if seen, _ := wait(); seen.Warning != "operation_timeout" {
			t.Errorf("saw %+v", seen)
		}
		if len(got) != 0 {
			t.Errorf("both connections received the envelope")
		}
	})
}

func TestSocket_WithoutConnectionsACommandFailsAtOnce(t *testing.T) {
	bubble(t, func(w *wired) {
		seen, took := w.slash()()
		if seen.Warning != "dispatch_failed" || took != 0 || len(w.sim.Warnings("UALICE")) != 1 {
			t.Errorf("saw %+v after %v", seen, took)
		}
	})
}

func TestSocket_EventsAreRetriedAtOnceAfterOneMinuteAndAfterFive(t *testing.T) {
	bubble(t, func(w *wired) {
		c := w.connect()
		if err := w.sim.Person("UALICE").OpenHome(w.Context()); err != nil {
			t.Fatal(err)
		}
		last, id := time.Now(), ""
		for n, want := range []time.Duration{0, 3 * time.Second, 63 * time.Second, 303 * time.Second} {
			e := w.read(c)
			if since := time.Since(last); since.Round(time.Second) != want || e.RetryAttempt != n {
				t.Errorf("delivery %d: attempt %d after %v, want %v", n, e.RetryAttempt, since, want)
			}
			if n > 0 && (e.Payload.EventID != id || e.RetryReason != "timeout") {
				t.Errorf("delivery %d: event %s (first %s), reason %q", n, e.Payload.EventID, id, e.RetryReason)
			}
			last, id = time.Now(), e.Payload.EventID
		}
		if err := c.SetReadDeadline(time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.ReadMessage(); err == nil {
			t.Errorf("a fifth delivery came")
		}
	})
}

func TestSocket_DisconnectReasons(t *testing.T) {
	for reason, closes := range map[string]time.Duration{"warning": 10 * time.Second, "refresh_requested": 10 * time.Second, "link_disabled": 0} {
		t.Run(reason, func(t *testing.T) {
			bubble(t, func(w *wired) {
				c := w.connect()
				if n := w.sim.Disconnect(reason); n != 1 {
					t.Fatalf("told %d connections", n)
				}
				if e := w.read(c); e.Type != "disconnect" || e.Reason != reason {
					t.Errorf("got %+v", e)
				}
				began := time.Now()
				if _, _, err := c.ReadMessage(); err == nil || time.Since(began) != closes {
					t.Errorf("closed after %v (%v), want %v", time.Since(began), err, closes)
				}
				if _, problem := w.ticket(); (problem != "") != (reason == "link_disabled") {
					t.Errorf("a new connection: %q", problem)
				}
			})
		})
	}
}

func TestSocket_PingsEveryFiveSecondsAndRecyclesAfterHours(t *testing.T) {
	bubble(t, func(w *wired) {
		c := w.connect()
		began, pings := time.Now(), 0
		answer := c.PingHandler()
		c.SetPingHandler(func(data string) error { pings++; return answer(data) })
		if e := w.read(c); e.Reason != "refresh_requested" || time.Since(began) != 5*time.Hour {
			t.Errorf("after %v came %+v", time.Since(began), e)
		}
		if want := int(5 * time.Hour / (5 * time.Second)); pings < want-1 || pings > want {
			t.Errorf("%d pings in five hours, want %d", pings, want)
		}
	})
}
