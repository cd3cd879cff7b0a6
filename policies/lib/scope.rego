# Questions about scopes and other names. Use them with
#
#	import data.jitsudo.lib.scope
package jitsudo.lib.scope

# like: does the name fit at least one of the patterns? In a pattern * stands
# for any characters and ? for one.
#
#	scope.like(input.request.resource_scope, {"prod", "prod-*"})
like(name, patterns) if {
	some pattern in patterns
	glob.match(pattern, null, name)
}
