package main

import (
	"fmt"

	"github.com/jitsudo-chat/jitsudo/cmd/jitsudod/internal/config"
	"github.com/jitsudo-chat/jitsudo/engine"
	"github.com/jitsudo-chat/jitsudo/providers/kubernetes"
	"github.com/jitsudo-chat/jitsudo/providers/sandbox"
)

// openProviders opens every configured platform.
func openProviders(c config.Providers, cloud *sandbox.Cloud) (map[string]engine.Platform, error) {
	all := map[string]engine.Platform{}
	if c.Sandbox != nil {
		if cloud == nil {
			var err error
			if cloud, err = sandbox.New(sandbox.Options{File: c.Sandbox.File}); err != nil {
				return nil, fmt.Errorf("providers.sandbox: %w", err)
			}
		}
		all["sandbox"] = engine.Platform{Provider: cloud, MaxDuration: c.Sandbox.MaxDuration.Value}
	}
	if k := c.Kubernetes; k != nil {
		cluster, err := openCluster(k)
		if err != nil {
			return nil, fmt.Errorf("providers.kubernetes: %w", err)
		}
		all["kubernetes"] = engine.Platform{Provider: cluster, MaxDuration: k.MaxDuration.Value}
	}
	return all, nil
}

// openCluster prepares the way to a cluster; it does not call it, so that a
// cluster that is away does not keep the daemon from starting.
func openCluster(k *config.Kubernetes) (*kubernetes.Cluster, error) {
	way, err := kubernetes.Config(k.Kubeconfig, k.Context)
	if err != nil {
		return nil, err
	}
	return kubernetes.New(kubernetes.Options{Config: way, Roles: k.Roles, UserPrefix: k.UserPrefix, Context: k.Context})
}
