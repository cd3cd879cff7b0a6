package jitsudo.lib.people_test

import data.jitsudo.lib.people

alice := {"email": "alice@example.com", "groups": ["sre"]}

test_in_any_of_a_set if people.in_any(alice, {"sre", "security"})

test_in_any_of_a_list if people.in_any(alice, ["sre"])

test_not_in_another_group if not people.in_any(alice, {"security"})

test_nobody_is_in_no_group if not people.in_any(alice, set())

test_is_one_of if people.is_one_of(alice, {"alice@example.com"})

test_is_not_one_of_others if not people.is_one_of(alice, {"bob@example.com"})

test_on_call if people.on_call(alice, {"oncall": {"primary": ["alice@example.com"]}}, "primary")

test_not_on_call_when_another_is if not people.on_call(alice, {"oncall": {"primary": ["bob@example.com"]}}, "primary")

test_not_on_call_in_an_unknown_schedule if not people.on_call(alice, {"oncall": {}}, "primary")

test_approved_by_any if people.approved_by_any([{"email": "alice@example.com", "groups": ["sre"], "at": ""}], {"sre"})

test_approved_by_nobody if not people.approved_by_any([], {"sre"})
