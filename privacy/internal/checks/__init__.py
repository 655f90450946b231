"""The checks that stand at the door of every release: what they find stops it, each with what to do."""

from privacy.internal.checks.adapters import adapters_are_used, staff_see_masks
from privacy.internal.checks.columns import columns_are_stated_first, migrations_bring_only_what_is_declared
from privacy.internal.checks.database import the_database_agrees
from privacy.internal.checks.edges import (
    cookies_are_declared,
    forms_ask_and_nothing_else_does,
    letters_go_through_the_door,
    tasks_take_ids,
)
from privacy.internal.checks.forgeries import the_evidence_is_the_stores_own
from privacy.internal.checks.forms import adapters_say_what_they_collect, forms_about_people_carry_a_notice
from privacy.internal.checks.models import (
    every_model_takes_a_position,
    personal_values_stand_in_personal_records,
    what_people_tell_comes_from_people,
)
from privacy.internal.checks.outlets import no_value_runs_out
from privacy.internal.checks.publications import the_policy_is_as_it_was_published
from privacy.internal.checks.retention import every_value_knows_its_day
from privacy.internal.checks.statements import (
    a_release_knows_what_it_does_not_keep,
    the_code_keeps_what_the_policy_states,
    the_policy_covers_what_is_declared,
    the_policy_names_every_door,
)

__all__ = [
    "a_release_knows_what_it_does_not_keep",
    "adapters_are_used",
    "adapters_say_what_they_collect",
    "columns_are_stated_first",
    "cookies_are_declared",
    "every_model_takes_a_position",
    "every_value_knows_its_day",
    "forms_about_people_carry_a_notice",
    "forms_ask_and_nothing_else_does",
    "letters_go_through_the_door",
    "migrations_bring_only_what_is_declared",
    "no_value_runs_out",
    "personal_values_stand_in_personal_records",
    "staff_see_masks",
    "tasks_take_ids",
    "the_code_keeps_what_the_policy_states",
    "the_database_agrees",
    "the_evidence_is_the_stores_own",
    "the_policy_covers_what_is_declared",
    "the_policy_is_as_it_was_published",
    "the_policy_names_every_door",
    "what_people_tell_comes_from_people",
]
