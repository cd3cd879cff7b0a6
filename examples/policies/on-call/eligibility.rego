# Who may ask for the roles that are needed to repair things.
package jitsudo.eligibility

import data.jitsudo.lib.people

team := {"sre", "on-call"}

roles := {"edit", "editor", "admin"}

allow if {
	input.action in {"request", "extend"}
	input.request.role in roles
	people.in_any(input.user, team)
}

max_duration_seconds := 3600 if input.request.role in roles
