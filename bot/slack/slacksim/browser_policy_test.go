package slacksim_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jitsudo-chat/jitsudo/bot/slack/slacksim"
)

// The policy is what makes a mistake in rendering harmless.
func TestPage_ServedUnderAStrictPolicy(t *testing.T) {
	sim, err := slacksim.New(slacksim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	url := serveWeb(t, sim)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	policy := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'self'") || strings.Contains(policy, "script-src") {
		t.Errorf("policy is %q, want default-src 'self' and no scripts beyond that", policy)
	}
	body, err := io.ReadAll(res.Body)
	if want := `<meta http-equiv="Content-Security-Policy" content="default-src 'self'">`; err != nil || !strings.Contains(string(body), want) {
		t.Errorf("the page itself must ask for the strictest policy: %s", want)
	}
}

func TestPage_FilesKeepToThePolicy(t *testing.T) {
	files, err := filepath.Glob("web/*")
	if err != nil || len(files) < 10 {
		t.Fatalf("files of the page: %v, %v", files, err)
	}
	elsewhere := regexp.MustCompile(`(src|href)="?https?:|url\(["']?https?:|import .*https?:|<script>|\son[a-z]+="|style="`)
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		if strings.HasSuffix(name, ".md") {
			continue
		}
		if strings.Contains(text, "innerHTML =") && filepath.Base(name) != "dom.js" || strings.Contains(text, "insertAdjacentHTML") || strings.Contains(text, "eval(") {
			t.Errorf("%s makes elements from text: only dom.js may", name)
		}
		if found := elsewhere.FindString(text); found != "" {
			t.Errorf("%s holds %q", name, found)
		}
	}
}
