"""The checks that stand at the door of every release: what they find stops it, each with what to do."""

from privacy.internal.checks.adapters import adapters_are_used
from privacy.internal.checks.database import the_database_agrees
from privacy.internal.checks.models import every_model_takes_a_position, personal_values_stand_in_personal_records
from privacy.internal.checks.statements import the_policy_covers_what_is_declared

__all__ = [
    "adapters_are_used",
    "every_model_takes_a_position",
    "personal_values_stand_in_personal_records",
    "the_database_agrees",
    "the_policy_covers_what_is_declared",
]
