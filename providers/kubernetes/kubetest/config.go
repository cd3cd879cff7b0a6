package kubetest

import (
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// adminGroup may do everything on every cluster; the API server itself says
// so, before any role is looked at.
const adminGroup = "system:masters"

// Admin returns the way in of somebody who may do everything.
func (c *Cluster) Admin(tb testing.TB) *rest.Config {
	tb.Helper()
	return c.ConfigFor(tb, "kubetest-admin", adminGroup)
}

// ConfigFor returns the way in of a person, known to the cluster by a client
// certificate that names the user and the groups. Whether the person may do
// anything is for the cluster's roles to say; system:authenticated is added
// by the server.
func (c *Cluster) ConfigFor(tb testing.TB, user string, groups ...string) *rest.Config {
	tb.Helper()
	config, err := c.config(user, groups...)
	if err != nil {
		tb.Fatal(err)
	}
	return config
}

func (c *Cluster) config(user string, groups ...string) (*rest.Config, error) {
	cert, key, err := c.authority.client(user, groups)
	if err != nil {
		return nil, err
	}
	return &rest.Config{
		Host:            c.url(),
		TLSClientConfig: rest.TLSClientConfig{CAData: c.authority.pem, CertData: cert, KeyData: key},
		QPS:             -1, // tests are not to be slowed by the client's own limit
	}, nil
}

// Kubeconfig writes a way in, one of ConfigFor or Admin, as a file that
// kubectl, client-go and a configuration of the product understand.
func (c *Cluster) Kubeconfig(tb testing.TB, path string, way *rest.Config) {
	tb.Helper()
	const name = "kubetest"
	file := api.NewConfig()
	file.Clusters[name] = &api.Cluster{Server: way.Host, CertificateAuthorityData: way.CAData}
	file.AuthInfos[name] = &api.AuthInfo{ClientCertificateData: way.CertData, ClientKeyData: way.KeyData}
	file.Contexts[name] = &api.Context{Cluster: name, AuthInfo: name}
	file.CurrentContext = name
	if err := clientcmd.WriteToFile(*file, path); err != nil {
		tb.Fatalf("kubeconfig: %v", err)
	}
}
