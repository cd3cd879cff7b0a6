package examples_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"github.com/jitsudo-chat/jitsudo/examples"
)

// H4: what systemd itself thinks of the unit, from 0 (safe) to 10.
func TestH4_SystemdUnitIsHardened(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("systemd-analyze is not there")
		}
		t.Skip("systemd-analyze is not on this machine")
	}
	unit := t.TempDir() + "/jitsudod.service"
	if err := os.WriteFile(unit, examples.SystemdUnit, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", unit).CombinedOutput()
	m := regexp.MustCompile(`Overall exposure level for .*: ([0-9.]+)`).FindSubmatch(out)
	if m == nil {
		t.Fatalf("%v: %s", err, out)
	}
	if level, err := strconv.ParseFloat(string(m[1]), 64); err != nil || level > 2.0 {
		t.Errorf("exposure %s, want at most 2.0", m[1])
	}
}
