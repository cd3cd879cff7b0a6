package engine_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// An arrow says what the packages of a folder may import besides the standard
// library: packages of this module, named exactly, and libraries, by the
// beginning of their path.
type arrow struct {
	ours      []string
	libraries []string
}

// arrows is the architecture. The longest folder that matches counts; a folder
// without a row may not exist. Somebody who needs another arrow draws it here,
// where a reader of the change sees it.
var arrows = map[string]arrow{
	"engine":          {},
	"engine/wire":     {ours: []string{"engine"}}, // the JSON documents that both ends of the HTTP API share
	"engine/httpapi":  {ours: []string{"engine", "engine/wire"}, libraries: []string{"golang.org/x/sys"}},
	"engine/client":   {ours: []string{"engine", "engine/wire"}},
	"policies":        {ours: []string{"engine"}, libraries: []string{"github.com/open-policy-agent/opa", "github.com/fsnotify/fsnotify"}},
	"store/bolt":      {ours: []string{"engine"}, libraries: []string{"go.etcd.io/bbolt", "golang.org/x/sys"}},
	"store/postgres":  {ours: []string{"engine"}, libraries: []string{"github.com/jackc/pgx/v5"}},
	"store/storetest": {ours: []string{"engine"}},

	"providers/providertest":        {ours: []string{"engine"}},
	"providers/sandbox":             {ours: []string{"engine"}},
	"providers/kubernetes":          {ours: []string{"engine"}, libraries: []string{"k8s.io"}},
	"providers/kubernetes/kubetest": {libraries: []string{"k8s.io/client-go"}},
	"providers/aws":                 {ours: []string{"engine"}, libraries: []string{"github.com/aws"}},
	"providers/aws/awssim":          {},
	"providers/gcp":                 {ours: []string{"engine"}, libraries: []string{"cloud.google.com/go", "google.golang.org"}},
	"providers/gcp/gcpsim":          {libraries: []string{"cloud.google.com/go", "google.golang.org"}},
	"providers/azure":               {ours: []string{"engine"}, libraries: []string{"github.com/Azure"}},
	"providers/azure/azuresim":      {},

	"bot":                    {ours: []string{"engine", "bot/grammar"}},
	"bot/grammar":            {ours: []string{"engine"}, libraries: []string{"github.com/alecthomas/kong"}},
	"bot/slack":              {ours: []string{"bot", "bot/grammar", "engine"}, libraries: []string{"github.com/slack-go/slack", "github.com/gorilla/websocket", "go.yaml.in/yaml/v3"}},
	"bot/slack/slacksim":     {libraries: []string{"github.com/gorilla/websocket", "github.com/santhosh-tekuri/jsonschema/v6"}},
	"bot/discord":            {ours: []string{"bot", "bot/grammar", "engine"}, libraries: []string{"github.com/bwmarrin/discordgo", "golang.org/x/sync"}},
	"bot/discord/discordsim": {libraries: []string{"github.com/gorilla/websocket"}},
	"bot/chattest":           {ours: []string{"bot", "engine"}},
	"bot/mail":               {ours: []string{"engine"}},
	"bot/webhook":            {ours: []string{"engine"}},
	"bot/syslog":             {ours: []string{"engine"}},

	// The CLI stays small and starts fast: no cloud, no chat, no OPA.
	"cmd/jitsudo": {
		ours:      []string{"engine", "engine/client", "engine/wire", "bot/grammar"},
		libraries: []string{"github.com/alecthomas/kong", "golang.org/x/sys", "golang.org/x/term", "go.yaml.in/yaml/v3"},
	},
	"cmd/jitsudod": anything,
	"examples":     {}, // files to copy, embedded
}

// anything is the right of the composition root.
var anything = arrow{ours: []string{"*"}, libraries: []string{"*"}}

// rowFor returns the row of the nearest folder that has one.
func rowFor(folder string) (arrow, bool) {
	for {
		if row, ok := arrows[folder]; ok {
			return row, true
		}
		cut := strings.LastIndexByte(folder, '/')
		if cut < 0 {
			return arrow{}, false
		}
		folder = folder[:cut]
	}
}

func (a arrow) allows(imported string) bool {
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return true // standard library
	}
	ours, internal := strings.CutPrefix(imported, modulePath+"/")
	if internal {
		return slices.Contains(a.ours, "*") || slices.Contains(a.ours, ours)
	}
	return slices.Contains(a.libraries, "*") || isWithin(imported, a.libraries...)
}

// forbiddenImports checks the product's own code. Tests may bring in whatever
// they prove something against.
func forbiddenImports(sources []goFile) (complaints []string) {
	for _, s := range sources {
		if s.isTest() {
			continue
		}
		row, ok := rowFor(s.folder())
		if !ok {
			complaints = append(complaints, s.path+": its folder has no row among the arrows of engine/imports_test.go; add one that says what it may import")
			continue
		}
		for _, spec := range s.file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil || !row.allows(imported) {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %s may not import %s; turn the arrow round with a port, or draw it in engine/imports_test.go", s.path, s.line(spec), s.folder(), imported))
			}
			if why := misplacedTestCode(s.folder(), imported); why != "" {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %s", s.path, s.line(spec), why))
			}
		}
	}
	return complaints
}

// misplacedTestCode keeps package testing, and what imports it, out of every
// program: simulators are part of the demo.
func misplacedTestCode(folder, imported string) string {
	if strings.HasSuffix(folder, "test") {
		return ""
	}
	if imported == "testing" || strings.HasPrefix(imported, "testing/") {
		return "only a contract (a package called …test) imports " + imported
	}
	if strings.HasPrefix(imported, modulePath+"/") && strings.HasSuffix(imported, "test") {
		return "a program would contain the contract " + imported
	}
	return ""
}

func TestImportsFollowTheArrows(t *testing.T) {
	complain(t, forbiddenImports(repository(t)))
}

func TestForbiddenImportIsSeen(t *testing.T) {
	cases := map[string]struct {
		path, imported string
		complaints     int
	}{
		"the engine imports a chat":              {"engine/submit.go", modulePath + "/bot/slack", 1},
		"the engine imports its own HTTP API":    {"engine/submit.go", modulePath + "/engine/httpapi", 1},
		"the engine imports a library":           {"engine/submit.go", "golang.org/x/sync/errgroup", 1},
		"one provider imports another":           {"providers/sandbox/grant.go", modulePath + "/providers/kubernetes", 1},
		"the CLI imports OPA":                    {"cmd/jitsudo/main.go", "github.com/open-policy-agent/opa/v1/rego", 1},
		"a library whose name begins alike":      {"store/bolt/open.go", "go.etcd.io/bbolt2", 1},
		"a simulator imports the engine":         {"bot/slack/slacksim/people.go", modulePath + "/engine", 1},
		"a simulator imports testing":            {"bot/slack/slacksim/people.go", "testing", 1},
		"the daemon contains a contract":         {"cmd/jitsudod/main.go", modulePath + "/store/storetest", 1},
		"a folder nobody planned":                {"util/strings.go", "strings", 1},
		"a sub-package has its parent's arrows":  {"policies/bundle/load.go", modulePath + "/bot", 1},
		"the store imports its driver":           {"store/bolt/open.go", "go.etcd.io/bbolt", 0},
		"the engine imports the library of Go":   {"engine/submit.go", "crypto/sha256", 0},
		"the daemon imports whatever there is":   {"cmd/jitsudod/main.go", modulePath + "/providers/kubernetes", 0},
		"a test imports what it proves":          {"engine/engine_test.go", modulePath + "/store/bolt", 0},
		"a contract imports testing and engine":  {"store/storetest/run.go", modulePath + "/engine", 0},
		"the CLI imports the engine's client":    {"cmd/jitsudo/main.go", modulePath + "/engine/client", 0},
		"a simulator imports what it speaks":     {"bot/slack/slacksim/socket.go", "github.com/gorilla/websocket", 0},
		"the grammar imports its parser library": {"bot/grammar/parse.go", "github.com/alecthomas/kong", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := mustParseGo(t, c.path, fmt.Sprintf("package p\nimport _ %q\n", c.imported))
			if got := forbiddenImports([]goFile{s}); len(got) != c.complaints {
				t.Errorf("%d complaints %q, want %d", len(got), got, c.complaints)
			}
		})
	}
}
