"""The staff's pages of marketing, one file per thing."""

from marketing.admin import campaigns, subscriptions, suppressions  # noqa: F401 - each registers its pages
