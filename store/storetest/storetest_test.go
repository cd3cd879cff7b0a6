package storetest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// The request that has every field must have the new ones too, or a store
// could lose them unseen.
func TestFull_NoFieldIsLeftOut(t *testing.T) {
	unset(t, "Request", reflect.ValueOf(full()))
}

func unset(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	if v.IsZero() {
		t.Errorf("%s is not set", path)
	}
	if v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[time.Time]() || v.Type() == reflect.TypeFor[engine.Message]() {
		return
	}
	for i := range v.NumField() {
		unset(t, path+"."+v.Type().Field(i).Name, v.Field(i))
	}
}

func TestFlaky_FailsOnlyAsTold(t *testing.T) {
	full := errors.New("disk full")
	calls := 0
	f := NewFlaky(counting{calls: &calls})
	f.Next(Update, Fault{Before: full}, Fault{After: full}, Fault{}, Fault{Twice: true})
	changes := 0
	run := func() error {
		_, err := f.Update(t.Context(), "x", func(*engine.Request) ([]engine.Event, error) {
			changes++
			return nil, nil
		})
		return err
	}
	for i, want := range []struct {
		err            error
		calls, changes int
	}{{full, 0, 0}, {full, 1, 1}, {nil, 2, 2}, {nil, 3, 4}, {nil, 4, 5}} {
		if err := run(); !errors.Is(err, want.err) || calls != want.calls || changes != want.changes {
			t.Fatalf("call %d: %v, %d calls, %d changes, want %+v", i, err, calls, changes, want)
		}
	}
	f.Down(full)
	if err := run(); !errors.Is(err, full) {
		t.Fatalf("down: %v", err)
	}
	f.Down(nil)
	if err := run(); err != nil {
		t.Fatalf("up again: %v", err)
	}
}

// counting counts the updates that reach it.
type counting struct {
	engine.Store
	calls *int
}

func (c counting) Update(_ context.Context, _ string, change func(*engine.Request) ([]engine.Event, error)) (engine.Request, error) {
	*c.calls++
	var r engine.Request
	_, err := change(&r)
	return r, err
}
