# WHO MAY ASK FOR WHAT
#
# This file decides whether somebody may ask for access at all. Whether a
# colleague has to agree is the business of approval.rego.
#
# To begin with, change only the two tables below: put in the names of your own
# groups and roles. Then run the tests next to this file (jitsudod does that by
# itself before it puts a change in force, and keeps the old policies if a test
# fails).
#
# A word on Rego, the language of this file: a rule "allow if { … }" is true when
# every line between the braces holds. Two rules of one name mean "or". Whatever
# is not said to be allowed is refused.
package jitsudo.eligibility

import data.jitsudo.lib.people
import data.jitsudo.lib.scope

# The roles that people may ask for. Each line of the table reads: who is in one
# of these groups may ask for one of these roles, on scopes that look like one of
# these, for at most so many minutes. A * stands for anything.
catalog := [
	{
		"groups": ["engineering", "sre"],
		"roles": ["view", "viewer", "reader", "Reader", "roles/viewer"],
		"scopes": ["*"],
		"minutes": 480,
	},
	{
		"groups": ["engineering", "sre"],
		"roles": ["edit", "editor", "Contributor", "roles/editor"],
		"scopes": ["dev", "dev-*", "staging", "staging-*"],
		"minutes": 240,
	},
	{
		"groups": ["sre"],
		"roles": ["edit", "editor", "Contributor", "roles/editor", "admin", "cluster-admin"],
		"scopes": ["*"],
		"minutes": 60,
	},
]

# Breaking the glass: access in an emergency, at once and without anybody's
# consent, but loudly. Keep these groups small and the time short.
emergency := {
	"groups": ["sre"],
	"roles": ["break-glass-admin", "admin", "cluster-admin"],
	"minutes": 30,
}

# From here on there is seldom anything to change.

# The lines of the catalog that fit what is asked, whoever asks.
fitting contains entry if {
	some entry in catalog
	input.request.role in entry.roles
	scope.like(input.request.resource_scope, entry.scopes)
}

# How many minutes the lines that also fit the person allow.
minutes contains entry.minutes if {
	some entry in fitting
	people.in_any(input.user, entry.groups)
}

may_ask if {
	input.action in {"request", "extend"}
	count(minutes) > 0
}

may_break_glass if {
	input.action == "break_glass"
	input.request.role in emergency.roles
	people.in_any(input.user, emergency.groups)
}

default allow := false

allow if may_ask

allow if may_break_glass

# Longer than this is not possible. Of several lines that fit, the most generous
# counts.
max_duration_seconds := max(minutes) * 60 if may_ask

max_duration_seconds := emergency.minutes * 60 if may_break_glass

# A sentence in "deny" refuses, whatever "allow" says, and the person reads it.
# Every policy file has a veto in this way.
deny contains "Say in at least ten characters what you need the access for." if {
	count(input.request.reason) < 10
}

# What the person reads when nothing allowed it.
reason := sentence if {
	input.action != "break_glass"
	count(fitting) > 0
	groups := {g | some entry in fitting; some g in entry.groups}
	sentence := sprintf("The role %s on %s is for members of %s.", [
		input.request.role, input.request.resource_scope, concat(" or ", sort(groups)),
	])
}

reason := sentence if {
	input.action != "break_glass"
	count(fitting) == 0
	sentence := sprintf("The role %s on %s is not in the catalog.", [input.request.role, input.request.resource_scope])
}

reason := sentence if {
	input.action == "break_glass"
	sentence := sprintf("Breaking the glass is for members of %s and the roles %s.", [
		concat(" or ", emergency.groups), concat(", ", emergency.roles),
	])
}
