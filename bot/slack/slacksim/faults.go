package slacksim

import (
	"net/http"
	"time"
)

// Faults is asked before each API call and each envelope what shall go wrong. A nil function, or a zero answer, is no
// fault.
type Faults struct {
	API      func(method string) Fault
	Envelope func(kind string) EnvelopeFault
}

// Fault is what happens to one API call.
type Fault struct {
	Delay  time.Duration // before anything else
	Status int           // answer this status with an HTML body instead
	HangUp bool          // close the connection without an answer
}

// EnvelopeFault is what happens to one envelope.
type EnvelopeFault struct {
	Delay     time.Duration // before it is sent
	Lose      bool          // it is never sent; the person sees the timeout
	Duplicate bool          // it is sent twice, under two envelope ids
}

// SetFaults replaces the faults.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.Faults = f
}

// Outage says how the bot's side fails as a whole.
type Outage int

const (
	// Up is no outage.
	Up Outage = iota
	// Unavailable answers HTTP 503 with an HTML body.
	Unavailable
	// HangingUp closes every connection without an answer.
	HangingUp
)

// SetOutage takes the bot's side down, dropping all its connections, or brings it back.
func (s *Server) SetOutage(o Outage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outage = o
	if o != Up {
		for _, c := range s.conns {
			c.drop()
		}
	}
	s.touch()
}

func (s *Server) throughOutage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		o := s.outage
		if s.closed {
			o = Unavailable
		}
		s.mu.Unlock()
		switch o {
		case Unavailable:
			s.applyFault(w, r, Fault{Status: http.StatusServiceUnavailable})
		case HangingUp:
			s.applyFault(w, r, Fault{HangUp: true})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (s *Server) apiFault(name string) Fault {
	s.mu.Lock()
	f := s.opts.Faults.API
	s.mu.Unlock()
	if f == nil {
		return Fault{}
	}
	return f(name)
}

// applyFault reports whether the request has been dealt with.
func (s *Server) applyFault(w http.ResponseWriter, r *http.Request, f Fault) bool {
	if f.Delay > 0 {
		t := time.NewTimer(f.Delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
		}
	}
	switch {
	case f.HangUp:
		panic(http.ErrAbortHandler) // the one way to end a connection without an answer
	case f.Status != 0:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte("<!DOCTYPE html><html><body>Something went wrong</body></html>"))
		return true
	}
	return false
}
