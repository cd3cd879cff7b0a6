package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/jitsudo-chat/jitsudo/cmd/jitsudod/internal/config"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// listen opens what the configuration names.
func listen(s config.Server) (all []net.Listener, err error) {
	defer func() {
		if err != nil {
			closeAll(all)
		}
	}()
	if s.Socket != "" {
		l, err := listenSocket(s.Socket)
		if err != nil {
			return all, err
		}
		all = append(all, l)
	}
	if s.Listen != "" {
		l, err := net.Listen("tcp", s.Listen)
		if err != nil {
			return all, engine.Refuse(engine.ErrUnavailable, "%s cannot be listened on: %v.", s.Listen, err).WithHint("Is another jitsudod running? Choose another server.listen.")
		}
		all = append(all, l)
	}
	return all, nil
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

func closeAll(all []net.Listener) {
	for _, l := range all {
		_ = l.Close()
	}
}

// serveUntilClosed serves until the server is shut down.
func serveUntilClosed(s *http.Server, l net.Listener) error {
	if err := s.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}

// shutDown lets calls that are being answered finish when ctx ends.
func shutDown(ctx context.Context, s *http.Server) error {
	<-ctx.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopFor)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		return errors.Join(err, s.Close())
	}
	return nil
}
