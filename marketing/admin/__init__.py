"""The staff's pages of marketing, one file per thing."""

from marketing.admin import campaigns, events, subscriptions, suppressions, surveys  # noqa: F401 - each registers its pages
