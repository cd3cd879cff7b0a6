// Package kubernetes owns access on a Kubernetes cluster: one ClusterRoleBinding
// or RoleBinding for each request, made when access is given and deleted when
// it ends.
//
// RBAC knows no deadline, so a binding stays until somebody deletes it; its
// annotation expires-at says when that is due. Every binding is named after its
// request and marked as jitsudo's. What is not marked, or has another name, is
// never touched: of two bindings that give the same, one goes and one stays.
//
// It must never know requests, policies, chats or how the engine decides.
package kubernetes
