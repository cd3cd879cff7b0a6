package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/wire"
)

// DefaultServer is where a daemon is on its own machine.
const DefaultServer = "unix:///run/jitsudo/jitsudod.sock"

const (
	maxAnswer = 32 << 20         // bytes of an answer that are read
	patience  = 30 * time.Second // for an answer that nobody waits for
	dialling  = 5 * time.Second
)

// Options say where the daemon is and who asks.
type Options struct {
	Server string       // unix:///path, http://… or https://…; "" is DefaultServer
	Token  string       // "" for none: on a unix socket the caller's uid counts
	Via    engine.Via   // engine.ViaCLI for the command line
	Log    *slog.Logger // each call at level debug; nil means none
}

// Client talks to one daemon. It is safe for concurrent use.
type Client struct {
	server string // as it was given, for sentences
	base   string
	token  string
	via    engine.Via
	http   *http.Client
	log    *slog.Logger
}

// New checks the address and the token; it does not call yet.
func New(o Options) (*Client, error) {
	if o.Server == "" {
		o.Server = DefaultServer
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{server: o.Server, token: strings.TrimSpace(o.Token), via: o.Via, log: o.Log}
	for _, b := range []byte(c.token) {
		if b <= ' ' || b > '~' {
			return nil, engine.Refuse(engine.ErrInvalid, "The token has a character that no token has.").WithHint("Copy it again; it begins with jsu_.")
		}
	}
	transport, err := c.address()
	if err != nil {
		return nil, err
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return c, nil
}

// address sets the base and returns the way to it.
func (c *Client) address() (*http.Transport, error) {
	bad := func(why string) error {
		return engine.Refuse(engine.ErrInvalid, "%q is not the address of a server: %s.", engine.OneLine(c.server, 100), why).On("server").
			WithHint("Write unix:///path/to.sock, http://127.0.0.1:PORT or https://host.")
	}
	u, err := url.Parse(c.server)
	if err != nil {
		return nil, bad("it is malformed")
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: dialling}).DialContext,
		TLSHandshakeTimeout: dialling, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
	}
	switch {
	case u.Scheme == "unix" && u.Host == "" && strings.HasPrefix(u.Path, "/"):
		path := u.Path
		c.base = "http://jitsudod"
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{Timeout: dialling}).DialContext(ctx, "unix", path)
		}
		return transport, nil
	case u.Scheme == "unix":
		return nil, bad("the path of the socket must begin with a slash")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, bad("it begins with neither unix, http nor https")
	case u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, bad("it must be a host and nothing else")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, bad("a token must not cross a network in the clear")
	}
	if loopback(u.Hostname()) {
		transport.Proxy = nil
	}
	c.base = u.Scheme + "://" + u.Host + strings.TrimRight(u.Path, "/")
	return transport, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// A call is one exchange.
type call struct {
	method, path string
	query        url.Values
	body         any
	key          string        // idempotency key, "" for none
	wait         time.Duration // how long the server may take by agreement
}

// do makes a call and decodes its answer into out.
func (c *Client) do(ctx context.Context, k call, out any) error {
	ctx, cancel := context.WithTimeout(ctx, patience+k.wait)
	defer cancel()
	req, err := c.request(ctx, k)
	if err != nil {
		return err
	}
	began := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		return c.unreachable(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	c.log.Debug("call", "method", k.method, "url", req.URL.Redacted(), "status", resp.StatusCode, "bytes", len(raw), "took", time.Since(began))
	switch {
	case err != nil:
		return c.unreachable(err)
	case len(raw) > maxAnswer:
		return c.strange("its answer is larger than any of jitsudo's")
	case resp.StatusCode >= 400:
		return c.problem(resp, raw)
	case resp.StatusCode >= 300:
		return c.strange("it points to somewhere else, and a token is not carried on")
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return c.strange("its answer could not be understood")
	}
	return nil
}

func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	var body io.Reader
	if k.body != nil {
		raw, err := json.Marshal(k.body)
		if err != nil {
			return nil, fmt.Errorf("encode call: %w", err)
		}
		body = bytes.NewReader(raw)
	}
	address := c.base + k.path
	if len(k.query) > 0 {
		address += "?" + k.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, k.method, address, body)
	if err != nil {
		return nil, fmt.Errorf("make call: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.via != "" {
		req.Header.Set(wire.HeaderVia, string(c.via))
	}
	if k.key != "" {
		req.Header.Set(wire.HeaderKey, k.key)
	}
	return req, nil
}
