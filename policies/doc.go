// Package policies owns the rules that people choose: it loads Rego files, sees
// to it that they are sound before they are in force, and answers the engine's
// questions with them.
//
// Every policy file is compiled together with the helpers (packages below
// jitsudo.lib) and evaluated by itself; the answers are then combined: one
// allow is enough, one deny vetoes, the strictest demand wins. Whatever is not
// a clear yes is a no: no policy, an error, a deadline that passed, a value of
// the wrong type.
//
// A policy can only compute. It is given the input document, and no built-in
// function that reaches outside or that may answer differently the next time;
// the time is input.context.now.
//
// The package knows the engine's port and OPA. It must not know chats, clouds,
// stores, HTTP or the daemon's configuration.
package policies
