package policies

import (
	"context"
	"errors"
	"fmt"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Report is what came of a load or reload.
type Report struct {
	Revision string   // of the policies now in force, "" when there are none
	Previous string   // of those in force before
	Files    []string // the policies in force
	Tests    int      // how many Rego tests were passed
	Warnings []string // what is allowed but probably not meant
	Err      error    // why the old policies stay, or none are in force; nil when the new ones are
}

// attrs is the report of a success for the log.
func (r Report) attrs() []any {
	return []any{"revision", r.Revision, "files", len(r.Files), "tests", r.Tests, "warnings", r.Warnings}
}

// Reload reads the folder again, compiles everything, runs its tests, tries a
// decision of every kind, and only then puts the new policies in force, all at
// once. When anything is wrong the old ones stay, and the error says what; where
// there were none, everything goes on to be refused.
func (e *Evaluator) Reload(ctx context.Context) (Report, error) {
	if e.dir == "" {
		return Report{Revision: e.Revision(), Previous: e.Revision(), Files: e.Files()}, nil
	}
	report := e.load(ctx)
	if report.Err != nil {
		e.opt.Log.ErrorContext(ctx, "policies not reloaded", "error", report.Err)
	} else {
		e.opt.Log.InfoContext(ctx, "policies reloaded", report.attrs()...)
	}
	e.tell(report)
	return report, report.Err
}

func (e *Evaluator) tell(r Report) {
	if e.opt.OnReload != nil {
		e.opt.OnReload(r)
	}
}

// load puts the folder in force if it can be, and reports.
func (e *Evaluator) load(ctx context.Context) Report {
	e.loading.Lock()
	defer e.loading.Unlock()
	mark := fingerprint(e.dir)
	e.seen.Store(&mark)
	s, err := LoadDir(e.dir)
	if err == nil {
		var report Report
		if report, err = e.adopt(ctx, s); err == nil {
			return report
		}
	}
	if errors.Is(err, errBusy) || errors.Is(err, errTooLong) {
		e.seen.Store(nil) // the machine's trouble, perhaps, and not the folder's: look again
	}
	old := Report{Revision: e.Revision(), Previous: e.Revision(), Files: e.Files()}
	if old.Revision == "" {
		old.Err = fmt.Errorf("the policies cannot be used, so everything is refused: %w", err)
	} else {
		old.Err = fmt.Errorf("the policies were not replaced, those of revision %s stay in force: %w", old.Revision[:12], err)
	}
	return old
}

// adopt puts a set in force once it has proved itself.
func (e *Evaluator) adopt(ctx context.Context, s *Set) (Report, error) {
	passed, err := s.prove(ctx, func(ctx context.Context, q engine.Question) error {
		_, err := e.bounded(ctx, s, q)
		return err
	})
	if err != nil {
		return Report{}, err
	}
	report := Report{Revision: s.revision, Previous: e.Revision(), Files: s.Files(), Tests: passed, Warnings: s.Warnings()}
	if len(s.policies) == 0 {
		report.Warnings = append(report.Warnings, "There is no policy, so everything is refused.")
	}
	e.current.Store(s)
	return report, nil
}
