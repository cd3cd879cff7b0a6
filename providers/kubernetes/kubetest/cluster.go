package kubetest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// patience is how long a server may take until it is ready. Three seconds are
// usual; the rest is for a machine that is busy compiling.
const patience = 90 * time.Second

// A Cluster is one kube-apiserver and its etcd, on loopback addresses. Its
// methods may be called from several goroutines, but Kill and Restart take
// the server from all of them.
type Cluster struct {
	programs  string // folder with the binaries
	dir       string // everything the processes write
	port      int    // of the API server, the same after a restart
	authority *authority
	etcd      *process
	apiserver *process
}

// Start gives the test a cluster of its own, stopped when the test ends. It
// is the one to use for tests that kill the server; the others share one by
// way of Shared, since a start takes about three seconds.
func Start(tb testing.TB) *Cluster {
	tb.Helper()
	c, err := start(context.Background())
	settle(tb, err)
	tb.Cleanup(c.stop)
	return c
}

// settle ends the test when there is no cluster: skipped where the programs
// were never built, failed for any other reason and wherever CI=true.
func settle(tb testing.TB, err error) {
	tb.Helper()
	switch {
	case err == nil:
	case errors.Is(err, errNoPrograms) && os.Getenv("CI") != "true":
		tb.Skip(err)
	default:
		tb.Fatal(err)
	}
}

func start(ctx context.Context) (*Cluster, error) {
	programs, err := findPrograms()
	if err != nil {
		return nil, err
	}
	// A short path: it has to hold the name of a unix socket.
	dir, err := os.MkdirTemp("", "kube")
	if err != nil {
		return nil, fmt.Errorf("folder of the cluster: %w", err)
	}
	c := &Cluster{programs: programs, dir: dir}
	if err := c.assemble(ctx); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) assemble(ctx context.Context) (err error) {
	if c.authority, err = newAuthority(c.dir); err != nil {
		return err
	}
	if c.etcd, err = launch(c.path("etcd.log"), c.program("etcd"), etcdFlags(c.dir)...); err != nil {
		return err
	}
	// Between finding a port free and listening on it somebody else may take
	// it, so a first start that fails may simply try another.
	for range 3 {
		if c.port, err = freePort(); err != nil {
			return err
		}
		if err = c.serve(ctx); err == nil {
			return nil
		}
	}
	return err
}

// serve starts the API server and returns when it is ready.
func (c *Cluster) serve(ctx context.Context) (err error) {
	log, program := c.path("kube-apiserver.log"), c.program("kube-apiserver")
	if c.apiserver, err = launch(log, program, apiserverFlags(c.dir, c.port)...); err != nil {
		return err
	}
	if err := c.awaitReady(ctx); err != nil {
		c.apiserver.kill()
		return fmt.Errorf("%w; etcd: %s; kube-apiserver: %s", err, c.etcd.tail(), c.apiserver.tail())
	}
	return nil
}

// awaitReady polls, as the server can be asked but does not call: until it
// says it is ready and has made the namespace that everybody uses.
func (c *Cluster) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	config, err := c.config("kubetest-ready", adminGroup)
	if err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return fmt.Errorf("client that waits for the server: %w", err)
	}
	defer client.CloseIdleConnections()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		if answers(ctx, client, config.Host+"/readyz") && answers(ctx, client, config.Host+"/api/v1/namespaces/default") {
			return nil
		}
		select {
		case <-ticker.C:
		case <-c.apiserver.done:
			return errors.New("kube-apiserver ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("kube-apiserver not ready: %w", ctx.Err())
		}
	}
}

func answers(ctx context.Context, client *http.Client, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// Kill ends the API server at once (SIGKILL), as a crash would. What it had
// stored stays in etcd, which goes on running. Killing a dead server is
// allowed.
func (c *Cluster) Kill() { c.apiserver.kill() }

// Restart starts the API server again at the same address, with the same
// certificates, and returns when it is ready. A server that still runs is
// killed first.
func (c *Cluster) Restart(tb testing.TB) {
	tb.Helper()
	c.Kill()
	if err := c.serve(context.Background()); err != nil {
		tb.Fatal(err)
	}
}

func (c *Cluster) stop() {
	for _, p := range []*process{c.apiserver, c.etcd} {
		if p != nil {
			p.kill()
		}
	}
	// What cannot be removed lies in the system's temporary folder, where it
	// harms no test.
	_ = os.RemoveAll(c.dir)
}

func (c *Cluster) path(name string) string    { return filepath.Join(c.dir, name) }
func (c *Cluster) program(name string) string { return filepath.Join(c.programs, name) }
func (c *Cluster) url() string                { return "https://127.0.0.1:" + strconv.Itoa(c.port) }
