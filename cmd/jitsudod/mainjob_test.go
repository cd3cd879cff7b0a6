package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
	"github.com/jitsudo-chat/jitsudo/providers/kubernetes/kubetest"
)

// The whole way: asked for in Slack, approved in the thread, given by a real API
// server that enforces RBAC, used by the person, and verified gone.
func TestMainJob_SlackToKubernetes(t *testing.T) {
	c := cluster.Get(t)
	j := newJob(t, c, "main-job")
	if j.allowed() {
		t.Fatal("allowed before anything was asked")
	}
	card := j.ask("20s")
	j.press("UBOB", card, "approve")
	eventually(t, "the person is let in", j.allowed)
	seen(t, j.sim, "the card says it is live", func() bool { return strings.Contains(show(j.sim, card), "is live") })
	seen(t, j.sim, "the requester is told", func() bool { return len(j.sim.DM("UALICE")) > 0 })
	eventually(t, "the person is refused again", func() bool { return !j.allowed() })
	seen(t, j.sim, "the card says it has ended", func() bool { return strings.Contains(show(j.sim, card), "Access has ended") })
	if left := j.bindings(); left != 0 {
		t.Errorf("%d bindings are left", left)
	}
}

// The API server dies before the deadline and comes back after it: the binding
// is gone within a minute of its return.
func TestR2_MainJob_APIServerDownAtTheEnd(t *testing.T) {
	c := kubetest.Start(t)
	j := newJob(t, c, "outage")
	card := j.ask("5s")
	j.press("UBOB", card, "approve")
	eventually(t, "the person is let in", j.allowed)
	c.Kill()
	eventually(t, "the daemon finds the API server gone", func() bool {
		return strings.Contains(j.daemon.errs.String(), "state=EXPIRING")
	})
	c.Restart(t)
	back := time.Now()
	eventually(t, "the person is refused again", func() bool { return !j.allowed() })
	seen(t, j.sim, "the card says it has ended", func() bool { return strings.Contains(show(j.sim, card), "Access has ended") })
	if took := time.Since(back); took > time.Minute {
		t.Errorf("gone only %s after the return", took)
	}
	if left := j.bindings(); left != 0 {
		t.Errorf("%d bindings are left", left)
	}
}

// job is one company with Slack, a cluster and a daemon between them.
type job struct {
	t         *testing.T
	sim       *slacksim.Server
	daemon    *running
	admin     kubernetes.Interface
	alice     kubernetes.Interface
	namespace string
	role      string
}

func newJob(t *testing.T, c *kubetest.Cluster, name string) *job {
	t.Helper()
	dir := t.TempDir()
	sim, api := workspace(t, slacksim.DemoCompany())
	j := &job{t: t, sim: sim, namespace: name, role: name + "-reader"}
	j.admin, j.alice = clientFor(t, c.Admin(t)), clientFor(t, c.ConfigFor(t, "alice@example.com"))
	j.prepareCluster()
	kubeconfig := filepath.Join(dir, "kubeconfig")
	c.Kubeconfig(t, kubeconfig, c.Admin(t))
	path := configuration(t, dir, fmt.Sprintf(`
slack: {bot_token: %s, app_token: %s, api_url: %q, channel: CREQUESTS, alert_channels: [CINCIDENTS], alert_mention: here}
providers: {kubernetes: {kubeconfig: %s, roles: [%s]}}
`, sim.BotToken(), sim.AppToken(), api, kubeconfig, j.role))
	j.daemon = launch(t, "serve", "--config", path)
	seen(t, sim, "the bot's two connections", func() bool { return sim.Connections() >= 2 })
	return j
}

func clientFor(t *testing.T, way *rest.Config) kubernetes.Interface {
	t.Helper()
	c, err := kubernetes.NewForConfig(way)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (j *job) prepareCluster() {
	j.t.Helper()
	ctx := j.t.Context()
	_, err := j.admin.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: j.namespace}}, metav1.CreateOptions{})
	if err != nil {
		j.t.Fatal(err)
	}
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: j.role}, Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"list"}}}}
	if _, err := j.admin.RbacV1().ClusterRoles().Create(ctx, role, metav1.CreateOptions{}); err != nil {
		j.t.Fatal(err)
	}
}

// allowed tries it as the person.
func (j *job) allowed() bool {
	j.t.Helper()
	_, err := j.alice.CoreV1().ConfigMaps(j.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil && !apierrors.IsForbidden(err) {
		j.t.Logf("try: %v", err)
		return true // not known to be refused
	}
	return err == nil
}

func (j *job) bindings() int {
	j.t.Helper()
	l, err := j.admin.RbacV1().RoleBindings(j.namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		j.t.Fatal(err)
	}
	return len(l.Items)
}

// ask types the command as Alice and returns the card that appears.
func (j *job) ask(duration string) slacksim.Message {
	j.t.Helper()
	line := fmt.Sprintf(`request --provider kubernetes --role %s --scope %s --duration %s --reason "look at <!channel> INC-1"`, j.role, j.namespace, duration)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if s, err := j.sim.Person("UALICE").Slash(ctx, "CREQUESTS", "/jitsudo", line); err != nil || s.Warning != "" {
		j.t.Fatalf("slash: %v %q", err, s.Warning)
	}
	seen(j.t, j.sim, "the card", func() bool { return len(j.sim.Messages("CREQUESTS")) > 0 })
	card := j.sim.Messages("CREQUESTS")[0]
	seen(j.t, j.sim, "the call in its thread", func() bool { return len(j.sim.Thread(card.Channel, card.TS)) > 1 })
	return card
}

// press clicks a button on the card, and agrees where a dialog asks.
func (j *job) press(who slacksim.UserID, card slacksim.Message, action string) {
	j.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := j.sim.Person(who).Press(ctx, card.Channel, card.TS, action)
	if err == nil && s.Confirm != nil {
		s, err = j.sim.Person(who).Agree(ctx, s.Confirm)
	}
	if err != nil || s.Warning != "" {
		j.t.Fatalf("press %s: %v %q", action, err, s.Warning)
	}
}

// show returns everything that a card says now.
func show(sim *slacksim.Server, card slacksim.Message) string {
	for _, m := range sim.Messages(card.Channel) {
		if m.TS == card.TS {
			return fmt.Sprint(m.Text, m.Blocks)
		}
	}
	return ""
}
