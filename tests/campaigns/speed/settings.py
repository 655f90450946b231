"""The store's own settings, with one more address."""

from kmall24.settings import *  # noqa: F403

ROOT_URLCONF = "tests.campaigns.speed.urls"
