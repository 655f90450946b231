"""The desk's pages are registered when the admin looks for them."""

from privacy.internal import desk_admin, recipients_admin  # noqa: F401
