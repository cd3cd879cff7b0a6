package slacksim

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

const maxTraffic = 5_000

// Exchange is one line of the log of all traffic. Tokens, trigger ids and response URLs are masked in it.
type Exchange struct {
	At       time.Time
	Kind     string // api, envelope, ack or hook
	Name     string // the method, or the envelope's type and what is inside
	Request  any    // what was sent, as JSON values
	Response any    // what was answered, for api
	Problem  string // why an acknowledgement counted for nothing
}

// Traffic is the log of all traffic, oldest first, at most the last few thousand exchanges.
func (s *Server) Traffic() []Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.traffic)
}

// Calls counts the calls of a Web API method so far that the log still holds.
func (s *Server) Calls(name string) int {
	n := 0
	for _, e := range s.Traffic() {
		if e.Kind == "api" && e.Name == name {
			n++
		}
	}
	return n
}

// record adds to the log. The lock is held.
func (s *Server) record(e Exchange) {
	e.At = s.now()
	e.Request, e.Response = s.masked(e.Request), s.masked(e.Response)
	if len(s.traffic) >= maxTraffic {
		s.traffic = slices.Delete(s.traffic, 0, maxTraffic/10)
	}
	s.traffic = append(s.traffic, e)
}

// masked is a copy with the secrets taken out, wherever they hide.
func (s *Server) masked(v any) any {
	if v == nil {
		return nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return "(cannot be logged)"
	}
	var out any
	if err := json.Unmarshal(raw, &out); err != nil {
		return "(cannot be logged)"
	}
	return s.mask(out)
}

func (s *Server) mask(v any) any {
	switch v := v.(type) {
	case obj:
		for k, x := range v {
			v[k] = s.mask(x)
			if k == "trigger_id" {
				v[k] = "***"
			}
		}
	case []any:
		for i := range v {
			v[i] = s.mask(v[i])
		}
	case string:
		if strings.Contains(v, "/hooks/") || strings.Contains(v, "ticket=") {
			return "***"
		}
		for _, t := range []string{s.botToken, s.appToken} {
			v = strings.ReplaceAll(v, t, "***")
		}
		return v
	}
	return v
}
