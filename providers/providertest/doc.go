// Package providertest owns the contract of a provider, as tests: whatever
// passes [Run] can be trusted by the engine to give access and to take it away.
//
// The suite never asks how a provider was called. It asks the platform itself,
// through the [Fixture], who is allowed what. It must never know a platform.
package providertest
