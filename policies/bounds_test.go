package policies

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/jitsudo-chat/jitsudo/engine"
)

func TestP6_TooLargeInputRefused(t *testing.T) {
	q := ask(engine.ActRequest, alice, "viewer", time.Hour)
	q.Request.Reason = strings.Repeat("x", maxInput)
	d, err := mustFixed(t, files("a.rego", eligible("allow := true"))).Decide(t.Context(), q)
	wantRefused(t, d, err, "too large")
}

func TestP6_BombsAreStopped(t *testing.T) {
	for name, bomb := range map[string]string{
		"nested loops": `allow if {
	some a in numbers.range(1, 1000)
	some b in numbers.range(1, 1000)
	some c in numbers.range(1, 1000)
	a + b + c < 0
}`,
		"a huge range": `allow if count(numbers.range(1, 200000000)) > 0`,
		"a sum":        `allow if sum([x | some x in numbers.range(1, 100000000)]) > 0`,
	} {
		t.Run(name, func(t *testing.T) {
			e := unproved(t, dialect{}, files("a.rego", eligible(bomb)), Options{})
			began := time.Now()
			d, err := e.Decide(t.Context(), ask(engine.ActRequest, alice, "viewer", time.Hour))
			wantRefused(t, d, err, "took too long")
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			drain(e)
			if _, err := Fixed(files("a.rego", eligible(bomb)), Options{}); err == nil || !strings.Contains(err.Error(), "took too long") {
				t.Errorf("put in force: %v", err)
			}
		})
	}
}

// drain waits until no worker is busy.
func drain(e *Evaluator) {
	for range cap(e.slots) {
		e.slots <- struct{}{}
	}
	for range cap(e.slots) {
		<-e.slots
	}
}

func TestP6_WorkersAreBounded(t *testing.T) {
	e, err := Fixed(files("a.rego", eligible("allow := true")), Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	e.slots <- struct{}{}
	e.slots <- struct{}{}
	d, err := e.Decide(t.Context(), samples()[0])
	wantRefused(t, d, err, "too busy")
	if !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
	drained := <-e.slots
	e.slots <- drained
	<-e.slots
	if d := mustDecide(t, e, samples()[0]); !d.Allowed {
		t.Error("refused with a worker free")
	}
}

func TestCallerWhoLeavesIsRefused(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := unproved(t, dialect{}, files("a.rego", eligible("allow if count(numbers.range(1, 200000000)) > 0")), Options{Deadline: patient})
	d, err := e.Decide(ctx, samples()[0])
	wantRefused(t, d, err, "could not decide")
	drain(e)
}

func TestPanicRefuses(t *testing.T) {
	e := newEvaluator(Options{Deadline: patient})
	e.current.Store(&Set{policies: []policy{{name: "a.rego", pkg: eligibility}}}) // its query is not prepared
	d, err := e.Decide(t.Context(), samples()[0])
	wantRefused(t, d, err, "could not decide")
	if err == nil {
		t.Fatal("no error")
	}
}

func BenchmarkDecide(b *testing.B) {
	e, err := Fixed(Demo(), Options{Deadline: patient})
	if err != nil {
		b.Fatal(err)
	}
	q := ask(engine.ActRequest, alice, "editor", time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		if d, err := e.Decide(b.Context(), q); err != nil || !d.Allowed {
			b.Fatal(d, err)
		}
	}
}

// BenchmarkEvaluate is Decide without the worker that bounds it.
func BenchmarkEvaluate(b *testing.B) {
	s, err := Load(Demo())
	if err != nil {
		b.Fatal(err)
	}
	q := ask(engine.ActRequest, alice, "editor", time.Hour)
	for b.Loop() {
		if d, err := s.decide(b.Context(), q, topdown.NewCancel()); err != nil || !d.Allowed {
			b.Fatal(d, err)
		}
	}
}
