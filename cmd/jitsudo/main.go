// Command jitsudo asks for temporary access, decides on it, uses it and reads
// what happened. It is one client of the daemon's HTTP API.
//
// It owns what is typed and printed at a terminal; it must never know a cloud,
// a chat, or what a policy says. Text that others wrote is made harmless before
// it is printed.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/jitsudo-chat/jitsudo/bot/grammar"
)

// cli is every word of the command line.
type cli struct {
	Server  string      `help:"Where the daemon is (JITSUDO_SERVER)." placeholder:"<url>"`
	Token   string      `help:"Bearer token (JITSUDO_TOKEN)." placeholder:"<token>"`
	Output  string      `short:"o" help:"Output format: table (the default), json, yaml." placeholder:"<format>"`
	Quiet   bool        `short:"q" help:"Print only IDs."`
	Debug   bool        `help:"Log each call to standard error."`
	Version versionFlag `help:"Print the version."`

	Request    requestCmd    `cmd:"" help:"Ask for temporary access."`
	Status     statusCmd     `cmd:"" help:"Show one request, or list requests."`
	Approve    approveCmd    `cmd:"" help:"Approve a request."`
	Deny       denyCmd       `cmd:"" help:"Deny a request."`
	Cancel     cancelCmd     `cmd:"" help:"Withdraw a request that waits for a decision."`
	Revoke     revokeCmd     `cmd:"" help:"End access early."`
	Exec       execCmd       `cmd:"" help:"Run a command with the access of a request."`
	Shell      shellCmd      `cmd:"" help:"Open a shell with the access of a request."`
	Audit      auditCmd      `cmd:"" help:"Read, verify and export the audit log."`
	Whoami     whoamiCmd     `cmd:"" help:"Show who the daemon takes you for."`
	Daemon     serverCmd     `cmd:"" name:"server" help:"Ask about the daemon."`
	Completion completionCmd `cmd:"" help:"Print a completion script for a shell."`
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, streams{os.Stdout, os.Stderr}, os.Environ()))
}

// streams are where answers go, and where everything else goes.
type streams struct{ out, err io.Writer }

// run is the program without the process around it; it returns the exit code.
func run(args []string, stdin io.Reader, to streams, environ []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var words cli
	exited := -1
	a := &app{words: &words, in: stdin, out: to.out, err: to.err, environ: environ}
	parser, err := kong.New(&words,
		kong.Name("jitsudo"), kong.Description("sudo for the cloud, asked for and granted in chat."),
		kong.Writers(to.out, to.err), kong.Exit(func(code int) { exited = code }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Bind(a), kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		return a.complain(err)
	}
	a.model, a.separated = parser.Model, separated(args)
	parsed, err := parser.Parse(grammar.Bind(parser.Model, args))
	if exited >= 0 { // --help or --version has been answered
		return exited
	}
	if err != nil {
		return a.complain(misused(err))
	}
	if err := a.prepare(); err != nil {
		return a.complain(err)
	}
	return a.complain(parsed.Run())
}

func separated(args []string) bool {
	for _, arg := range args {
		if arg == "--" {
			return true
		}
	}
	return false
}

// misused says what is wrong with the words, and where to look.
func misused(err error) error {
	command := []string{"jitsudo"}
	var p *kong.ParseError
	if errors.As(err, &p) && p.Context != nil {
		for _, step := range p.Context.Path {
			if step.Command != nil {
				command = append(command, step.Command.Name)
			}
		}
	}
	return usage(err, strings.Join(append(command, "--help"), " "))
}
