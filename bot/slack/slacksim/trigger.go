package slacksim

import (
	"fmt"
	"time"
)

// trigger lets the app open one modal, soon.
type trigger struct {
	user    UserID
	expires time.Time
	used    bool
}

// newTrigger issues a trigger_id. The lock is held.
func (s *Server) newTrigger(u UserID) string {
	for id, t := range s.triggers { // what is long gone need not be told apart from junk
		if s.now().Sub(t.expires) > time.Hour {
			delete(s.triggers, id)
		}
	}
	id := fmt.Sprintf("%d.%d.%s", 1e12+s.rnd.Int64N(9e12), 1e9+s.rnd.Int64N(9e9), s.secret(32))
	s.triggers[id] = &trigger{user: u, expires: s.now().Add(s.opts.Timing.Trigger)}
	return id
}

// redeem uses a trigger_id up. The lock is held.
func (s *Server) redeem(id string) (UserID, *failure) {
	t := s.triggers[id]
	switch {
	case t == nil:
		return "", fail("invalid_trigger_id")
	case t.used:
		return "", fail("exchanged_trigger_id")
	case s.now().After(t.expires):
		return "", fail("expired_trigger_id")
	}
	t.used = true
	return t.user, nil
}
