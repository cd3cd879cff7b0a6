// Package httpapi owns the HTTP API of the daemon: its routes, who a caller is,
// the bounds of a call, problem documents and the OpenAPI description of it all.
//
// A caller over the unix socket is known by the uid of their process, a caller
// over TCP by a bearer token. Every route is one row of a table; the OpenAPI
// document is made from the same table.
//
// It must never know chat platforms or clouds, and decides nothing: what a
// caller may do is the engine's to say.
package httpapi
