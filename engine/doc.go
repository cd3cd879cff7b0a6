// Package engine owns what jitsudo is about: the life of a request for
// temporary access, from the first word to the moment the access is proved gone.
//
// It holds every domain type, the state machine, the rules that no policy may
// lift, the audit chain and the sweep that gives and takes access. It speaks to
// the outside through ports that others implement: [Store], [Provider],
// [Policy], [Directory] and [Notifier].
//
// It must never know chat platforms, clouds, OPA, HTTP, SQL or YAML, and
// imports the standard library alone.
//
// # How the pieces fit
//
// Front ends only record what people want: [Engine.Submit], [Engine.Approve]
// and their kin return after one transaction of the store. What is owed to a
// cloud or to a chat is written on the request itself as a moment at which to
// look again, in two queues: [AccessQueue] (give, take, verify) and
// [CardQueue] (draw, tell). Workers that run [Engine.Run] take due requests from
// a queue and do the slow thing. The queues are two so that a chat that is down
// or slow can never delay the end of an access.
//
// State, audit entry and the head of the audit chain are one commit. Whatever
// cannot be audited does not happen.
package engine
