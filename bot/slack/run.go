package slack

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jitsudo-chat/jitsudo/bot"
)

const (
	// handleFor bounds the work for one envelope.
	handleFor = 25 * time.Second
	// finishIn is what a stop leaves to the work that has begun. What is not done
	// then is broken off, and has breakOff to notice.
	finishIn = 3 * time.Second
	breakOff = time.Second
	// written is when the library has surely written what it took over.
	written = 100 * time.Millisecond
	// atOnce bounds the envelopes that are worked on at a time.
	atOnce = 64
)

// Run keeps the connections open and hands what people want to the desk. It
// returns nil within a few seconds of the end of ctx, whatever hangs: what was
// under way may finish, and answer, within finishIn. Losing Slack is no reason to
// return, because access goes on ending without it.
func (c *Client) Run(ctx context.Context, desk *bot.Desk) error {
	// The connections and the work live on for a while when ctx has ended.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	l := &listener{Client: c, desk: desk, slots: make(chan struct{}, atOnce), stopping: ctx.Done()}
	var connections sync.WaitGroup
	for n := range c.opts.Connections {
		connections.Go(func() { l.keepConnected(life, n) })
	}
	<-ctx.Done()
	l.stop()
	if within(finishIn, &l.work) {
		time.Sleep(time.Until(l.lastAck().Add(written)))
	} else {
		l.log.Warn("the work for Slack takes too long for a stop, and is broken off")
	}
	end()
	if !within(breakOff, &l.work, &connections) {
		l.log.Error("some of the work for Slack does not end; it is left behind")
	}
	return nil
}

// within waits for all the groups, but not longer than d; it reports whether
// they were done.
func within(d time.Duration, groups ...*sync.WaitGroup) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, g := range groups {
			g.Wait()
		}
	}()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-done:
		return true
	case <-t.C:
		return false
	}
}

// listener is one Run.
type listener struct {
	*Client
	desk     *bot.Desk
	slots    chan struct{}
	stopping <-chan struct{} // closed when Run is to end

	gate    sync.Mutex // of what follows
	stopped bool       // nothing begins any more
	work    sync.WaitGroup
	acked   time.Time // when something was last acknowledged
}

// stop keeps anything more from beginning.
func (l *listener) stop() {
	l.gate.Lock()
	defer l.gate.Unlock()
	l.stopped = true
}

func (l *listener) lastAck() time.Time {
	l.gate.Lock()
	defer l.gate.Unlock()
	return l.acked
}

// begin works on an envelope in a goroutine of its own, which Run waits for.
// What comes after the stop is left alone: the person sees that it did not work.
func (l *listener) begin(ctx context.Context, e envelope) {
	l.gate.Lock()
	defer l.gate.Unlock()
	if l.stopped {
		return
	}
	select {
	case l.slots <- struct{}{}:
	default:
		// Flooded: the person sees that it did not work, and nothing happens.
		l.log.Error("slack sends more than can be worked on; an envelope is dropped")
		return
	}
	l.work.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, handleFor)
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
