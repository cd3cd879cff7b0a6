// Package client owns the operations of the engine as another process has them:
// the same words and types, carried over the HTTP API. Errors arrive as the
// engine's own kinds, as [engine.Refusal] with a sentence for people.
//
// It must never know the server's insides, and trusts a server with nothing but
// what it was sent: it follows no redirect, reads no answer without bound, and
// shows its token to nobody else.
package client
