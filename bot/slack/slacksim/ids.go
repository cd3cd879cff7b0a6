package slacksim

import (
	"fmt"
	"time"
)

// secret is n characters that nobody guesses (or, with a seed, that come out the same each time). The lock is held.
func (s *Server) secret(n int) string { return s.letters(n, "abcdefghijklmnopqrstuvwxyz0123456789") }

// newID is an ID in Slack's form: a capital letter and ten characters. The lock is held.
func (s *Server) newID(prefix string) string {
	return prefix + "0" + s.letters(9, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
}

func (s *Server) letters(n int, alphabet string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[s.rnd.IntN(len(alphabet))]
	}
	return string(b)
}

// uuid is an envelope's or ticket's id. The lock is held.
func (s *Server) uuid() string {
	hex := func(n int) string { return s.letters(n, "0123456789abcdef") }
	return fmt.Sprintf("%s-%s-4%s-8%s-%s", hex(8), hex(4), hex(3), hex(3), hex(12))
}

// newTS is a message id: seconds and six decimals, strictly growing. The lock is held.
func (s *Server) newTS() string {
	us := s.opts.Now().UnixMicro()
	if us <= s.lastTS {
		us = s.lastTS + 1
	}
	s.lastTS = us
	return formatTS(us)
}

func formatTS(us int64) string { return fmt.Sprintf("%d.%06d", us/1e6, us%1e6) }

// hash is a view's version. The lock is held.
func (s *Server) hash() string {
	return fmt.Sprintf("%d.%s", s.opts.Now().Unix(), s.secret(8))
}

func (s *Server) now() time.Time { return s.opts.Now() }
