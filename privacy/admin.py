"""The desk's pages are registered when the admin looks for them."""

from privacy.internal import archive_admin, desk_admin, evidence_admin, publications_admin, recipients_admin  # noqa: F401
