package httpapi

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

// Peer is the process at the other end of a unix socket.
type Peer struct {
	UID uint32
	PID int32 // for the log; it may be gone already
}

type (
	peerKey    struct{}
	closingKey struct{}
)

// PeerOf returns the process that a call came from; false when it did not come
// over a unix socket.
func PeerOf(ctx context.Context) (Peer, bool) {
	p, ok := ctx.Value(peerKey{}).(Peer)
	return p, ok
}

// PeerConn is an http.Server's ConnContext: it remembers who the kernel says is
// at the other end of a unix socket. Where the kernel says nothing, the caller
// counts as one from the network.
func PeerConn(ctx context.Context, c net.Conn) context.Context {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return ctx
	}
	p, err := credentials(u)
	if err != nil {
		return ctx
	}
	return context.WithValue(ctx, peerKey{}, p)
}

// Server returns a server for the API with the bounds of a call set. Its
// Shutdown lets callers who wait for a change go at once.
func Server(h http.Handler, log *slog.Logger) *http.Server {
	closing, stop := context.WithCancel(context.Background())
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      wire.MaxWait + 15*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ConnContext:       PeerConn,
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.Background(), closingKey{}, closing)
		},
	}
	if log != nil {
		s.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	}
	s.RegisterOnShutdown(stop)
	return s
}

// patient returns a context for a call that waits: it ends after d, when the
// caller goes away, or when the server shuts down.
func (c *call) patient(d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(c.ctx(), d)
	if closing, ok := ctx.Value(closingKey{}).(context.Context); ok {
		stop := context.AfterFunc(closing, cancel)
		return ctx, func() { stop(); cancel() }
	}
	return ctx, cancel
}
