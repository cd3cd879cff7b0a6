package kubernetes

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/jitsudo-chat/jitsudo/engine"
)

// Options make a provider. Config and Roles are needed.
type Options struct {
	Name   string       // the provider's name in the configuration; "" is "kubernetes"
	Config *rest.Config // the way to the cluster; see [Config]
	// Roles are the ClusterRoles that may be given, by name. There is no way to
	// say "all": what is not listed is refused.
	Roles []string
	// UserPrefix stands before the principal's ID in the name under which the
	// cluster knows a person, as its --oidc-username-prefix does.
	UserPrefix string
	Context    string           // kubeconfig context to name in the text on how to use an access; "" names none
	Now        func() time.Time // nil: time.Now
}

// Cluster gives and takes access on one Kubernetes cluster. It is safe for
// concurrent use.
type Cluster struct {
	name    string
	roles   []string
	prefix  string
	context string
	now     func() time.Time
	people  calls // Check and Suggest: what people set off, limited
	work    calls // Grant, Revoke, Observe and List: never held up by the others
}

var (
	_ engine.Provider  = (*Cluster)(nil)
	_ engine.Lister    = (*Cluster)(nil)
	_ engine.Suggester = (*Cluster)(nil)
	_ engine.Guide     = (*Cluster)(nil)
)

// How many calls people may set off, per second and at once.
const (
	callsPerSecond = 50
	callsAtOnce    = 100
)

// New makes a provider. It does not call the cluster, which may be away.
func New(o Options) (*Cluster, error) {
	if o.Config == nil {
		return nil, errors.New("kubernetes: no way to the cluster is configured")
	}
	if len(o.Roles) == 0 {
		return nil, errors.New("kubernetes: no roles are configured: list the ClusterRoles that people may ask for")
	}
	for _, r := range o.Roles {
		if err := checkRole(r); err != nil {
			return nil, fmt.Errorf("kubernetes: configured roles: %w", err)
		}
	}
	if len(o.UserPrefix) > maxPrefix || strings.ContainsFunc(o.UserPrefix, unprintable) || isBuiltIn(o.UserPrefix) {
		return nil, fmt.Errorf("kubernetes: the user prefix %q cannot stand before a name (at most %d plain characters, not system:)", o.UserPrefix, maxPrefix)
	}
	if o.Name == "" {
		o.Name = "kubernetes"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	people, work, err := connect(o.Config)
	if err != nil {
		return nil, fmt.Errorf("kubernetes: %w", err)
	}
	return &Cluster{
		name: o.Name, roles: append([]string(nil), o.Roles...), prefix: o.UserPrefix, context: o.Context, now: o.Now,
		people: people, work: work,
	}, nil
}

// maxPrefix bounds the user prefix, in characters.
const maxPrefix = 200

func unprintable(c rune) bool { return c <= ' ' || c > '~' }

// Config finds the way to a cluster: the kubeconfig file and the context in it,
// "" for its current one. Without a file it is the pod's own cluster when this
// runs in one and no context is named, and otherwise what kubectl would use.
func Config(file, context string) (*rest.Config, error) {
	if file == "" && context == "" && os.Getenv("KUBERNETES_SERVICE_HOST") != "" {
		config, err := rest.InClusterConfig()
		if err != nil {
			return nil, fmt.Errorf("the pod's own cluster: %w", err)
		}
		return config, nil
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = file
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: context}).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("kubeconfig: %w", err)
	}
	return config, nil
}
