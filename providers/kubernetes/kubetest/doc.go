// Package kubetest runs a real kube-apiserver, with RBAC enforced, and the
// etcd behind it, so that tests can ask an actual cluster whether a person is
// let in. There are no nodes and no controllers: nothing runs on the cluster,
// aggregated roles (view, edit, admin) have no rules, a deleted namespace
// stays, and no default service accounts appear.
//
// It owns the two processes, their folder and the certificates people come
// with. It must not know the product: it imports the standard library,
// testing and client-go only, so that any package's tests may use it.
//
// The programs are built by apiserver/build into .cache/kube; without them a
// test is skipped, or fails where the environment says CI=true.
package kubetest
