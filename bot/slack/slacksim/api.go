package slacksim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// method is one Web API method. Its run function is called with the lock held.
type method struct {
	scope string // needed on the bot token; empty: none
	tier  int    // calls a minute with EnforceTiers; 0: special
	app   bool   // wants the app-level token instead of the bot's
	run   func(*Server, *call) (obj, *failure)
}

func methodTable() map[string]method {
	const t2, t3, t4 = 20, 50, 100
	return map[string]method{
		"auth.test":             {run: (*Server).authTest},
		"apps.connections.open": {run: (*Server).connectionsOpen, app: true, tier: t3},
		"team.info":             {run: (*Server).teamInfo, scope: "team:read", tier: t3},
		"bots.info":             {run: (*Server).botsInfo, scope: "users:read", tier: t3},
		"blocks.validate":       {run: (*Server).blocksValidate},

		"chat.postMessage":   {run: (*Server).chatPost, scope: "chat:write"},
		"chat.postEphemeral": {run: (*Server).chatPostEphemeral, scope: "chat:write", tier: t4},
		"chat.update":        {run: (*Server).chatUpdate, scope: "chat:write", tier: t3},
		"chat.delete":        {run: (*Server).chatDelete, scope: "chat:write", tier: t3},
		"chat.getPermalink":  {run: (*Server).chatPermalink},
		"reactions.add":      {run: (*Server).reactionsAdd, scope: "reactions:write", tier: t3},
		"reactions.remove":   {run: (*Server).reactionsRemove, scope: "reactions:write", tier: t2},

		"conversations.open":    {run: (*Server).conversationsOpen, scope: "im:write", tier: t3},
		"conversations.info":    {run: (*Server).conversationsInfo, tier: t3},
		"conversations.members": {run: (*Server).conversationsMembers, tier: t4},
		"conversations.list":    {run: (*Server).conversationsList, tier: t2},
		"conversations.join":    {run: (*Server).conversationsJoin, scope: "channels:join", tier: t3},
		"conversations.history": {run: (*Server).conversationsHistory, tier: t3},
		"conversations.replies": {run: (*Server).conversationsReplies, tier: t3},

		"users.info":            {run: (*Server).usersInfo, scope: "users:read", tier: t4},
		"users.list":            {run: (*Server).usersList, scope: "users:read", tier: t2},
		"users.lookupByEmail":   {run: (*Server).usersByEmail, scope: "users:read.email", tier: t3},
		"usergroups.list":       {run: (*Server).usergroupsList, scope: "usergroups:read", tier: t2},
		"usergroups.users.list": {run: (*Server).usergroupsUsers, scope: "usergroups:read", tier: t2},

		"views.open":    {run: (*Server).viewsOpen, tier: t4},
		"views.push":    {run: (*Server).viewsPush, tier: t4},
		"views.update":  {run: (*Server).viewsUpdate, tier: t4},
		"views.publish": {run: (*Server).viewsPublish, tier: t4},
	}
}

// BotHandler is the side that the app's clients talk to. It ignores Origin.
func (s *Server) BotHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", s.serveAPI)
	mux.HandleFunc("GET /link", s.serveLink)
	mux.HandleFunc("GET /link/", s.serveLink)
	mux.HandleFunc("POST /hooks/", s.serveHook)
	return s.throughOutage(mux)
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	c, f := readCall(r)
	if s.applyFault(w, r, s.apiFault(c.method)) {
		return
	}
	s.mu.Lock()
	var out obj
	wait := time.Duration(0)
	if f == nil {
		wait, f = s.admit(c)
	}
	if f == nil {
		out, f = s.methods[c.method].run(s, c)
	}
	provided := s.scopesOf(c)
	if f != nil {
		out = f.body()
	} else {
		out["ok"] = true
	}
	s.record(Exchange{Kind: "api", Name: c.method, Request: c.args, Response: out})
	body, err := json.Marshal(out)
	s.mu.Unlock()
	if err != nil {
		http.Error(w, "<html><body>Internal error</body></html>", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-OAuth-Scopes", provided)
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		w.WriteHeader(http.StatusTooManyRequests)
	}
	_, _ = w.Write(body)
}

// admit checks what is checked before any method runs: rate, method name, token, kind of token, scope. A wait above
// zero is a 429.
func (s *Server) admit(c *call) (time.Duration, *failure) {
	m, known := s.methods[c.method]
	if !known {
		return 0, fail("unknown_method")
	}
	if f := s.checkToken(c, m); f != nil {
		return 0, f
	}
	if m.scope != "" && !s.hasScope(m.scope) {
		return 0, s.missingScope(m.scope)
	}
	if wait := s.rateLimit(c, m); wait > 0 {
		return wait, fail("ratelimited")
	}
	return 0, nil
}

func (s *Server) checkToken(c *call, m method) *failure {
	switch {
	case c.token == "":
		return fail("not_authed")
	case c.token != s.botToken && c.token != s.appToken:
		return fail("invalid_auth")
	case s.revoked:
		return fail("token_revoked")
	case m.app != (c.token == s.appToken):
		return fail("not_allowed_token_type")
	case s.users[s.opts.App.BotUser].Deleted:
		return fail("account_inactive")
	}
	return nil
}

func (s *Server) hasScope(scope string) bool { return slices.Contains(s.opts.App.Scopes, scope) }

func (s *Server) missingScope(scope string) *failure {
	return &failure{code: "missing_scope", needed: scope, provided: strings.Join(s.opts.App.Scopes, ",")}
}

func (s *Server) scopesOf(c *call) string {
	if c.token == s.appToken {
		return "connections:write"
	}
	return strings.Join(s.opts.App.Scopes, ",")
}
