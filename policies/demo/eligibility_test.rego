package jitsudo.eligibility_test

import data.jitsudo.eligibility

alice := {"email": "alice@example.com", "groups": ["sre"]}

bob := {"email": "bob@example.com", "groups": ["sre-leads"]}

carol := {"email": "carol@example.com", "groups": ["security", "jitsudo-admins"]}

dave := {"email": "dave@example.com", "groups": []}

asking(user, action, role) := {
	"action": action,
	"user": user,
	"requester": user,
	"request": {"provider": "sandbox", "role": role, "resource_scope": "prod"},
}

test_everybody_of_the_company_may_look if {
	every user in [alice, bob, carol] {
		eligibility.allow with input as asking(user, "request", "viewer")
	}
}

test_guests_may_not_even_look if {
	not eligibility.allow with input as asking(dave, "request", "viewer")
	eligibility.reason == "Only members of the company may look at the sandbox." with input as asking(dave, "request", "viewer")
}

test_operators_may_change_things if {
	every user in [alice, bob, carol] {
		every role in ["editor", "admin"] {
			eligibility.allow with input as asking(user, "request", role)
		}
	}
}

test_others_may_not_change_things if {
	asked := asking({"email": "x@example.com", "groups": ["sales"]}, "request", "editor")
	not eligibility.allow with input as asked
	eligibility.reason == "The roles editor and admin are for members of sre, sre-leads or security." with input as asked
}

test_alice_may_break_the_glass_for_half_an_hour if {
	asked := asking(alice, "break_glass", "break-glass-admin")
	eligibility.allow with input as asked
	eligibility.max_duration_seconds == 1800 with input as asked
}

test_only_sre_may_break_the_glass if {
	every user in [bob, carol, dave] {
		asked := asking(user, "break_glass", "break-glass-admin")
		not eligibility.allow with input as asked
		startswith(eligibility.reason, "Breaking the glass is for") with input as asked
	}
}

test_break_glass_role_is_for_break_glass_only if {
	asked := asking(alice, "request", "break-glass-admin")
	not eligibility.allow with input as asked
	contains(eligibility.reason, "--break-glass") with input as asked
}

test_glass_is_broken_for_no_other_role if {
	not eligibility.allow with input as asking(alice, "break_glass", "admin")
}

test_other_scopes_are_not_there if {
	asked := object.union(asking(alice, "request", "viewer"), {"request": {"resource_scope": "moon"}})
	not eligibility.allow with input as asked
	eligibility.reason == "The sandbox has the scopes staging and prod." with input as asked
}

test_unknown_roles_are_refused if {
	not eligibility.allow with input as asking(alice, "request", "emperor")
}
