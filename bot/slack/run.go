package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	sdk "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/jitsudo-chat/jitsudo/bot"
)

const (
	// handleFor bounds the work for one envelope, also past the end of Run.
	handleFor = 25 * time.Second
	// Reconnecting waits between these, doubling and varied, so that a Slack that
	// comes back is used within seconds. The library's own waiting grows to minutes.
	reconnectMin = 500 * time.Millisecond
	reconnectMax = 15 * time.Second
	// mendWait is the wait after an error that somebody has to mend.
	mendWait = time.Minute
	// steady is how long a connection must have lived to count as having worked.
	steady = 10 * time.Second
	// atOnce bounds the envelopes that are worked on at a time.
	atOnce = 64
)

// Run keeps the connections open and hands what people want to the desk. It
// returns nil when ctx ends, after what was under way has been finished; losing
// Slack is no reason to return, because access goes on ending without it.
func (c *Client) Run(ctx context.Context, desk *bot.Desk) error {
	l := &listener{Client: c, desk: desk, slots: make(chan struct{}, atOnce)}
	var connections sync.WaitGroup
	for n := range c.opts.Connections {
		connections.Go(func() { l.keepConnected(ctx, n) })
	}
	connections.Wait()
	l.work.Wait()
	return nil
}

// listener is one Run.
type listener struct {
	*Client
	desk  *bot.Desk
	work  sync.WaitGroup
	slots chan struct{}
}

// keepConnected keeps one connection open until ctx ends.
func (l *listener) keepConnected(ctx context.Context, n int) {
	wait := reconnectMin
	for ctx.Err() == nil {
		began := time.Now()
		err := l.connect(ctx)
		if ctx.Err() != nil {
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
		sleep(ctx, pause)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// connect opens one connection and works off what comes until it is lost for
// good. The library reconnects by itself when Slack asks for it.
func (l *listener) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	socket := socketmode.New(l.api, socketmode.OptionReadLimit(1<<20), socketmode.OptionLog(silent{l.log}))
	ended := make(chan error, 1)
	var running sync.WaitGroup
	running.Go(func() { ended <- socket.RunContext(ctx) })
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
func (l *listener) event(ctx context.Context, socket *socketmode.Client, ev socketmode.Event) error {
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
		l.begin(ctx, envelope{ev: ev, got: time.Now(), ack: func(payload any) {
			if err := acknowledge(socket, *ev.Request, payload); err != nil {
				l.log.Error("slack acknowledgement", "error", err)
			}
		}})
	}
	return nil
}

func acknowledge(socket *socketmode.Client, r socketmode.Request, payload any) error {
	if payload == nil {
		return socket.Ack(r)
	}
	return socket.Ack(r, payload)
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
func (l *listener) badMessage(socket *socketmode.Client, ev socketmode.Event) {
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
	if err := acknowledge(socket, r, nil); err != nil {
		l.log.Error("slack acknowledgement", "error", err)
	}
}

// begin works on an envelope in a goroutine of its own, which Run waits for.
func (l *listener) begin(ctx context.Context, e envelope) {
	select {
	case l.slots <- struct{}{}:
	default:
		// Flooded: the person sees that it did not work, and nothing happens.
		l.log.Error("slack sends more than can be worked on; an envelope is dropped")
		return
	}
	// A stop lets finish what has begun.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleFor)
	l.work.Go(func() {
		defer func() { <-l.slots }()
		defer cancel()
		defer func() {
			if p := recover(); p != nil {
				l.log.Error("slack envelope", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			}
		}()
		l.handle(ctx, e)
	})
}

// silent hands the library's own words to the log; they may hold what people
// wrote, so they are for debugging only.
type silent struct{ log *slog.Logger }

func (s silent) Output(_ int, line string) error {
	s.log.Debug("slack library", "says", line)
	return nil
}
