package kubetest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strconv"
)

// etcdFlags has etcd listen on unix sockets: no port to lose to others, and
// nobody else on the machine can reach what it stores.
func etcdFlags(dir string) []string {
	client, peer := etcdSocket(dir), "unix://"+filepath.Join(dir, "peer.sock")
	return []string{
		"--data-dir=" + filepath.Join(dir, "etcd"),
		"--listen-client-urls=" + client,
		"--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=default=" + peer,
		// The data need not survive the machine, only the API server.
		"--unsafe-no-fsync",
		"--log-level=error",
	}
}

func etcdSocket(dir string) string { return "unix://" + filepath.Join(dir, "etcd.sock") }

func apiserverFlags(dir string, port int) []string {
	in := func(name string) string { return filepath.Join(dir, name) }
	return []string{
		"--etcd-servers=" + etcdSocket(dir),
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		// Nobody is told this address (no endpoints are written); without it
		// the server would look for one that is not loopback, and a machine
		// without a network has none. It is a documentation address (RFC 5737).
		"--advertise-address=192.0.2.1",
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.0.0.0/24",
		"--cert-dir=" + in("certs"),
		"--tls-cert-file=" + in(serverCert),
		"--tls-private-key-file=" + in(serverKey),
		"--client-ca-file=" + in(caCert),
		"--authorization-mode=RBAC",
		// No controller makes the default service accounts it would ask for.
		"--disable-admission-plugins=ServiceAccount",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + in(serverKey),
		"--service-account-signing-key-file=" + in(serverKey),
	}
}

// freePort finds a port below the range from which Linux takes the local ends
// of outgoing connections. Within that range a client that keeps dialling a
// dead server can be given the server's own port, and then talks to itself or
// keeps the server from coming back.
func freePort() (int, error) {
	const lowest, highest = 20000, 32000
	var lastErr error
	for range 50 {
		port := lowest + rand.IntN(highest-lowest)
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err != nil {
			lastErr = err
			continue
		}
		return port, l.Close()
	}
	return 0, fmt.Errorf("free port for kube-apiserver: %w", lastErr)
}
