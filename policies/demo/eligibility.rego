# Who may ask for what in the demonstration company.
#
# Its people: alice is in the group sre, bob in sre-leads, carol in security and
# jitsudo-admins. There is one provider, the sandbox, with the scopes staging and
# prod.
package jitsudo.eligibility

import data.jitsudo.lib.people

scopes := {"staging", "prod"}

operators := {"sre", "sre-leads", "security"}

emergency_groups := {"sre"}

here if {
	input.request.provider == "sandbox"
	input.request.resource_scope in scopes
}

default allow := false

# Everybody of the company may look. A guest is in no group.
allow if {
	here
	input.action in {"request", "extend"}
	input.request.role == "viewer"
	count(input.user.groups) > 0
}

# Changing things is for those who run them.
allow if {
	here
	input.action in {"request", "extend"}
	input.request.role in {"editor", "admin"}
	people.in_any(input.user, operators)
}

# In an emergency, without anybody's consent, and at most for half an hour.
allow if {
	here
	input.action == "break_glass"
	input.request.role == "break-glass-admin"
	people.in_any(input.user, emergency_groups)
}

max_duration_seconds := 1800 if input.request.role == "break-glass-admin"

reason := "The sandbox has the scopes staging and prod." if not here

reason := "The role break-glass-admin is for emergencies only: ask for it with --break-glass." if {
	here
	input.request.role == "break-glass-admin"
	input.action != "break_glass"
}

reason := "Breaking the glass is for members of sre, and for the role break-glass-admin." if {
	here
	input.action == "break_glass"
}

reason := "Only members of the company may look at the sandbox." if {
	here
	input.action != "break_glass"
	input.request.role == "viewer"
}

reason := "The roles editor and admin are for members of sre, sre-leads or security." if {
	here
	input.action != "break_glass"
	input.request.role in {"editor", "admin"}
}
