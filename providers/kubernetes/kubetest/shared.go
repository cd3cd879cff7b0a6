package kubetest

import (
	"context"
	"sync"
	"testing"
)

// Shared is one cluster for all tests of a package, started when the first of
// them asks for it. The zero value is ready for use:
//
//	var cluster kubetest.Shared
//
//	func TestMain(m *testing.M) { os.Exit(cluster.Main(m).Run()) }
//
//	func TestX(t *testing.T) { config := cluster.Get(t).Admin(t) … }
//
// Tests that share a cluster keep apart by their objects' names, and leave
// the server alone.
type Shared struct {
	once    sync.Once
	cluster *Cluster
	err     error
}

// Get returns the cluster. Without the programs it skips the test, or fails
// it where CI=true.
func (s *Shared) Get(tb testing.TB) *Cluster {
	tb.Helper()
	s.once.Do(func() { s.cluster, s.err = start(context.Background()) })
	settle(tb, s.err)
	return s.cluster
}

// Main wraps what TestMain is given so that the cluster is stopped after the
// last test, and before anything else that looks at the process then.
func (s *Shared) Main(m *testing.M) Main { return Main{tests: m, shared: s} }

// Main runs a package's tests, then stops their cluster.
type Main struct {
	tests  *testing.M
	shared *Shared
}

// Run returns the tests' exit code.
func (m Main) Run() int {
	code := m.tests.Run()
	if m.shared.cluster != nil {
		m.shared.cluster.stop()
	}
	return code
}
