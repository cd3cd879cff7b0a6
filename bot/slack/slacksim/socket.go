package slacksim

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	maxConns   = 10
	ticketLife = 30 * time.Second
	maxAck     = 20_480 // an acknowledgement of this size or more is ignored
)

// conn is one Socket Mode connection.
type conn struct {
	ws       *websocket.Conn
	out      chan frame
	gone     chan struct{}
	once     sync.Once
	draining bool // gets no more envelopes
	age      *time.Timer
}

type frame struct {
	body []byte
	last bool // close the connection after it
}

// drop ends the connection at once, without a close frame.
func (c *conn) drop() {
	c.once.Do(func() {
		close(c.gone)
		_ = c.ws.UnderlyingConn().Close()
	})
}

// send queues a frame; a connection that does not take its frames is dropped.
func (c *conn) send(v any, last bool) bool {
	body, err := json.Marshal(v)
	if err != nil {
		return false
	}
	select {
	case c.out <- frame{body: body, last: last}:
		return true
	default:
		c.drop()
		return false
	}
}

func (s *Server) serveLink(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	issued, known := s.tickets[ticket]
	delete(s.tickets, ticket)
	fresh := known && s.now().Sub(issued) <= ticketLife
	s.mu.Unlock()
	if !fresh {
		http.Error(w, "unknown or used ticket", http.StatusForbidden)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	c := &conn{ws: ws, out: make(chan frame, 256), gone: make(chan struct{})}
	life := s.opts.Timing.ConnectionLife
	if r.URL.Query().Get("debug_reconnects") == "true" {
		life = min(life, 360*time.Second)
	}
	s.join(c, life)
	var writer sync.WaitGroup
	writer.Go(func() { c.write(s.opts.Timing.Ping) })
	s.readAcks(c)
	c.drop()
	writer.Wait()
	s.leave(c)
}

// join greets a connection, or turns it away when there are ten already.
func (s *Server) join(c *conn, life time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.outage != Up {
		c.drop()
		return
	}
	if len(s.conns) >= maxConns {
		c.draining = true
		c.send(disconnectMessage("too_many_websockets"), true)
		return
	}
	s.conns = append(s.conns, c)
	c.age = s.after(life, func() { s.disconnect(c, "refresh_requested") })
	c.send(obj{
		"type": "hello", "num_connections": len(s.conns), "connection_info": obj{"app_id": s.opts.App.ID},
		"debug_info": obj{"host": "applink-sim", "build_number": 1, "approximate_connection_time": int(life / time.Second)},
	}, false)
	s.touch()
}

func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancel(c.age)
	s.conns = slices.DeleteFunc(s.conns, func(x *conn) bool { return x == c })
	s.touch()
}

// write sends frames and pings until the connection is gone.
func (c *conn) write(every time.Duration) {
	ping := time.NewTicker(every)
	defer ping.Stop()
	for {
		var err error
		select {
		case <-c.gone:
			return
		case f := <-c.out:
			err = c.ws.WriteMessage(websocket.TextMessage, f.body)
			if f.last {
				_ = c.ws.WriteControl(websocket.CloseMessage, nil, time.Now().Add(time.Second))
				c.drop()
			}
		case <-ping.C:
			err = c.ws.WriteControl(websocket.PingMessage, []byte("ping"), time.Now().Add(every))
		}
		if err != nil {
			c.drop()
			return
		}
	}
}

// readAcks takes acknowledgements until the connection ends. A client that leaves six pings unanswered is gone.
func (s *Server) readAcks(c *conn) {
	c.ws.SetReadLimit(maxBody)
	patience := 6 * s.opts.Timing.Ping
	alive := func() { _ = c.ws.SetReadDeadline(time.Now().Add(patience)) }
	alive()
	c.ws.SetPongHandler(func(string) error { alive(); return nil })
	for {
		kind, body, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		alive()
		if kind == websocket.TextMessage {
			s.takeAck(c, body)
		}
	}
}

func disconnectMessage(reason string) obj {
	return obj{"type": "disconnect", "reason": reason, "debug_info": obj{"host": "applink-sim"}}
}

// disconnect tells one connection to go and closes it when it has had time to. The lock is held.
func (s *Server) disconnect(c *conn, reason string) {
	c.draining = true
	now := reason == "link_disabled"
	c.send(disconnectMessage(reason), now)
	if !now {
		s.after(s.opts.Timing.Notice, c.drop)
	}
	s.touch()
}

// Disconnect tells every open connection to go, for the reason "warning", "refresh_requested" or "link_disabled". With
// the last one, Socket Mode stays off until EnableSocketMode. It returns how many connections were told.
func (s *Server) Disconnect(reason string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if reason == "link_disabled" {
		s.linkDisabled = true
	}
	n := 0
	for _, c := range s.conns {
		if !c.draining {
			s.disconnect(c, reason)
			n++
		}
	}
	return n
}

// DisconnectOne tells the oldest open connection to go. It reports whether there was one.
func (s *Server) DisconnectOne(reason string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		if !c.draining {
			s.disconnect(c, reason)
			return true
		}
	}
	return false
}

// EnableSocketMode undoes a disconnect for link_disabled.
func (s *Server) EnableSocketMode() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.linkDisabled = false
}

// Connections is how many Socket Mode connections would take an envelope now.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ready())
}

func (s *Server) ready() []*conn {
	var free []*conn
	for _, c := range s.conns {
		if !c.draining {
			free = append(free, c)
		}
	}
	return free
}
