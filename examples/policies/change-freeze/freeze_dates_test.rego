package jitsudo.lib.freeze_test

import data.jitsudo.lib.freeze

asked(role, on) := {"role": role, "resource_scope": on}

at(now) := {"now_ns": time.parse_rfc3339_ns(now)}

test_the_first_moment_counts if count(freeze.stops(asked("admin", "prod"), at("2026-11-23T00:00:00Z"))) == 1

test_the_last_does_not if count(freeze.stops(asked("admin", "prod"), at("2026-12-01T00:00:00Z"))) == 0

test_the_whole_cluster_is_frozen if count(freeze.stops(asked("admin", "*"), at("2026-11-25T00:00:00Z"))) == 1

test_other_scopes_are_not if count(freeze.stops(asked("admin", "preprod"), at("2026-11-25T00:00:00Z"))) == 0

test_looking_is_no_change if count(freeze.stops(asked("reader", "prod"), at("2026-11-25T00:00:00Z"))) == 0
