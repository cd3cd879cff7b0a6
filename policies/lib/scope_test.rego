package jitsudo.lib.scope_test

import data.jitsudo.lib.scope

test_the_name_itself if scope.like("prod", {"prod"})

test_the_whole_name_counts if not scope.like("preprod", {"prod"})

test_a_star if scope.like("prod-eu-1", {"staging", "prod-*"})

test_a_star_takes_dots_and_slashes if scope.like("prod.eu/1", ["prod*"])

test_a_question_mark if scope.like("prod1", {"prod?"})

test_no_pattern_fits_nothing if not scope.like("prod", [])
