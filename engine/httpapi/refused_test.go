package httpapi_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/httpapi"
)

// carol may read everything.
var carol = engine.Actor{Principal: engine.Principal{ID: "carol@example.com", Groups: []string{"jitsudo-admins"}}}

// turnedAway returns who was turned away, oldest first, and the whole record of it.
func (w *world) turnedAway(t *testing.T) (who []string, record string) {
	t.Helper()
	page, err := w.engine.Events(t.Context(), carol, engine.EventFilter{Action: engine.EvAuthRefused, PageSize: engine.MaxPage})
	must(t, err)
	for _, e := range page.Events {
		who = append(who, e.Actor)
	}
	raw, err := json.Marshal(page.Events)
	must(t, err)
	return who, string(raw)
}

// TestT1_WrongTokensAreOnRecord: whoever tries tokens leaves a trace, and the
// trace holds nothing of the token.
func TestT1_WrongTokensAreOnRecord(t *testing.T) {
	ended, digest := httpapi.NewToken()
	tokens, err := httpapi.NewTokens(httpapi.Token{Name: "old", Principal: "alice@example.com", Digest: digest, Expires: time.Unix(1, 0)})
	must(t, err)
	wrong, _ := httpapi.NewToken()
	for name, c := range map[string]struct{ header, actor, secret string }{
		"a token nobody has":    {"Bearer " + wrong, "token:", wrong},
		"a token that ended":    {"Bearer " + ended, "token:old", ended},
		"something else":        {"Basic YWxpY2U6c2VjcmV0", "token:", "YWxpY2U6c2VjcmV0"},
		"nothing is no attempt": {"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var log lines
			w := newWorld(t, func(o *httpapi.Options, _ *http.Server) {
				o.Tokens, o.Log = tokens, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			})
			var headers []string
			if c.header != "" {
				headers = []string{"Authorization", c.header}
			}
			if resp, body := w.ask(t, "", "GET", base+"/whoami", "", headers...); resp.StatusCode != http.StatusUnauthorized {
				t.Fatalf("%d %s", resp.StatusCode, body)
			}
			who, record := w.turnedAway(t)
			if got := strings.Join(who, " "); got != c.actor {
				t.Errorf("on record is %q, want %q", got, c.actor)
			}
			if logged := strings.Contains(log.String(), "turned away"); logged != (c.header != "") {
				t.Errorf("the log says %q", log.String())
			}
			if c.secret != "" && (strings.Contains(record, c.secret[4:12]) || strings.Contains(log.String(), c.secret[4:12])) {
				t.Errorf("part of what was shown is kept: %s %s", record, log.String())
			}
		})
	}
}

// TestT3_UnknownPeerIsOnRecord: so does a user of this machine whom nobody knows.
func TestT3_UnknownPeerIsOnRecord(t *testing.T) {
	for name, local := range map[string]func(uint32) (string, error){
		"nobody is known":   nil,
		"this one is not":   func(uint32) (string, error) { return "", engine.ErrNotFound },
		"this one has gone": func(uint32) (string, error) { return "gone@example.com", nil },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(o *httpapi.Options, _ *http.Server) { o.Local = local })
			req, err := newRequest(t, "GET", "http://x"+base+"/whoami", "")
			must(t, err)
			if resp, body := answer(t, w.onSocket(), req); resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusForbidden {
				t.Fatalf("%d %s", resp.StatusCode, body)
			}
			who, record := w.turnedAway(t)
			if want := "unix:" + strconv.Itoa(os.Getuid()); len(who) != 1 || who[0] != want {
				t.Errorf("on record is %q, want %s: %s", who, want, record)
			}
		})
	}
}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
