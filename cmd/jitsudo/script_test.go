package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// soon bounds what must not hang.
const soon = 30 * time.Second

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"jitsudo": main})
}

// TestScripts runs the command line against the daemon as people run it: each
// script has a demo company of its own, with alice logged in.
func TestScripts(t *testing.T) {
	bin := buildDaemon(t)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           lacks,
		Setup:               func(env *testscript.Env) error { return startDemo(env, bin) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": cmdCode, "capture": cmdCapture, "gone": cmdGone, "ready": cmdReady, "until": cmdUntil, "readyfile": cmdReadyFile,
		},
	})
}

// lacks is a script's condition "[lacks:program]": the program is not there.
// Where everything must run, that is an error.
func lacks(condition string) (bool, error) {
	program, ok := strings.CutPrefix(condition, "lacks:")
	if !ok {
		return false, fmt.Errorf("unknown condition %s", condition)
	}
	_, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI") == "true" {
		return true, fmt.Errorf("CI must have %s: %w", program, err)
	}
	return err != nil, nil
}

// buildDaemon builds jitsudod once and returns the folder it is in.
func buildDaemon(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "jitsudod"), "../jitsudod").CombinedOutput()
	if err != nil {
		t.Fatalf("build the daemon: %v\n%s", err, out)
	}
	return dir
}

// startDemo starts the demo and tells the script where it is and who is who.
func startDemo(env *testscript.Env, bin string) error {
	cmd := exec.Command(filepath.Join(bin, "jitsudod"), "demo", "--no-open", "--json", "--data", filepath.Join(env.WorkDir, ".demo"), "--listen", "127.0.0.1:0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	env.Defer(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // how it ends is the daemon's own test
	})
	var facts struct {
		API    string
		Tokens map[string]string
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && facts.API == "" {
		if strings.HasPrefix(lines.Text(), "{") {
			if err := json.Unmarshal(lines.Bytes(), &facts); err != nil {
				return fmt.Errorf("what the demo prints: %w", err)
			}
			break
		}
	}
	for who, token := range facts.Tokens {
		env.Setenv(strings.ToUpper(who), token)
	}
	env.Setenv("PATH", env.Getenv("PATH")+string(os.PathListSeparator)+bin)
	env.Setenv("GORACE", "atexit_sleep_ms=0") // else every program of a race test lingers for a second
	env.Setenv("JITSUDO_SERVER", facts.API)
	env.Setenv("JITSUDO_TOKEN", facts.Tokens["alice"])
	return eventually(func() error {
		resp, err := http.Get(facts.API + "/readyz")
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return errors.New(resp.Status)
		}
		return nil
	})
}

// eventually tries until it succeeds or it is late.
func eventually(try func() error) error {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	late := time.After(soon)
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-late:
			return fmt.Errorf("still after %s: %w", soon, err)
		case <-tick.C:
		}
	}
}

// cmdCode runs a program and wants its exit code: "code 3 jitsudo approve …".
func cmdCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N program [args]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// cmdCapture keeps what the last program printed in a variable: "capture ID".
func cmdCapture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: capture NAME")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}

// cmdGone waits until the process whose ID is in a file is gone: "gone pid.txt".
func cmdGone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gone FILE")
	}
	pid := strings.TrimSpace(ts.ReadFile(args[0]))
	ts.Check(eventually(func() error {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return nil
		}
		return fmt.Errorf("process %s is there", pid)
	}))
}

// cmdReadyFile waits until a file has something in it.
func cmdReadyFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: readyfile FILE")
	}
	path := ts.MkAbs(args[0])
	ts.Check(eventually(func() error {
		raw, err := os.ReadFile(path)
		if err == nil && len(raw) == 0 {
			err = errors.New("the file is empty")
		}
		return err
	}))
}

// cmdReady waits until the daemon of JITSUDO_SERVER answers.
func cmdReady(ts *testscript.TestScript, neg bool, args []string) {
	cmdUntil(ts, neg, []string{"jitsudo", "server", "version"})
}

// cmdUntil repeats a program until it succeeds.
func cmdUntil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: until program [args]")
	}
	ts.Check(eventually(func() error { return ts.Exec(args[0], args[1:]...) }))
}
