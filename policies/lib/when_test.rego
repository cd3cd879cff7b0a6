package jitsudo.lib.when_test

import data.jitsudo.lib.when

at(now) := {"now_ns": time.parse_rfc3339_ns(now)}

# 4 March 2026 is a Wednesday.
test_on_that_day if when.on(at("2026-03-04T10:00:00Z"), "", {"Wednesday"})

test_not_on_another_day if not when.on(at("2026-03-04T10:00:00Z"), "", {"Sunday"})

test_the_zone_makes_the_day if when.on(at("2026-03-04T23:30:00Z"), "Europe/Berlin", {"Thursday"})

test_between_begins_with_the_hour if when.between(at("2026-03-04T09:00:00Z"), "", 9, 17)

test_between_ends_before_the_hour if not when.between(at("2026-03-04T17:00:00Z"), "", 9, 17)

test_before_the_first_hour if not when.between(at("2026-03-04T08:59:59Z"), "", 9, 17)

test_over_midnight_in_the_evening if when.between(at("2026-03-04T23:00:00Z"), "", 22, 6)

test_over_midnight_in_the_morning if when.between(at("2026-03-04T05:00:00Z"), "", 22, 6)

test_over_midnight_not_at_noon if not when.between(at("2026-03-04T12:00:00Z"), "", 22, 6)

test_the_zone_makes_the_hour if when.between(at("2026-03-04T08:30:00Z"), "Europe/Berlin", 9, 10)

test_office_hours if when.office_hours(at("2026-03-04T10:00:00Z"), "")

test_no_office_hours_at_night if not when.office_hours(at("2026-03-04T03:00:00Z"), "")

test_no_office_hours_on_sunday if not when.office_hours(at("2026-03-08T10:00:00Z"), "")
