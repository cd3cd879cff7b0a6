package slacksim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"
)

// obj is a JSON object on the wire.
type obj = map[string]any

// Server is one simulated workspace with one app. All methods may be called from any goroutine.
type Server struct {
	opts    Options
	rules   *rules
	methods map[string]method

	mu      sync.Mutex
	rnd     *rand.Rand
	base    string // address of the bot's side, as clients reach it
	version int64
	changed chan struct{} // closed and replaced at every change
	closed  bool
	timers  map[*time.Timer]struct{}
	lastTS  int64

	world
	wire
}

// world is what the people of the workspace can see.
type world struct {
	users    map[UserID]*User
	people   []UserID // in the order of the options
	channels map[string]*channel
	order    []string
	groups   []*Usergroup
	views    map[string]*view
	stacks   map[UserID][]*view
	homes    map[UserID]*view
	picks    map[string]obj // what a person chose in a message, by pickKey
	warnings map[UserID][]Warning
}

// wire is what connects the world to the app.
type wire struct {
	botToken, appToken string
	revoked            bool
	linkDisabled       bool
	tickets            map[string]time.Time
	conns              []*conn
	deliveries         map[string]*delivery
	triggers           map[string]*trigger
	hooks              map[string]*hook
	limited            map[string]*limit
	calls              map[string][]time.Time // for EnforceTiers
	failing            map[UserID]string      // users.info errors on purpose
	outage             Outage
	traffic            []Exchange
}

// New makes a simulated workspace. It does not listen anywhere by itself: see Run, BotHandler and WebHandler.
func New(o Options) (*Server, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	r, err := newRules()
	if err != nil {
		return nil, fmt.Errorf("slack simulator: block rules: %w", err)
	}
	seed := o.Seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	s := &Server{
		opts: o, rules: r, methods: methodTable(),
		rnd: rand.New(rand.NewPCG(seed, 0x51ac)), base: o.PublicURL,
		changed: make(chan struct{}), timers: map[*time.Timer]struct{}{},
		world: newWorld(o), wire: newWire(),
	}
	s.botToken = "xoxb-sim-" + s.secret(24)
	s.appToken = "xapp-sim-" + s.secret(24)
	return s, nil
}

func newWorld(o Options) world {
	w := world{
		users: map[UserID]*User{}, channels: map[string]*channel{}, views: map[string]*view{},
		stacks: map[UserID][]*view{}, homes: map[UserID]*view{}, picks: map[string]obj{}, warnings: map[UserID][]Warning{},
	}
	for _, u := range o.People {
		if u.TeamID == "" {
			u.TeamID = o.Team.ID
		}
		w.users[u.ID] = &u
		w.people = append(w.people, u.ID)
	}
	for _, c := range o.Channels {
		c.Members = append([]UserID{}, c.Members...)
		w.channels[c.ID] = &channel{Channel: c}
		w.order = append(w.order, c.ID)
	}
	for _, g := range o.Usergroups {
		g.Members = append([]UserID{}, g.Members...)
		w.groups = append(w.groups, &g)
	}
	return w
}

func newWire() wire {
	return wire{
		tickets: map[string]time.Time{}, deliveries: map[string]*delivery{}, triggers: map[string]*trigger{},
		hooks: map[string]*hook{}, limited: map[string]*limit{}, calls: map[string][]time.Time{}, failing: map[UserID]string{},
	}
}

// BotToken is the bot's token, made up by the simulator.
func (s *Server) BotToken() string { return s.botToken }

// AppToken is the app-level token, made up by the simulator.
func (s *Server) AppToken() string { return s.appToken }

// Run serves the bot's side and the web side until ctx ends, then closes both. A nil web listener leaves the page out.
func (s *Server) Run(ctx context.Context, bot, web net.Listener) error {
	s.mu.Lock()
	if s.base == "" {
		s.base = "http://" + bot.Addr().String()
	}
	s.mu.Unlock()
	servers := []*http.Server{newHTTP(s.BotHandler())}
	listeners := []net.Listener{bot}
	if web != nil {
		servers, listeners = append(servers, newHTTP(s.WebHandler())), append(listeners, web)
	}
	ends := make(chan error, len(servers))
	for i := range servers {
		go func() { ends <- servers[i].Serve(listeners[i]) }()
	}
	var first error
	waiting := len(servers)
	select {
	case <-ctx.Done():
	case first = <-ends:
		waiting--
	}
	s.Close()
	for _, srv := range servers {
		first = errors.Join(first, srv.Close())
	}
	for range waiting {
		if err := <-ends; !errors.Is(err, http.ErrServerClosed) {
			first = errors.Join(first, err)
		}
	}
	return first
}

func newHTTP(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
}

// Close drops every connection and stops every timer. The handlers answer 503 afterwards.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	for t := range s.timers {
		t.Stop()
	}
	clear(s.timers)
	for _, c := range s.conns {
		c.drop()
	}
	for _, d := range s.deliveries {
		s.finish(d, nil, "dispatch_failed")
	}
	s.touch()
}

// touch tells everybody who waits that something has changed. The lock is held.
func (s *Server) touch() {
	s.version++
	close(s.changed)
	s.changed = make(chan struct{})
}

// Wait blocks until cond holds, looking again at every change of the workspace. It returns the context's error if that
// ends first.
func (s *Server) Wait(ctx context.Context, cond func() bool) error {
	for {
		s.mu.Lock()
		ch := s.changed
		s.mu.Unlock()
		if cond() {
			return nil
		}
		select {
		case <-ch:
		case <-ctx.Done():
			return fmt.Errorf("wait for slack simulator: %w", ctx.Err())
		}
	}
}

// after runs f under the lock once d has passed, unless the server has been closed. The lock is held.
func (s *Server) after(d time.Duration, f func()) *time.Timer {
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, live := s.timers[t]; !live || s.closed {
			return
		}
		delete(s.timers, t)
		f()
	})
	s.timers[t] = struct{}{}
	return t
}

// cancel stops a timer of after. The lock is held.
func (s *Server) cancel(t *time.Timer) {
	if t != nil {
		t.Stop()
		delete(s.timers, t)
	}
}
