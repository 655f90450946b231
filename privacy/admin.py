"""The desk's pages are registered when the admin looks for them."""

from privacy.internal import (  # noqa: F401
    archive_admin,
    desk_admin,
    evidence_admin,
    forgetting_admin,
    publications_admin,
    recipients_admin,
)
