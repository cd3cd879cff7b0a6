package slacksim

import "time"

// limit makes the next calls of a method answer 429.
type limit struct {
	left  int
	after time.Duration
}

// RateLimit makes the next n calls of a method answer HTTP 429 with Retry-After (rounded up to seconds). The method "*"
// means any.
func (s *Server) RateLimit(name string, n int, after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limited[name] = &limit{left: n, after: after}
}

func (s *Server) rateLimit(c *call, m method) time.Duration {
	for _, name := range []string{c.method, "*"} {
		if l := s.limited[name]; l != nil && l.left > 0 {
			l.left--
			return max(l.after, time.Second)
		}
	}
	if !s.opts.EnforceTiers {
		return 0
	}
	if c.method == "chat.postMessage" { // one a second and channel, with short bursts
		return s.window("post "+c.str("channel"), 5, 5*time.Second)
	}
	if m.tier == 0 {
		return 0
	}
	return s.window(c.method, m.tier, time.Minute)
}

// window counts a call under key and says how long to wait if there were n within the span already.
func (s *Server) window(key string, n int, span time.Duration) time.Duration {
	now := s.now()
	recent := s.calls[key][:0]
	for _, at := range s.calls[key] {
		if now.Sub(at) < span {
			recent = append(recent, at)
		}
	}
	s.calls[key] = recent
	if len(recent) >= n {
		return max(span-now.Sub(recent[0]), time.Second)
	}
	s.calls[key] = append(recent, now)
	return 0
}
