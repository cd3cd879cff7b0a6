package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// company starts the demo and returns what it says of itself.
func company(t *testing.T, args ...string) (*running, demoFacts) {
	t.Helper()
	d := launch(t, append([]string{"demo", "--json", "--no-open", "--listen", "127.0.0.1:0"}, args...)...)
	line, _, _ := strings.Cut(d.out.String(), "\n")
	var facts demoFacts
	if err := json.Unmarshal([]byte(line), &facts); err != nil || !strings.HasPrefix(line, "{") {
		t.Fatalf("first line %q: %v", line, err)
	}
	return d, facts
}

// asked calls the daemon's API as one of the company.
func asked(t *testing.T, f demoFacts, who, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, f.API+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+f.Tokens[who])
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

// The demo's roles do what its description says.
func TestDemo_RolesOfTheCompany(t *testing.T) {
	_, f := company(t)
	for name, tc := range map[string]struct {
		who, role string
		seconds   int
		more      string
		status    int
		state     string
	}{
		"ViewerAtOnce":             {"alice", "viewer", 1800, "", 201, "APPROVED"},
		"ViewerForLongerNeedsOne":  {"alice", "viewer", 1801, "", 201, "PENDING"},
		"EditorNeedsOne":           {"alice", "editor", 60, "", 201, "PENDING"},
		"AdminNeedsOne":            {"bob", "admin", 60, "", 201, "PENDING"},
		"BreakGlassBySRE":          {"alice", "break-glass-admin", 1800, `,"break_glass":true`, 201, "APPROVED"},
		"BreakGlassTooLong":        {"alice", "break-glass-admin", 1801, `,"break_glass":true`, 400, ""},
		"BreakGlassByOthers":       {"bob", "break-glass-admin", 60, `,"break_glass":true`, 403, ""},
		"BreakGlassRoleByApproval": {"alice", "break-glass-admin", 60, "", 403, ""},
		"OneSecondIsTheShortest":   {"alice", "viewer", 1, "", 201, "APPROVED"},
	} {
		t.Run(name, func(t *testing.T) {
			body := fmt.Sprintf(`{"provider":"sandbox","role":%q,"resource_scope":"prod","duration_seconds":%d,"reason":"try"%s}`, tc.role, tc.seconds, tc.more)
			status, answer := asked(t, f, tc.who, http.MethodPost, "/api/v1alpha1/requests", body)
			if status != tc.status || tc.state != "" && !strings.Contains(answer, `"`+tc.state+`"`) {
				t.Errorf("%d %s; want %d %s", status, answer, tc.status, tc.state)
			}
		})
	}
}

func TestDemo_WithoutBotIsOnlyTheSimulator(t *testing.T) {
	_, f := company(t, "--no-bot")
	if f.API != "" || len(f.Tokens) != 0 || f.BotToken == "" || f.AppToken == "" {
		t.Errorf("%+v", f)
	}
	res, err := http.PostForm(f.SlackAPI+"auth.test", map[string][]string{"token": {f.BotToken}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct{ OK bool }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || !answer.OK {
		t.Errorf("auth.test: %v %v", answer, err)
	}
}

func TestDemo_DataOutlivesARestart(t *testing.T) {
	dir := t.TempDir()
	d, f := company(t, "--data", dir)
	body := `{"provider":"sandbox","role":"editor","resource_scope":"prod","duration_seconds":60,"reason":"try"}`
	if status, answer := asked(t, f, "alice", http.MethodPost, "/api/v1alpha1/requests", body); status != 201 {
		t.Fatalf("%d %s", status, answer)
	}
	if code := d.stop(); code != 0 {
		t.Fatalf("stopped with %d: %s", code, d.errs)
	}
	_, f = company(t, "--data", dir)
	if _, answer := asked(t, f, "alice", http.MethodGet, "/api/v1alpha1/requests?mine=true", ""); !strings.Contains(answer, "PENDING") {
		t.Errorf("after the restart: %s", answer)
	}
}

// What the README promises, in a real browser: ask as Alice, approve as Bob, see
// the access come and go in the panel of the sandbox cloud.
func TestDemo_InTheBrowser(t *testing.T) {
	ctx := chromium(t)
	_, f := company(t)
	tab := &tab{t: t, ctx: ctx}
	tab.open(f.Web + "#as=UALICE&c=CREQUESTS")
	tab.wait("Alice's page", `document.documentElement.dataset.ready === "UALICE"`)
	tab.do(`(() => { const c = document.querySelector('[data-test="composer"]'); c.focus(); return true })()`)
	tab.typing(`/jitsudo request --provider sandbox --role editor --scope prod --duration 6s --reason "try it out"` + "\r")
	tab.wait("the card", `!!document.querySelector('[data-test="messages"] [data-test="button-approve"]')`)
	tab.wait("an empty cloud", `!`+panelShowsAlice)

	tab.open(f.Web + "#as=UBOB&c=CREQUESTS")
	tab.wait("Bob's page", `document.documentElement.dataset.ready === "UBOB" && !!document.querySelector('[data-test="messages"] [data-test="button-approve"]')`)
	tab.do(`(document.querySelector('[data-test="messages"] [data-test="button-approve"]').click(), true)`)
	tab.wait("the question", `!!document.querySelector('[data-test="confirm-ok"]')`)
	tab.do(`(document.querySelector('[data-test="confirm-ok"]').click(), true)`)
	tab.wait("the binding in the cloud", panelShowsAlice)
	t.Cleanup(func() {
		if t.Failed() {
			text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText + "\n--- panel\n" + document.querySelector('[data-test="panel-page"]')?.contentDocument?.body?.innerText`))
			t.Logf("the page says (%v):\n%s", err, text)
		}
	})
	tab.wait("the binding gone", `!`+panelShowsAlice)
	tab.wait("the card says so", `document.querySelector('[data-test="messages"]').innerText.includes("Access has ended")`)
}

// panelShowsAlice looks into the panel: who may do what now.
const panelShowsAlice = `(() => {
	const text = document.querySelector('[data-test="panel-page"]')?.contentDocument?.body?.innerText ?? "";
	const now = text.split(/who may do what now/i)[1]?.split(/last changes/i)[0];
	return now?.includes("alice@example.com") ?? false;
})()`

// chromium starts a headless browser.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("chromium is not there")
	}
	if err != nil {
		t.Skip("chromium is not on this machine")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1280, 860), chromedp.WSURLReadTimeout(patience))
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx); stop(); stopAlloc() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return ctx
}

// tab is one page in the browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

func (b *tab) open(url string) {
	b.t.Helper()
	// A page of its own each time, also when only the part after # differs.
	if err := chromedp.Do(b.ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(url)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) do(js string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](js)); err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
}

func (b *tab) typing(text string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.KeyEvent(text)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) wait(what, js string) {
	b.t.Helper()
	eventually(b.t, what, func() bool {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](js))
		return err == nil && ok
	})
}
