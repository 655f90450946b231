"""What staff hand to KITA, for whom the store is run: the address of somebody whose matter is KITA's to answer, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from privacy.declaration import Purpose, declaration_of, personal_fields
from privacy.gate import disclose
from privacy.internal import looking, policy
from privacy.internal.looking import Why
from privacy.models import Disclosure, Look

KITA = "kita"


def fields_for_kita(model: type[models.Model]) -> list[models.Field]:
    """The values of such a record that the policy in force lets KITA receive, to answer the person; often none."""
    recipient = policy.current().recipients.get(KITA)
    categories = recipient.receives.get(Purpose.SUPPORT, frozenset()) if recipient else frozenset()
    return [
        field
        for field in personal_fields(model)
        if declaration_of(field).category in categories and Purpose.SUPPORT in declaration_of(field).purposes
    ]


@transaction.atomic
def hand_to_kita(record: models.Model, *, by: Any, why: Why) -> tuple[Mapping[str, Any], Disclosure]:
    """Let what KITA needs out, under the name of the member of staff who takes it there; it is a look of theirs as well.

    `NotDisclosed` where the policy, the register of recipients or an older promise forbids it; then nothing is written.
    """
    let_out = disclose(record, to="kita", purpose=Purpose.SUPPORT, acted_by=by.subject)
    shown = {type(record): [f for f in fields_for_kita(type(record)) if f.name in let_out.row]}
    looking.write_down([record], user=by, kind=Look.Kind.EXPORT, why=why, fields=shown)
    return let_out.row, let_out.disclosures[0]
