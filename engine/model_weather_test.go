package engine_test

import (
	"strconv"
	"time"

	"pgregory.net/rapid"

	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
)

// What befalls the engine in a trace without its doing.

// outage is how long a process stays dead, and where its clock is set meanwhile.
type outage struct{ down, step time.Duration }

func (x *trial) revive() {
	x.kill()
	x.pass(x.outage.down / 2)
	x.step(x.outage.step)
	x.pass(x.outage.down / 2)
	x.boot()
}

func (x *trial) ticks(t *rapid.T) bool {
	d := rapid.SampledFrom([]time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 20 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour,
	}).Draw(t, "d")
	x.pass(d)
	return x.sweep()
}

func (x *trial) sweeps(*rapid.T) bool { return x.sweep() }

var clockSteps = []time.Duration{-24 * time.Hour, -time.Hour, time.Hour, 24 * time.Hour}

func (x *trial) clocks(t *rapid.T) bool {
	x.step(rapid.SampledFrom(clockSteps).Draw(t, "step"))
	return x.sweep()
}

func (x *trial) drawOutage(t *rapid.T) {
	x.outage.down = rapid.SampledFrom([]time.Duration{0, 2 * time.Second, time.Minute, 3 * time.Hour, 30 * time.Hour}).Draw(t, "down")
	x.outage.step = rapid.SampledFrom(append([]time.Duration{0, 0, 0, 0}, clockSteps...)).Draw(t, "step")
}

// dooms makes the process die later, at one of the next things it does.
func (x *trial) dooms(t *rapid.T) bool {
	x.drawOutage(t)
	x.life.left = rapid.IntRange(1, 8).Draw(t, "left")
	x.life.how = rapid.SampledFrom([]death{diesBefore, diesAfter, diesLate}).Draw(t, "how")
	return false
}

func (x *trial) crashes(t *rapid.T) bool {
	x.drawOutage(t)
	x.life.dead = true
	return false
}

func (x *trial) troubles(t *rapid.T) bool {
	grant, revoke, observe := sandbox.OpGrant, sandbox.OpRevoke, sandbox.OpObserve
	x.trouble = rapid.SampledFrom([]trouble{
		{op: "", fault: sandbox.Fault{Fail: errDown}},
		{op: "", fault: sandbox.Fault{FailAfter: errDown}},
		{op: grant, fault: sandbox.Fault{Fail: errDown}},
		{op: grant, fault: sandbox.Fault{FailAfter: errDown}},
		{op: grant, fault: sandbox.Fault{Pretend: true}},
		{op: grant, late: 3 * time.Second},
		{op: grant, late: 28 * time.Second},
		{op: grant, fault: sandbox.Fault{Fail: engine.Refuse(engine.ErrInvalid, "The role is gone.")}},
		{op: revoke, fault: sandbox.Fault{Fail: errDown}},
		{op: revoke, fault: sandbox.Fault{FailAfter: errDown}},
		{op: revoke, fault: sandbox.Fault{Pretend: true}},
		{op: observe, fault: sandbox.Fault{Fail: errDown}},
		{op: observe, fault: sandbox.Fault{See: engine.Absent}},
		{op: observe, fault: sandbox.Fault{See: engine.Present}},
		{op: observe, fault: sandbox.Fault{See: engine.Foreign}},
	}).Draw(t, "trouble")
	x.trouble.on = true
	x.calm = 1 << 62
	return false
}

func (x *trial) heals(t *rapid.T) bool {
	if !x.trouble.on {
		t.Skip("nothing is wrong")
	}
	x.trouble, x.calm = trouble{}, x.sure
	return false
}

func (x *trial) policies(t *rapid.T) bool {
	n, _ := strconv.Atoi(x.book.Revision)
	x.decree(book{
		Revision: strconv.Itoa(n + 1),
		Frozen:   rapid.IntRange(0, 5).Draw(t, "frozen") == 5,
		Leads:    rapid.SampledFrom([]string{"leads", "leads", "sre"}).Draw(t, "leads"),
		Admins:   rapid.IntRange(1, 3).Draw(t, "admins"),
		Second:   rapid.SampledFrom([]string{"", "sre"}).Draw(t, "second"),
		Longest:  rapid.SampledFrom([]time.Duration{0, 0, 10 * time.Minute, time.Hour}).Draw(t, "longest"),
	})
	return false
}

func (x *trial) persons(t *rapid.T) bool {
	id := rapid.SampledFrom(names).Draw(t, "who")
	p := x.directory[id]
	p.Disabled = !p.Disabled
	x.directory[id] = p
	x.disabled[id] = x.now
	return false
}

func (x *trial) chats(*rapid.T) bool {
	x.chat.down = !x.chat.down
	return false
}
