"""The store's own settings, with engines and names that belong to this test session alone."""

import os

from tests import session

slot = session.claim()
os.environ.setdefault("SECURE_SSL_REDIRECT", "0")

from kmall24.settings import *  # noqa: E402, F403, the slot must be known before the settings are read
from kmall24.settings import DATABASES, REDIS_URL, STORAGES, engines  # noqa: E402

for alias in ("default", "owner"):
    DATABASES[alias] = {**DATABASES[alias], "TEST": {**DATABASES[alias].get("TEST", {})}}
    DATABASES[alias]["TEST"]["NAME"] = f"test_{DATABASES[alias]['NAME']}_{slot}"
    # A test's connection ends with the test; one that is kept would hold the database that is dropped at the end.
    DATABASES[alias]["CONN_MAX_AGE"] = 0

if REDIS_URL.startswith("unix:"):
    REDIS_URL = engines.redis_url(session.logical_database())
CELERY_BROKER_URL = engines.celery_url(REDIS_URL)

# Hashing a password takes its time on purpose, and tests make hundreds.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Hashed file names need `collectstatic` first.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True
# Each test has a ledger of its own, so none may remember another's.
LEDGER_JOURNAL = ""
# Most tests are about what staff do behind the door; those about the door itself turn it on.
STAFF_SECOND_FACTOR = False
# The same holds for the journal of erasures, which the tests of it switch on for themselves.
PRIVACY_JOURNAL = ""
# Tests write to the desk all day, from one address.
ACCOUNT_RATE_LIMITS = {"privacy_write": "1000000/h/key"}
# A test looks at a page again right after it changed what the page shows.
PAGE_CACHE_SECONDS = 0
