package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/jitsudo-chat/jitsudo/cmd/jitsudod/internal/config"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// door is one place where the API is served.
type door struct {
	name string
	open func() (net.Listener, error)
}

// doors are what the configuration names.
func doors(s config.Server) []door {
	var all []door
	if s.Socket != "" {
		all = append(all, door{"server.socket", func() (net.Listener, error) { return listenSocket(s.Socket) }})
	}
	if s.Listen != "" {
		all = append(all, door{"server.listen", func() (net.Listener, error) { return listenTCP(s.Listen) }})
	}
	return all
}

func listenTCP(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, engine.Refuse(engine.ErrUnavailable, "%s cannot be listened on: %v.", address, err).WithHint("Is another jitsudod running? Choose another server.listen.")
	}
	return l, nil
}

// listenSocket opens the unix socket for its owner and group. One left behind by
// a daemon that died is replaced, one that somebody answers on is not.
func listenSocket(path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil {
		if info.Mode()&os.ModeSocket == 0 {
			return nil, engine.Refuse(engine.ErrInvalid, "%s is there and is no socket.", path).WithHint("Choose another server.socket.")
		}
		if c, err := net.Dial("unix", path); err == nil {
			_ = c.Close()
			return nil, engine.Refuse(engine.ErrUnavailable, "Another jitsudod answers on %s.", path).WithHint("Stop it first.")
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("remove the old socket: %w", err)
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, engine.Refuse(engine.ErrUnavailable, "The socket %s cannot be made: %v.", path, err).WithHint("Does the folder %s exist, and may jitsudod write there?", filepath.Dir(path))
	}
	// The group decides who may knock; who it is, the kernel says.
	if err := os.Chmod(path, 0o660); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("protect the socket: %w", err)
	}
	return l, nil
}

// serveUntilClosed serves until the server is shut down.
func serveUntilClosed(s *http.Server, l net.Listener) error {
	if err := s.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}

// shutDown lets calls that are being answered finish when ctx ends, and ends
// those that take too long.
func shutDown(ctx context.Context, s *http.Server, log *slog.Logger) error {
	<-ctx.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopFor)
	defer cancel()
	err := s.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		log.Warn("calls were cut off at the stop")
		return s.Close()
	}
	return err
}
