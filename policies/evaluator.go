package policies

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Options say how policies are evaluated. The zero Options are good.
type Options struct {
	// Deadline bounds one decision; 0 means 200 ms.
	Deadline time.Duration
	// Workers is how many decisions are evaluated at once; 0 means four for each
	// processor. What waits for a worker waits at most for the Deadline.
	Workers int
	// OnReload is told of the first load, while New runs, and of every reload,
	// whether the policies were replaced or not.
	OnReload func(Report)
	// Debounce is how long the folder must have been quiet before it is read
	// again; 0 means 300 ms.
	Debounce time.Duration
	// CheckEvery is how often the folder is compared with what is in force, in
	// case a change was not announced; 0 means a minute.
	CheckEvery time.Duration
	Log        *slog.Logger // nil: none
}

// Evaluator answers the engine's questions with the policies in force. It
// implements engine.Policy. The zero Evaluator refuses everything.
type Evaluator struct {
	dir     string
	opt     Options
	slots   chan struct{}
	current atomic.Pointer[Set]
	seen    atomic.Pointer[string] // fingerprint of the folder, or of its trouble, when it was last tried
	loading sync.Mutex             // one reload at a time
}

var _ engine.Policy = (*Evaluator)(nil)

// New loads the policies of a folder, and tells OnReload what came of it. A
// folder without policies is fine and refuses everything, and so does the empty
// dir, which stands for no folder.
//
// There is always an Evaluator. When the folder cannot be put in force (it is
// not there, cannot be read, could have been changed by others, does not
// compile, fails its tests), it comes with the error and refuses everything, its
// Revision is "", and it goes by the folder as soon as [Evaluator.Run] or
// [Evaluator.Reload] finds it mended. So whoever has accesses to end can start
// and end them; whoever only checks has the error.
func New(dir string, opt Options) (*Evaluator, error) {
	e := newEvaluator(opt)
	e.dir = dir
	report := Report{Warnings: []string{"There is no policy folder, so everything is refused."}}
	if dir != "" {
		report = e.load(context.Background())
	}
	if report.Err != nil {
		e.opt.Log.Error("policies not loaded", "error", report.Err)
	} else {
		e.opt.Log.Info("policies loaded", report.attrs()...)
	}
	e.tell(report)
	return e, report.Err
}

// Fixed evaluates the policies of fsys, which are read once.
func Fixed(fsys fs.FS, opt Options) (*Evaluator, error) {
	e := newEvaluator(opt)
	s, err := Load(fsys)
	if err == nil {
		_, err = e.adopt(context.Background(), s)
	}
	if err != nil {
		return nil, fmt.Errorf("policies cannot be used: %w", err)
	}
	return e, nil
}

func newEvaluator(opt Options) *Evaluator {
	opt.Deadline = cmp.Or(opt.Deadline, 200*time.Millisecond)
	opt.Workers = cmp.Or(opt.Workers, 4*runtime.GOMAXPROCS(0))
	opt.Debounce = cmp.Or(opt.Debounce, 300*time.Millisecond)
	opt.CheckEvery = cmp.Or(opt.CheckEvery, time.Minute)
	opt.Log = cmp.Or(opt.Log, slog.New(slog.DiscardHandler))
	return &Evaluator{opt: opt, slots: make(chan struct{}, opt.Workers)}
}

// Revision is the digest of the policies in force, "" when there are none.
func (e *Evaluator) Revision() string {
	if s := e.current.Load(); s != nil {
		return s.revision
	}
	return ""
}

// Files are the names of the policies in force.
func (e *Evaluator) Files() []string {
	if s := e.current.Load(); s != nil {
		return s.Files()
	}
	return nil
}

// Decide answers one question with the policies in force, all of one revision.
// Whatever goes wrong is a refusal, and the error says so in a sentence for
// people.
func (e *Evaluator) Decide(ctx context.Context, q engine.Question) (engine.Decision, error) {
	s := e.current.Load()
	if s == nil {
		s = &Set{}
	}
	d, err := e.bounded(ctx, s, q)
	if err == nil {
		return d, nil
	}
	if e.opt.Log != nil {
		e.opt.Log.ErrorContext(ctx, "policy could not decide", "action", q.Action, "request", q.Request.ID, "revision", s.revision, "error", err)
	}
	err = refusal(err)
	return engine.Decision{Revision: d.Revision, InputHash: d.InputHash, Reasons: []string{engine.Explain(err)}}, err
}

// refusal turns what went wrong into a sentence for people.
func refusal(err error) error {
	var known *engine.Refusal
	var failed *evalError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, errBusy):
		return engine.Refuse(engine.ErrUnavailable, "The policies are too busy to decide just now, so the answer is no.").WithHint("Try again in a moment.")
	case errors.Is(err, errTooLong):
		return engine.Refuse(engine.ErrForbidden, "The policies took too long to decide, so the answer is no.").WithHint("Tell whoever looks after the policies.")
	case errors.As(err, &failed):
		return engine.Refuse(engine.ErrForbidden, "A policy could not decide, so the answer is no: %s.", failed).WithHint("Tell whoever looks after the policies.")
	}
	return engine.Refuse(engine.ErrForbidden, "The policies could not decide, so the answer is no.").WithHint("Tell whoever looks after the policies.")
}

// Sentinels of a decision that did not come about.
var (
	errTooLong = errors.New("took too long")
	errBusy    = errors.New("every worker is busy")
)

type outcome struct {
	decision engine.Decision
	err      error
}

// bounded evaluates within the deadline. OPA looks at stop between its steps,
// but a single built-in function may go on for long: the caller does not wait
// for that one. It keeps its worker until it ends, so that no number of
// questions can pile up more than Options.Workers of them.
func (e *Evaluator) bounded(ctx context.Context, s *Set, q engine.Question) (engine.Decision, error) {
	none := engine.Decision{Revision: s.revision}
	if len(s.policies) == 0 {
		return s.decide(ctx, q, nil)
	}
	late := time.NewTimer(e.opt.Deadline)
	defer late.Stop()
	select {
	case e.slots <- struct{}{}:
	case <-late.C:
		return none, errBusy
	case <-ctx.Done():
		return none, fmt.Errorf("policy: %w", ctx.Err())
	}
	stop := topdown.NewCancel()
	done := make(chan outcome, 1)
	go func() {
		defer func() { <-e.slots }()
		done <- s.recovered(context.WithoutCancel(ctx), q, stop)
	}()
	select {
	case o := <-done:
		return o.decision, o.err
	case <-late.C:
		stop.Cancel()
		return none, errTooLong
	case <-ctx.Done():
		stop.Cancel()
		return none, fmt.Errorf("policy: %w", ctx.Err())
	}
}

// recovered is decide, with a panic inside OPA turned into an error: it would
// take down the daemon, and with it the end of every access.
func (s *Set) recovered(ctx context.Context, q engine.Question, stop topdown.Cancel) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = outcome{engine.Decision{Revision: s.revision}, fmt.Errorf("policy evaluation panicked: %v", p)}
		}
	}()
	d, err := s.decide(ctx, q, stop)
	return outcome{d, err}
}
