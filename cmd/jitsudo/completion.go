package main

import (
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints the script; it is made from the same words that are parsed.
func (c *completionCmd) Run(a *app) error {
	words := vocabulary(a.model.Node)
	scripts := map[string]func(map[string][]string) string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}
	_, err := io.WriteString(a.out, scripts[c.Shell](words))
	return err
}

// vocabulary maps a command path ("", "audit", "audit verify") to what may follow.
func vocabulary(root *kong.Node) map[string][]string {
	words := map[string][]string{}
	collect(root, "", nil, words)
	return words
}

func collect(n *kong.Node, path string, inherited []string, words map[string][]string) {
	flags := append([]string{}, inherited...)
	for _, f := range n.Flags {
		flags = append(flags, "--"+f.Name)
	}
	next := append([]string{}, flags...)
	for _, c := range n.Children {
		if !c.Hidden {
			next = append(next, c.Name)
			collect(c, strings.TrimSpace(path+" "+c.Name), flags, words)
			continue
		}
		for _, f := range c.Flags { // the default command's flags follow its parent's name
			next = append(next, "--"+f.Name)
		}
	}
	if path == "completion" {
		next = append(next, "bash", "zsh", "fish")
	}
	sort.Strings(next)
	words[path] = next
}

func paths(words map[string][]string) []string {
	all := make([]string, 0, len(words))
	for p := range words {
		all = append(all, p)
	}
	sort.Strings(all)
	return all
}

// cases writes one arm of a shell's case statement for each path.
func cases(words map[string][]string) string {
	var b strings.Builder
	for _, p := range paths(words) {
		fmt.Fprintf(&b, "    %q) words=%q ;;\n", p, strings.Join(words[p], " "))
	}
	return b.String()
}

// walk finds out after which command the cursor stands.
const walk = `  local path="" word words=""
  for word in "$@"; do
    case "$word" in
      -*) continue ;;
    esac
    case "%s" in
      *"|${path:+$path }$word|"*) path="${path:+$path }$word" ;;
    esac
  done
  case "$path" in
%s  esac
`

func body(words map[string][]string) string {
	return fmt.Sprintf(walk, "|"+strings.Join(paths(words), "|")+"|", cases(words))
}

func bashScript(words map[string][]string) string {
	return "# bash completion for jitsudo\n_jitsudo_words() {\n" + body(words) + `  printf '%s' "$words"
}
_jitsudo() {
  local IFS=$' \t\n'
  COMPREPLY=($(compgen -W "$(_jitsudo_words "${COMP_WORDS[@]:1:COMP_CWORD-1}")" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _jitsudo jitsudo
`
}

func zshScript(words map[string][]string) string {
	return "#compdef jitsudo\n_jitsudo_words() {\n" + body(words) + `  print -r -- "$words"
}
_jitsudo() {
  compadd -- ${(s: :)"$(_jitsudo_words "${(@)words[2,CURRENT-1]}")"}
}
compdef _jitsudo jitsudo
`
}

func fishScript(words map[string][]string) string {
	var b strings.Builder
	b.WriteString("# fish completion for jitsudo\ncomplete -c jitsudo -f\n")
	for _, p := range paths(words) {
		condition := "__fish_use_subcommand"
		if p != "" {
			condition = "__fish_seen_subcommand_from " + strings.ReplaceAll(p, " ", "; and __fish_seen_subcommand_from ")
		}
		for _, w := range words[p] {
			if flag, ok := strings.CutPrefix(w, "--"); ok {
				fmt.Fprintf(&b, "complete -c jitsudo -n '%s' -l %s\n", condition, flag)
			} else {
				fmt.Fprintf(&b, "complete -c jitsudo -n '%s' -a %s\n", condition, w)
			}
		}
	}
	return b.String()
}
