// Package sandbox owns a fake cloud that lives inside the daemon: a place to
// see access come and go without an account anywhere.
//
// It keeps bindings (who holds which role on which scope), answers whether
// somebody may do something, hands out short opaque tokens for live access and
// shows all of it on a small page. Like many a real cloud it knows no deadline
// of its own for a binding: what nobody takes away stays. Only the tokens die
// by themselves.
//
// It must never know requests, policies, chats or how the engine decides.
package sandbox
