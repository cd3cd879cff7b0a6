package httpapi

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

// identify says who calls. A header can show a token; it can never name a person.
func (a *api) identify(r *http.Request) (engine.Actor, error) {
	principal, account, err := a.recognise(r)
	if err != nil {
		a.turnAway(r, account, err)
		return engine.Actor{}, err
	}
	via := engine.ViaAPI
	if r.Header.Get(wire.HeaderVia) == string(engine.ViaCLI) {
		via = engine.ViaCLI
	}
	actor, err := a.Engine.Identify(r.Context(), principal, via, account)
	if errors.Is(err, engine.ErrForbidden) {
		a.turnAway(r, account, err)
	}
	return actor, err
}

// turnAway logs and puts on record that somebody showed what does not count, also
// when they have hung up meanwhile. Who showed nothing at all is no account, and
// is only told to log in. Nothing of what was shown is kept.
func (a *api) turnAway(r *http.Request, account engine.Account, why error) {
	if account.System == "" {
		return
	}
	a.Log.Warn("caller turned away", "from", r.RemoteAddr, "by", account.System, "subject", account.Subject, "reason", why)
	ctx := context.WithoutCancel(r.Context())
	who := engine.Actor{Via: engine.ViaAPI, Account: account}
	if err := a.Engine.Refused(ctx, who, "", engine.Explain(why)); err != nil {
		a.Log.Error("record refusal", "error", err)
	}
}

func (a *api) recognise(r *http.Request) (string, engine.Account, error) {
	if values := r.Header.Values("Authorization"); len(values) > 0 {
		return a.byToken(values)
	}
	peer, onSocket := PeerOf(r.Context())
	if !onSocket {
		return "", engine.Account{}, unauthenticated("You are not logged in.", "Give a token with --token or JITSUDO_TOKEN.")
	}
	uid := strconv.FormatUint(uint64(peer.UID), 10)
	host, _ := os.Hostname() // for the record only
	account := engine.Account{System: "unix", Realm: host, Subject: uid}
	if a.Local == nil {
		return "", account, unauthenticated("Nobody is known here by their user on this machine.", "Give a token with --token or JITSUDO_TOKEN.")
	}
	principal, err := a.Local(peer.UID)
	if err != nil {
		a.Log.Warn("local user not known", "uid", peer.UID, "pid", peer.PID, "error", err)
		return "", account, unauthenticated("jitsudo does not know who user "+uid+" of this machine is.", "Whoever runs jitsudo can add them to auth.local.users.")
	}
	return principal, account, nil
}

func (a *api) byToken(values []string) (string, engine.Account, error) {
	shown := engine.Account{System: "token"}
	kind, value, _ := strings.Cut(values[0], " ")
	if len(values) != 1 || !strings.EqualFold(kind, "Bearer") {
		return "", shown, unauthenticated("The Authorization header holds no bearer token.", "Send Authorization: Bearer jsu_….")
	}
	t, ok := a.Tokens.find(value, a.Now())
	if !ok {
		shown.Subject = t.Name // one that has ended is known by name
		return "", shown, unauthenticated("The token is not valid.", "Check --token or JITSUDO_TOKEN, or ask whoever runs jitsudo for a new one.")
	}
	return t.Principal, engine.Account{System: "token", Subject: t.Name}, nil
}

func unauthenticated(say, hint string) error {
	return &engine.Refusal{Kind: wire.ErrUnauthenticated, Say: say, Hint: hint}
}

// checkOrigin keeps web pages out: a browser says from which site it was sent
// here, and a page that had its own name point to this machine is known by the
// name it uses. Neither concerns the unix socket, which no browser can reach.
func (a *api) checkOrigin(r *http.Request) error {
	if _, onSocket := PeerOf(r.Context()); onSocket {
		return nil
	}
	if !a.ourName(r.Host) {
		return engine.Refuse(engine.ErrForbidden, "The daemon is not called %q.", engine.OneLine(r.Host, 60)).WithHint("Address it as localhost or 127.0.0.1.")
	}
	foreign := engine.Refuse(engine.ErrForbidden, "A web page of another site may not call this.")
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return foreign
	}
	for _, origin := range r.Header.Values("Origin") {
		if u, err := url.Parse(origin); err != nil || u.Host == "" || !strings.EqualFold(u.Host, r.Host) {
			return foreign
		}
	}
	return nil
}

func (a *api) ourName(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(name, "."), "["), "]"))
	if ip := net.ParseIP(name); ip != nil {
		return ip.IsLoopback() || slices.Contains(a.Hosts, name)
	}
	return name == "localhost" || slices.Contains(a.Hosts, name)
}
