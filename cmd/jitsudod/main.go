// Command jitsudod is the daemon: the engine with everything around it.
//
// It is the only composition root. It owns which parts there are, how they are
// configured, in which order they start and how they stop; what they do is
// theirs. It must hold no rule about requests.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/jitsudo-chat/jitsudo/cmd/jitsudod/internal/config"
	"github.com/jitsudo-chat/jitsudo/engine"
)

// The exit codes, shared with the CLI.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// surroundings is what a command may touch.
type surroundings struct {
	ctx    context.Context //nolint:containedctx // one command's life, handed to its Run by kong
	stdout io.Writer
	stderr io.Writer
	getenv func(string) string
	hangup <-chan os.Signal // asks for the policies to be read anew
	ready  func()           // told once, when everything serves; may be nil
}

type cli struct {
	Serve         serveCmd         `cmd:"" default:"withargs" help:"Run the daemon (the default command)."`
	Demo          demoCmd          `cmd:"" help:"Try everything out in a made-up company, with no account anywhere."`
	Init          initCmd          `cmd:"" help:"Write a configuration, policies, a systemd unit and a Slack manifest, ready to edit."`
	CheckConfig   checkConfigCmd   `cmd:"" help:"Check the configuration and the policies without starting anything."`
	SlackManifest slackManifestCmd `cmd:"" help:"Print the manifest of the Slack app."`
	Version       versionCmd       `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	code := run(os.Args[1:], surroundings{ctx: ctx, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, hangup: hangup})
	stop()
	os.Exit(code)
}

// run is the program without the process around it.
func run(args []string, s surroundings) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("jitsudod"), kong.Description("sudo for the cloud, asked for and granted in chat: the daemon."),
		kong.Writers(s.stdout, s.stderr), kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Bind(s), kong.Vars{"config": orDefault(s.getenv("JITSUDOD_CONFIG"), "/etc/jitsudo/jitsudod.yaml")},
	)
	if err != nil {
		return complain(s.stderr, err, exitFailed)
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help has been answered
		return exited
	}
	if err != nil {
		return complain(s.stderr, err, exitUsage)
	}
	if err := parsed.Run(); err != nil {
		return complain(s.stderr, err, exitFailed)
	}
	return exitOK
}

// complain prints one line, and where there is a way out, a second.
func complain(w io.Writer, err error, code int) int {
	_, _ = fmt.Fprintf(w, "jitsudod: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	var own *config.Error
	var refusal *engine.Refusal
	switch {
	case errors.As(err, &own) && own.Hint != "":
		_, _ = fmt.Fprintf(w, "hint: %s\n", own.Hint)
	case errors.As(err, &refusal) && refusal.Hint != "":
		_, _ = fmt.Fprintf(w, "hint: %s\n", refusal.Hint)
	}
	return code
}

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s surroundings) error {
	_, err := fmt.Fprintln(s.stdout, "jitsudod "+version())
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
