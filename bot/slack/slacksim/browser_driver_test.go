package slacksim_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/slack-go/slack"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// patience is for one condition on a slow, shared machine. It is never waited for when things work.
const patience = 45 * time.Second

// browser starts Chromium once for a test and its sub-tests.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" && os.Getenv("CI") == "true" {
		t.Fatal("no chromium found: CI must have one, for instance Debian's package chromium")
	}
	if path == "" {
		t.Skip("no chromium found: install one, for instance Debian's package chromium, to test the page")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en-GB"),
		chromedp.WindowSize(1280, 860), chromedp.WSURLReadTimeout(patience))
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx); stop(); stopAlloc() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return ctx
}

// page is one tab on one simulator.
type page struct {
	t   *testing.T
	ctx context.Context
	sim *slacksim.Server
	bot *slack.Client
	url string

	mu       sync.Mutex
	problems []string // what the browser complained about: errors, and what the policy forbade
}

// newPage opens a tab on a simulator of its own, as Alice in #access-requests, with the test's app connected.
func newPage(t *testing.T, browser context.Context, o slacksim.Options, mute bool) *page {
	t.Helper()
	sim, err := slacksim.New(o)
	if err != nil {
		t.Fatalf("simulator: %v", err)
	}
	t.Cleanup(sim.Close)
	p := &page{t: t, sim: sim, url: serveWeb(t, sim)}
	p.bot = startPageBot(t, sim, mute)
	ctx, stop := chromedp.NewContext(browser)
	t.Cleanup(stop)
	t.Cleanup(p.report)
	p.ctx = ctx
	if err := chromedp.Listen(ctx, p.listen); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatalf("follow the browser's log: %v", err)
	}
	p.do(chromedp.EmulateViewport(1280, 860))
	p.visit("UALICE", "CREQUESTS")
	return p
}

func (p *page) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.problems = append(p.problems, fmt.Sprintf("%s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			p.problems = append(p.problems, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// report fails the test for what the browser complained about, and keeps a picture of a failed test.
func (p *page) report() {
	p.mu.Lock()
	problems := p.problems
	p.mu.Unlock()
	for _, text := range problems {
		p.t.Errorf("the browser complained: %s", text)
	}
	if !p.t.Failed() {
		return
	}
	ctx, stop := context.WithTimeout(p.ctx, 10*time.Second)
	defer stop()
	if shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot()); err == nil {
		name := filepath.Join(p.t.ArtifactDir(), strings.ReplaceAll(p.t.Name(), "/", "_")+".png")
		if os.WriteFile(name, shot, 0o600) == nil {
			p.t.Logf("picture of the page: %s", name)
		}
	}
}

func (p *page) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("browser: %v\n%s", err, p.look())
	}
}

// look tells what has the focus and all that can be read.
func (p *page) look() string {
	ctx, stop := context.WithTimeout(p.ctx, 10*time.Second)
	defer stop()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.activeElement.outerHTML.slice(0, 200) + " has the focus in:\n" + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

func ask[T any](p *page, expression string) T {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("ask the page %s: %v", expression, err)
	}
	return answer
}

// visit opens the page as somebody and waits until it shows what that person sees.
func (p *page) visit(user, channel string) {
	p.t.Helper()
	p.do(chromedp.Navigate("about:blank"), chromedp.Navigate(fmt.Sprintf("%s/#as=%s&c=%s", p.url, user, channel)))
	p.until(fmt.Sprintf(`document.documentElement.dataset.ready === %q`, user))
}

// until waits for a JavaScript condition.
func (p *page) until(condition string) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	poll := chromedp.Poll[chromedp.Void]("Boolean("+condition+")", chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(patience))
	if err := chromedp.Do(ctx, poll); err != nil {
		p.t.Fatalf("never became true: %s: %v\n%s", condition, err, p.look())
	}
}

// at is the selector for a data-test name, inside others from the outside in.
func at(names ...string) string {
	for i, n := range names {
		names[i] = fmt.Sprintf("[data-test=%q]", n)
	}
	return strings.Join(names, " ")
}

func (p *page) sees(names ...string) {
	p.t.Helper()
	p.do(chromedp.WaitVisible(chromedp.CSS(at(names...))))
}

func (p *page) seesNo(names ...string) {
	p.t.Helper()
	p.until(fmt.Sprintf("!document.querySelector(%q)", at(names...)))
}

// reads waits until an element shows some words.
func (p *page) reads(words string, names ...string) {
	p.t.Helper()
	p.until(fmt.Sprintf("(document.querySelector(%q) || {innerText: ''}).innerText.includes(%q)", at(names...), words))
}

// holds waits until a field holds a value.
func (p *page) holds(value, name string) {
	p.t.Helper()
	p.until(fmt.Sprintf("document.querySelector(%q)?.value === %q", at(name), value))
}

func (p *page) types(keys string) { p.t.Helper(); p.do(chromedp.KeyEvent(keys)) }

func (p *page) focused(name string) {
	p.t.Helper()
	p.until(fmt.Sprintf("document.activeElement.dataset.test === %q", name))
}

func (p *page) click(names ...string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(at(names...))))
}

// tabTo presses Tab until an element has the focus.
func (p *page) tabTo(name string) {
	p.t.Helper()
	now := ""
	for range 40 {
		p.types("\t")
		now = ask[string](p, `document.activeElement.dataset.test || ""`)
		if now == name {
			return
		}
	}
	p.t.Fatalf("Tab never reaches %s, the last stop is %q", name, now)
}

func serveWeb(t *testing.T, sim *slacksim.Server) string {
	t.Helper()
	web := httptest.NewServer(sim.WebHandler())
	t.Cleanup(web.Close)
	return web.URL
}
