"""The staff's pages of marketing, one file per thing."""

from marketing.admin import subscriptions  # noqa: F401 - registers its pages
