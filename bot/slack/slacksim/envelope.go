package slacksim

import (
	"encoding/json"
	"time"
)

// delivery is one envelope on its way. A failure of an interactive one is what its person sees; none of those is sent
// again. Events are.
type delivery struct {
	id      string
	kind    string // slash_commands, interactive, events_api
	name    string // what is inside, for the log
	payload obj
	accepts bool
	extra   obj // retry_attempt and retry_reason
	conn    *conn
	timer   *time.Timer
	onEnd   func(ack obj, code string) // with the lock held; code is empty when it was acknowledged
	done    chan struct{}
	code    string
}

// deliver hands an envelope to one connection and starts the clock. The lock is held.
func (s *Server) deliver(d *delivery) *delivery {
	d.id, d.done = s.uuid(), make(chan struct{})
	s.deliveries[d.id] = d
	var f EnvelopeFault
	if s.opts.Faults.Envelope != nil {
		f = s.opts.Faults.Envelope(d.kind)
	}
	d.timer = s.after(s.opts.Timing.Ack, func() { s.finish(d, nil, "operation_timeout") })
	switch {
	case f.Lose:
		s.log(d, "lost")
	case f.Delay > 0:
		s.after(f.Delay, func() { s.push(d) })
	default:
		s.push(d)
	}
	if f.Duplicate {
		s.duplicate(d)
	}
	s.touch()
	return d
}

// duplicate sends the same payload under another envelope id; its acknowledgement has no effect.
func (s *Server) duplicate(d *delivery) {
	c := *d
	c.id, c.done, c.onEnd = s.uuid(), make(chan struct{}), nil
	s.deliveries[c.id] = &c
	c.timer = s.after(s.opts.Timing.Ack, func() { s.finish(&c, nil, "operation_timeout") })
	s.push(&c)
}

func (s *Server) push(d *delivery) {
	free := s.ready()
	if len(free) == 0 {
		s.log(d, "no connection")
		s.finish(d, nil, "dispatch_failed")
		return
	}
	d.conn = free[s.rnd.IntN(len(free))]
	env := obj{"envelope_id": d.id, "type": d.kind, "payload": d.payload, "accepts_response_payload": d.accepts}
	for k, v := range d.extra {
		env[k] = v
	}
	s.log(d, "")
	d.conn.send(env, false)
}

func (s *Server) log(d *delivery, problem string) {
	s.record(Exchange{Kind: "envelope", Name: d.kind + " " + d.name, Request: d.payload, Problem: problem})
}

// finish ends a delivery, once. The lock is held.
func (s *Server) finish(d *delivery, ack obj, code string) {
	if s.deliveries[d.id] != d {
		return
	}
	delete(s.deliveries, d.id)
	s.cancel(d.timer)
	d.code = code
	if d.onEnd != nil {
		d.onEnd(ack, code)
	}
	close(d.done)
	s.touch()
}

// takeAck matches an acknowledgement to its envelope. One that is too large, late, or of another connection counts for
// nothing.
func (s *Server) takeAck(c *conn, body []byte) {
	var in struct {
		Envelope string `json:"envelope_id"`
		Payload  any    `json:"payload"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := Exchange{Kind: "ack", Name: "unknown"}
	defer func() { s.record(e) }()
	if err := json.Unmarshal(body, &in); err != nil {
		e.Problem = "not JSON"
		return
	}
	d := s.deliveries[in.Envelope]
	e.Request = in.Payload
	switch {
	case d == nil:
		e.Problem = "late, repeated or unknown"
		return
	case len(body) >= maxAck:
		e.Name, e.Problem, e.Request = d.kind+" "+d.name, "too large", nil
		return
	case d.conn != c && !s.opts.AckAnywhere:
		e.Name, e.Problem = d.kind+" "+d.name, "from another connection"
		return
	}
	e.Name = d.kind + " " + d.name
	ack, isObj := in.Payload.(obj)
	if in.Payload != nil && !isObj {
		e.Problem = "payload is not an object"
		ack = obj{"": in.Payload}
	}
	s.finish(d, ack, "")
}
