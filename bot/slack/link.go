package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	sdk "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

const (
	// Reconnecting waits between these, doubling and varied, so that a Slack that
	// comes back is used within seconds. The library's own waiting grows to minutes.
	reconnectMin = 500 * time.Millisecond
	reconnectMax = 15 * time.Second
	// mendWait is the wait after an error that somebody has to mend.
	mendWait = time.Minute
	// steady is how long a connection must have lived to count as having worked.
	steady = 10 * time.Second
	// handshakeIn bounds the opening of a connection.
	handshakeIn = 20 * time.Second
	// ackWithin is when Slack gives an envelope up (docs.slack.dev, Socket Mode).
	ackWithin = 3 * time.Second
)

// keepConnected keeps one connection open until ctx ends; from the stop on it
// opens none any more.
func (l *listener) keepConnected(ctx context.Context, n int) {
	wait := reconnectMin
	for !l.isStopping() {
		began := time.Now()
		err := l.connect(ctx)
		if l.isStopping() {
			return
		}
		if time.Since(began) > steady {
			wait = reconnectMin
		}
		pause := wait/2 + rand.N(wait)
		var p *problem
		if errors.As(err, &p) {
			pause = max(pause, p.after)
			if p.fatal {
				pause = mendWait
			}
		}
		l.log.Warn("slack connection lost", "connection", n, "again_in", pause.Round(time.Millisecond), "error", err)
		wait = min(2*wait, reconnectMax)
		l.sleep(pause)
	}
}

func (l *listener) isStopping() bool {
	select {
	case <-l.stopping:
		return true
	default:
		return false
	}
}

func (l *listener) sleep(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-l.stopping:
	}
}

// link is one connection.
type link struct {
	*socketmode.Client
	// ack answers an envelope that came at a time. It waits for its turn no
	// longer than Slack waits for the answer and the connection lives.
	ack func(got time.Time, envelope string, payload any)
}

func (l *listener) link(ctx context.Context) link {
	socket := socketmode.New(l.api, socketmode.OptionReadLimit(1<<20), socketmode.OptionLog(silent{}), socketmode.OptionDialer(dialer(ctx)))
	return link{socket, func(got time.Time, envelope string, payload any) {
		ctx, cancel := context.WithDeadline(ctx, got.Add(ackWithin))
		defer cancel()
		if err := socket.AckCtx(ctx, envelope, payload); err != nil {
			l.log.Warn("slack acknowledgement", "error", bare(err))
			return
		}
		l.gate.Lock()
		defer l.gate.Unlock()
		l.acked = time.Now()
	}}
}

// dialer opens connections that are closed when ctx ends, also while the other
// end still owes the handshake.
func dialer(ctx context.Context) *websocket.Dialer {
	return &websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: handshakeIn,
		NetDialContext: func(dial context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(dial, network, address)
			if err != nil {
				return nil, fmt.Errorf("dial: %w", err)
			}
			return closing{conn, context.AfterFunc(ctx, func() { _ = conn.Close() })}, nil
		},
	}
}

// closing is a connection that something else may close, until it is closed.
type closing struct {
	net.Conn
	forget func() bool
}

func (c closing) Close() error {
	c.forget()
	return c.Conn.Close()
}

// connect opens one connection and works off what comes until it is lost for
// good. The library reconnects by itself when Slack asks for it.
func (l *listener) connect(ctx context.Context) error {
	open, cancel := context.WithCancel(ctx)
	defer cancel()
	socket := l.link(open)
	ended := make(chan error, 1)
	var running sync.WaitGroup
	running.Go(func() { ended <- socket.RunContext(open) })
	defer running.Wait()
	defer cancel()
	for {
		select {
		case ev := <-socket.Events:
			if err := l.event(ctx, socket, ev); err != nil {
				return err
			}
		case err := <-ended:
			return explain("apps.connections.open", "", err)
		}
	}
}

// event takes one event of a connection; an error gives the connection up.
func (l *listener) event(ctx context.Context, socket link, ev socketmode.Event) error {
	switch ev.Type {
	case socketmode.EventTypeConnectionError:
		if e, ok := ev.Data.(*sdk.ConnectionErrorEvent); ok {
			return explain("apps.connections.open", "", e.ErrorObj)
		}
	case socketmode.EventTypeHello:
		l.hello(ev.Request)
	case socketmode.EventTypeErrorBadMessage:
		l.badMessage(socket, ev)
	case socketmode.EventTypeErrorWriteFailed:
		l.log.Warn("slack acknowledgement was not written")
	case socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive, socketmode.EventTypeEventsAPI:
		got := time.Now()
		l.begin(ctx, envelope{ev: ev, got: got, ack: func(payload any) { socket.ack(got, ev.Request.EnvelopeID, payload) }})
	}
	return nil
}

// hello learns which app the connection belongs to, and how many there are.
func (l *listener) hello(r *socketmode.Request) {
	if r == nil {
		return
	}
	l.mu.Lock()
	if l.appID == "" {
		l.appID = r.ConnectionInfo.AppID
	}
	l.mu.Unlock()
	if r.NumConnections > l.opts.Connections {
		l.log.Warn("more connections to Slack than this process has: another daemon, or somebody who has the app-level token, receives a share of all clicks",
			"connections", r.NumConnections, "own", l.opts.Connections)
	}
	l.log.Info("slack connected", "connections", r.NumConnections)
}

// badMessage acknowledges what the library does not understand, so that Slack
// does not send it again and again.
func (l *listener) badMessage(socket link, ev socketmode.Event) {
	bad, ok := ev.Data.(*socketmode.ErrorBadMessage)
	if !ok {
		return
	}
	var r socketmode.Request
	if err := json.Unmarshal(bad.Message, &r); err != nil || r.EnvelopeID == "" {
		l.log.Warn("slack sent what cannot be read", "error", bad.Cause)
		return
	}
	l.log.Warn("slack sent an envelope of an unknown kind; it is acknowledged and left alone", "type", r.Type, "error", bad.Cause)
	socket.ack(time.Now(), r.EnvelopeID, nil)
}

// silent drops the library's own words: they may hold what people wrote, and
// secrets, and what matters comes as an event or an error.
type silent struct{}

func (silent) Output(int, string) error { return nil }
