package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/engine/client"
)

// The exit codes.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitRefused     = 3
	exitNotFound    = 4
	exitTooLate     = 5
	exitInVain      = 6
	exitUnreachable = 7
	exitInterrupted = 130
)

// app is what the commands share: where words come from and answers go.
type app struct {
	words     *cli
	in        io.Reader
	out, err  io.Writer
	environ   []string
	model     *kong.Application
	separated bool // "--" was given
	client    *client.Client
}

// env returns a variable of the environment, "" when it is not there.
func (a *app) env(name string) string {
	for _, kv := range slices.Backward(a.environ) {
		if k, v, _ := strings.Cut(kv, "="); k == name {
			return v
		}
	}
	return ""
}

// prepare settles which server is meant: flag, environment, the default socket.
func (a *app) prepare() (err error) {
	level := slog.LevelWarn
	if a.words.Debug {
		level = slog.LevelDebug
	}
	a.client, err = client.New(client.Options{
		Server: firstOf(a.words.Server, a.env("JITSUDO_SERVER"), client.DefaultServer),
		Token:  firstOf(a.words.Token, a.env("JITSUDO_TOKEN")),
		Via:    engine.ViaCLI,
		Log:    slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: level})),
	})
	return err
}

func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

// note tells the person something that is not the answer.
func (a *app) note(format string, args ...any) {
	_, _ = fmt.Fprintf(a.err, "jitsudo: %s\n", oneLine(fmt.Sprintf(format, args...)))
}

// An outcome ends the program with a code of its own, silently when it has no error.
type outcome struct {
	code int
	err  error
}

func (o outcome) Error() string {
	if o.err == nil {
		return fmt.Sprintf("exit code %d", o.code)
	}
	return o.err.Error()
}

func (o outcome) Unwrap() error { return o.err }

// complain prints an error the one way that all errors are printed, and returns
// the exit code.
func (a *app) complain(err error) int {
	code := exitCode(err)
	var silent outcome
	if err == nil || errors.As(err, &silent) && silent.err == nil {
		return code
	}
	var r *engine.Refusal
	say, hint := err.Error(), ""
	switch {
	case errors.As(err, &r):
		say, hint = r.Say, r.Hint
	case errors.Is(err, context.Canceled):
		say = "interrupted"
	}
	_, _ = fmt.Fprintf(a.err, "jitsudo: %s\n", oneLine(say))
	if hint != "" {
		_, _ = fmt.Fprintf(a.err, "hint: %s\n", oneLine(hint))
	}
	return code
}

func exitCode(err error) int {
	var o outcome
	if errors.As(err, &o) {
		return o.code
	}
	for _, k := range []struct {
		kind error
		code int
	}{
		{nil, exitOK}, {context.Canceled, exitInterrupted}, {client.ErrUnreachable, exitUnreachable}, {engine.ErrInvalid, exitUsage},
		{engine.ErrForbidden, exitRefused}, {engine.ErrLimited, exitRefused}, {engine.ErrNotFound, exitNotFound}, {engine.ErrConflict, exitTooLate},
	} {
		if errors.Is(err, k.kind) {
			return k.code
		}
	}
	return exitFailed
}

// usage says that the words make no sense, and where help is.
func usage(err error, help string) error {
	var r *engine.Refusal
	if errors.As(grammar.Sentence(err), &r) && r.Hint == "" {
		return &engine.Refusal{Kind: engine.ErrInvalid, Say: r.Say, Field: r.Field, Hint: "`" + help + "` shows what can be said."}
	}
	return r
}

func invalid(format string, args ...any) *engine.Refusal {
	return engine.Refuse(engine.ErrInvalid, format, args...)
}

type versionFlag bool

// BeforeReset prints the version, whatever else was said.
func (versionFlag) BeforeReset(k *kong.Kong) error {
	_, err := fmt.Fprintln(k.Stdout, "jitsudo "+version())
	k.Exit(exitOK)
	return err
}

// version is the module's version as the Go toolchain recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return strings.Trim(info.Main.Version, "()")
}
