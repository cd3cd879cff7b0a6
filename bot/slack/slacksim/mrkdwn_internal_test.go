package slacksim

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func testServer(t testing.TB, change ...func(*Options)) *Server {
	t.Helper()
	o := OddCompany()
	o.Seed = 3
	for _, c := range change {
		c(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestMrkdwn_RendersAsSlackShows(t *testing.T) {
	s := testServer(t, func(o *Options) {
		o.Now = func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
	})
	for name, c := range map[string]struct{ in, want string }{
		"bold":                         {"*a b* c", "<b>a b</b> c"},
		"italic and strike":            {"_a_ ~b~", "<i>a</i> <s>b</s>"},
		"nested":                       {"*a _b_*", "<b>a <i>b</i></b>"},
		"marks within words stay":      {"snake_case_name 2*3*4", "snake_case_name 2*3*4"},
		"marks with spaces stay":       {"* a *", "* a *"},
		"code has no formatting":       {"`*a* <@UALICE>`", "<code>*a* @alice</code>"},
		"fenced code":                  {"x\n```\n*a*\nb```\ny", "x<pre>*a*\nb</pre>y"},
		"quote":                        {"&gt; a\n&gt; b\nc", "<blockquote>a<br>b</blockquote>c"},
		"quote of all the rest":        {"&gt;&gt;&gt; a\nb", "<blockquote>a<br>b</blockquote>"},
		"lines":                        {"a\nb", "a<br>b"},
		"person":                       {"<@UALICE>", `<span class="mention user" data-id="UALICE">@alice</span>`},
		"person with a false label":    {"<@UALICE|bob>", `<span class="mention user" data-id="UALICE">@alice</span>`},
		"nobody":                       {"<@UNOBODY>", "&lt;@UNOBODY&gt;"},
		"channel":                      {"<#CINCIDENTS>", `<span class="mention channel" data-id="CINCIDENTS">#incidents</span>`},
		"everybody":                    {"<!channel>", `<span class="mention broadcast" data-id="channel">@channel</span>`},
		"group":                        {"<!subteam^SSRE>", `<span class="mention group" data-id="SSRE">@sre</span>`},
		"escaped mention":              {"&lt;!channel&gt;", "&lt;!channel&gt;"},
		"escaped twice shows entities": {"&amp;lt;", "&amp;lt;"},
		"masked link":                  {"<https://evil.example|https://good.example>", `<a href="https://evil.example" target="_blank" rel="noopener noreferrer">https://good.example</a>`},
		"bare link":                    {"see https://a.example/x?y=1&amp;z=2.", `see <a href="https://a.example/x?y=1&amp;z=2" target="_blank" rel="noopener noreferrer">https://a.example/x?y=1&amp;z=2</a>.`},
		"mail link":                    {"<mailto:a@b.example|a>", `<a href="mailto:a@b.example" target="_blank" rel="noopener noreferrer">a</a>`},
		"script is no link":            {"<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"},
		"tags are text":                {"a < b <script>alert('x')</script>", "a &lt; b &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"},
		"date of today":                {"<!date^1795348800^{date_short_pretty} {time}|then>", `<time datetime="2026-11-22T12:00:00Z">Today 12:00</time>`},
		"date that is none":            {"<!date^x^{time}|then>", "then"},
		"date without a format":        {"<!date^17|then>", "then"},
		"emoji stays":                  {":tada:", ":tada:"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := renderMrkdwn(s, c.in); got != c.want {
				t.Errorf("%q\n got %s\nwant %s", c.in, got, c.want)
			}
		})
	}
}

func TestMrkdwn_LongTextsStayQuick(t *testing.T) {
	s := testServer(t)
	for name, unit := range map[string]string{
		"marks that never close": "*a ", "marks in marks": "_*", "open brackets": "<", "backticks": "` ",
		"fences": "```x", "addresses": "https://", "addresses side by side": "https://. ", "marks and brackets": "*<",
	} {
		began := time.Now()
		renderMrkdwn(s, strings.Repeat(unit, maxText/len(unit)))
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s: %v", name, took)
		}
	}
}

// ownTag is every tag that the renderer may write.
var ownTag = regexp.MustCompile(`</?(?:b|i|s|code|pre|blockquote)>|<br>|</(?:a|span|time)>` +
	`|<a href="[^"<>]*" target="_blank" rel="noopener noreferrer">` +
	`|<span class="mention [a-z]+" data-id="[^"<>]*">|<time datetime="[0-9TZ:-]+">`)

func FuzzMrkdwn(f *testing.F) {
	for _, seed := range []string{
		"*a* _b_ ~c~ `d` ```e```", "<!channel> <@UALICE|x> <#CINCIDENTS>", "<https://a.example|\"><script>>", "&gt; q\n>>> r",
		"<!date^1^{ago}^https://x|f>", "<!date^>", "<@", "<>", "<|>", "<!subteam^>", "https://\"onclick=", "<javascript:x>",
		"<script>", "&lt;b&gt;", "*<@UALICE*>", "`<`>`", "```<@UALICE```>", "\x00\xff<", "<mailto:\"x>", "_*_*_", "<!date^99999999999^{date}>",
	} {
		f.Add(seed)
	}
	s := testServer(f)
	f.Fuzz(func(t *testing.T, in string) {
		out := renderMrkdwn(s, in)
		if rest := ownTag.ReplaceAllString(out, ""); strings.ContainsAny(rest, "<>") {
			t.Fatalf("%q renders to %q, which has a tag of its own", in, out)
		}
		for _, tag := range []string{"a", "b", "i", "s", "code", "pre", "blockquote", "span", "time"} {
			open := strings.Count(out, "<"+tag+">") + strings.Count(out, "<"+tag+" ")
			if shut := strings.Count(out, "</"+tag+">"); open != shut {
				t.Fatalf("%q renders to %q: %d of <%s> and %d of its end", in, out, open, tag, shut)
			}
		}
		for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(out, -1) {
			if !regexp.MustCompile(`^(?i:https?:|mailto:|tel:)`).MatchString(m[1]) {
				t.Fatalf("%q renders to a link to %q", in, m[1])
			}
		}
		if plain := renderPlain(in); strings.ContainsAny(strings.ReplaceAll(plain, "<br>", ""), "<>\"") {
			t.Fatalf("%q is not escaped as plain text: %q", in, plain)
		}
		if escaped := escapeEntities(in); len(controls(escaped)) > 0 || strings.Contains(renderMrkdwn(s, escaped), "mention") && !strings.Contains(in, "mention") {
			t.Fatalf("%q refers to something although it is escaped", in)
		}
	})
}

func TestPings_CountWhomAPostNotifies(t *testing.T) {
	s := testServer(t)
	in := s.channels["CREQUESTS"]
	section := func(kind, text string) []any {
		return []any{obj{"type": "section", "text": obj{"type": kind, "text": text}}}
	}
	for name, c := range map[string]struct {
		m    Message
		want int
	}{
		"everybody but bots and the deactivated":   {Message{User: "UJITSUDO", Text: "<!channel>"}, 7},
		"everybody but the author":                 {Message{User: "UALICE", Text: "<!here>"}, 6},
		"each once":                                {Message{User: "UJITSUDO", Text: "<@UBOB> <@UBOB> <!subteam^SLEADS>"}, 1},
		"only members of the channel":              {Message{User: "UJITSUDO", Text: "<@UERIN>"}, 0},
		"raw in a mrkdwn block":                    {Message{User: "UJITSUDO", Text: "x", Blocks: section("mrkdwn", "<!channel>")}, 7},
		"nobody from plain text":                   {Message{User: "UJITSUDO", Text: "x", Blocks: section("plain_text", "<!channel>")}, 0},
		"nobody from escaped text":                 {Message{User: "UJITSUDO", Text: "&lt;!channel&gt;", Blocks: section("mrkdwn", "&lt;!channel&gt;")}, 0},
		"a mention in rich text":                   {Message{User: "UJITSUDO", Blocks: []any{obj{"type": "rich_text", "elements": []any{obj{"type": "user", "user_id": "UBOB"}}}}}, 1},
		"a broadcast in rich text":                 {Message{User: "UJITSUDO", Blocks: []any{obj{"type": "rich_text", "elements": []any{obj{"type": "broadcast", "range": "channel"}}}}}, 7},
		"nobody from a mention that is only words": {Message{User: "UJITSUDO", Text: "@channel"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := s.pingsOf(in, &c.m); len(got) != c.want {
				t.Errorf("pings %v, want %d", got, c.want)
			}
		})
	}
}
