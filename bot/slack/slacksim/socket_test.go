package slacksim_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

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
