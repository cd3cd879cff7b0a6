package slack

import (
	"sync"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

const (
	// refusedFor is how long a refusal is remembered. An acceptance never is,
	// for a decision.
	refusedFor = 30 * time.Second
	// lookUps is how many times an account may be looked up in a row, and
	// lookUpEvery after what time once more. Slack allows about 100 a minute for
	// everybody together (docs.slack.dev, users.info, tier 4).
	lookUps     = 30
	lookUpEvery = 3 * time.Second
	// maxAccounts bounds how many accounts are remembered.
	maxAccounts = 10_000
)

// gate keeps one account from using up the look-ups of all. The zero gate is ready.
type gate struct {
	mu       sync.Mutex
	accounts map[clicker]visits
}

// visits are what is remembered of an account.
type visits struct {
	spent   int       // look-ups that are not made good yet
	at      time.Time // when spent was true
	refusal error
	until   time.Time // of the refusal
}

// after returns v as it is at a later time.
func (v visits) after(now time.Time) visits {
	if now.Before(v.at) { // the clock was stepped back
		v.at, v.until = now, time.Time{}
	}
	if good := int(now.Sub(v.at) / lookUpEvery); good > 0 || v.spent == 0 {
		v.spent, v.at = max(0, v.spent-good), now
	}
	if !now.Before(v.until) {
		v.refusal = nil
	}
	return v
}

// enter returns why somebody may not be looked up now: they were refused a
// moment ago, or did too much.
func (g *gate) enter(who clicker, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	v, known := g.accounts[who]
	v = v.after(now)
	if v.refusal != nil {
		return v.refusal
	}
	if v.spent >= lookUps || !known && !g.room(now) {
		return engine.Refuse(engine.ErrLimited, "That was too much at once, so nothing was done.").WithHint("Try again in a minute.")
	}
	v.spent++
	g.accounts[who] = v
	return nil
}

// room makes room for one more account; false when all of them are needed.
func (g *gate) room(now time.Time) bool {
	if g.accounts == nil {
		g.accounts = map[clicker]visits{}
	}
	if len(g.accounts) < maxAccounts {
		return true
	}
	for who, v := range g.accounts {
		if v = v.after(now); v.spent == 0 && v.refusal == nil {
			delete(g.accounts, who)
		}
	}
	return len(g.accounts) < maxAccounts
}

// remember keeps a refusal in mind for a while; repeating it does not prolong
// that.
func (g *gate) remember(who clicker, why error, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if v, known := g.accounts[who]; known && v.after(now).refusal == nil {
		v.refusal, v.until = why, now.Add(refusedFor)
		g.accounts[who] = v
	}
}
