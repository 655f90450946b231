"""Every setting of the store, read once from the environment; a wrong value stops the start with a sentence."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from kmall24 import engines
from kmall24.funnel import TRAFFIC_FUNNEL as TRAFFIC_FUNNEL
from kmall24.logs import as_json

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

# --- who runs this installation -------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
# An installation without a key of its own gets one, made at its first start and kept beside its engines' state.
SECRET_KEY = env("SECRET_KEY", default="") or engines.installation_secret()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
BASE_URL = env("BASE_URL", default=f"http://127.0.0.1:{env('PORT', default='8000')}").rstrip("/")
if not BASE_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("BASE_URL must start with http:// or https://, for example https://kmall24.example")
SECURE_ORIGIN = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]

OPERATOR_NAME = env("OPERATOR_NAME", default="KMALL24")
OPERATOR_ADDRESS = env("OPERATOR_ADDRESS", default="511 Yeongdong-daero, Gangnam-gu, Seoul 06164, Republic of Korea")
PRIVACY_MAILBOX = env("PRIVACY_MAILBOX", default="privacy@kmall24.com")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("DEFAULT_FROM_EMAIL", default="KMALL24 <shop@kmall24.com>")

# --- apps: the floors of the house, top first; see pyproject.toml for who may import whom --------

INSTALLED_APPS = [
    "kmall24",
    "marketing",
    "orders",
    "cookies",
    "catalogue",
    "accounts",
    "privacy",
    "kmall24.staff.StaffAdminConfig",
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "cookie_consent",
    "csp",
    "django_htmx",
    "djmoney",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "kmall24.legible.LegibleRequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "privacy.quarantine.QuarantineMiddleware",
    "kmall24.caching.middleware.PageCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "kmall24.middleware.ApiLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "privacy.middleware.ReceiptMiddleware",
    "cookies.middleware.TrafficMiddleware",
    "kmall24.preferring.middleware.PreferencesMiddleware",
]

ROOT_URLCONF = "kmall24.urls"
WSGI_APPLICATION = "kmall24.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kmall24.context.store",
            ],
        },
    }
]
FORM_RENDERER = "kmall24.forms.StoreFormRenderer"

# --- PostgreSQL is the only truth; two roles, see docs/decisions/ -------------------------------

_ATOMIC_LATER = {"ENGINE": "kmall24.postgres", "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DATABASES = {
    # The store signs in as a role that owns nothing and has only the grants it needs.
    "default": env.db_url("DATABASE_URL", default=engines.app_database_url()) | _ATOMIC_LATER,
    # The owner migrates. In production only the migration job has this URL.
    "owner": env.db_url("DATABASE_OWNER_URL", default=engines.owner_database_url()),
}
DATABASES["owner"]["TEST"] = {"MIRROR": None, "DEPENDENCIES": []}

# --- Valkey or Redis is a hint; losing all of it costs delay and half a second of page views ---------

REDIS_URL = env("REDIS_URL", default=engines.redis_url())
# Page views may wait in a Valkey of their own, which may be a cluster; see docs/operate.md.
TRAFFIC_VALKEY_URL = env("TRAFFIC_VALKEY_URL", default="")
TRAFFIC_VALKEY_CLUSTER = env.bool("TRAFFIC_VALKEY_CLUSTER", default=False)
CELERY_BROKER_URL = engines.celery_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 10 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 9 * 60
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than any task may run, or Redis hands a running task to a second worker.
    "visibility_timeout": 30 * 60,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Seoul"
CELERY_TASK_ALWAYS_EAGER = env.bool("CELERY_TASK_ALWAYS_EAGER", default=False)

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "store"}}
# For so many seconds a public page that was made for one anonymous visitor is shown to the others; 0 makes each anew.
PAGE_CACHE_SECONDS = env.int("PAGE_CACHE_SECONDS", default=30)
if PAGE_CACHE_SECONDS < 0:
    raise ImproperlyConfigured("PAGE_CACHE_SECONDS must be 0 or more: for so long a public page may be shown again.")
# In the process ("near") and sealed in Valkey for the other processes ("shared").
PAGE_CACHE_LAYERS = env.list("PAGE_CACHE_LAYERS", default=["near", "shared"])

# --- who is signed in ------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# The sign-in address stands in allauth's table and nowhere else.
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
# Nobody is written to who never gave the store an address.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Whoever owns an account hears of a new password or address. Limits count in the cache, so per process.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=int(env.bool("BEHIND_TLS_PROXY", default=False)))
ACCOUNT_RATE_LIMITS = {"privacy_write": env("PRIVACY_WRITE_LIMIT", default="20/h/key")}  # writing to the privacy desk
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignUpForm",
    "add_email": "accounts.forms.AddEmailForm",
}

# Whoever works here has a second factor: a code of an app, or a recovery code. Off, it is offered and not asked for; whoever
# has set one up is asked for its code all the same.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=not DEBUG)
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = f"{OPERATOR_NAME} staff"
# Half a minute more and less: clocks differ. Each code counts once all the same.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "accounts.staff_forms.SignInCodeForm",
    "reauthenticate": "accounts.staff_forms.AgainCodeForm",
}
# The secrets of second factors are sealed with it; a former key goes into the fallbacks until everybody has set up anew.
SECOND_FACTOR_KEY = env("SECOND_FACTOR_KEY", default="") or engines.installation_secret("second_factor")
SECOND_FACTOR_KEY_FALLBACKS = env.list("SECOND_FACTOR_KEY_FALLBACKS", default=[])

SESSION_ENGINE = "kmall24.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_ORIGIN
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "kmall24.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# --- what a browser may do on our pages ---------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_SSL_REDIRECT = SECURE_ORIGIN and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 31536000 if SECURE_ORIGIN else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", default=False) else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# --- languages, money, time ----------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LOCALE_PATHS = [BASE_DIR / "kmall24" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Seoul"
CURRENCIES = ("KRW", "USD", "EUR", "JPY", "CNY")
DEFAULT_CURRENCY = "USD"

# --- files --------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_URL = "/media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(engines.state_dir() / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- the world outside ----------------------------------------------------------------------------

EMAIL_CONFIG = env.email_url("EMAIL_URL", default=f"filemail:///{engines.state_dir() / 'mail'}")
vars().update(EMAIL_CONFIG)
# A mail service by django-anymail may send and, once its settings hold a WEBHOOK_SECRET, receive; see docs/operate.md.
EMAIL_BACKEND, ANYMAIL = env("EMAIL_BACKEND", default=EMAIL_CONFIG["EMAIL_BACKEND"]), env.json("ANYMAIL", default={})
# The privacy mailbox, as docs/operate.md writes it. Unset: letters come by `manage.py receive_mail` or by a webhook.
PRIVACY_IMAP_URL = env("PRIVACY_IMAP_URL", default="")
# A mail service that receives for the store signs each raw mail with this; unset, it has no way in.
PRIVACY_INBOUND_SECRET = env("PRIVACY_INBOUND_SECRET", default="")
EMAIL_TIMEOUT = 10  # seconds: nobody waits for a mail server longer than an effect's turn
PAYMENT_PROVIDER = env("PAYMENT_PROVIDER", default="orders.payment.sandbox.SandboxProvider")
PAYMENT_SANDBOX_URL = env("PAYMENT_SANDBOX_URL", default="http://127.0.0.1:8010")
PAYMENT_SANDBOX_KEY = env("PAYMENT_SANDBOX_KEY", default="sandbox-key")
# Read only where PAYMENT_PROVIDER=orders.payment.stripe.StripeProvider, which needs `pip install stripe`.
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env("STRIPE_WEBHOOK_SECRET", default="")
# A connected account, where the key belongs to a platform; and another address of the API, for a stub.
STRIPE_ACCOUNT = env("STRIPE_ACCOUNT", default="")
STRIPE_API_URL = env("STRIPE_API_URL", default="")
# The bank holds the money first and the store takes it a moment later, so an order that is gone costs the buyer nothing.
PAYMENT_HOLDS_FIRST = env.bool("PAYMENT_HOLDS_FIRST", default=False)
# Above this a refund needs two people; a currency that is not named here always does.
REFUND_BY_ONE_UP_TO = {"KRW": 300_000, "USD": 250, "EUR": 250, "JPY": 40_000, "CNY": 1_800}
# Pieces may be given back so many days after delivery: the E-Commerce Act asks for seven (Art. 17(1)).
RETURN_WITHIN_DAYS = env.int("RETURN_WITHIN_DAYS", default=14)
COURIER = env("COURIER", default="orders.courier.sandbox.SandboxCourier")
COURIER_SANDBOX_URL = env("COURIER_SANDBOX_URL", default="http://127.0.0.1:8020")
COURIER_SANDBOX_KEY = env("COURIER_SANDBOX_KEY", default="sandbox-key")
COURIER_WEBHOOK_SECRET = env("COURIER_WEBHOOK_SECRET", default="") or engines.installation_secret("courier")
# Whose money the sandbox's key reaches; its word about another account is not believed.
PAYMENT_SANDBOX_ACCOUNT = env("PAYMENT_SANDBOX_ACCOUNT", default="acct_kmall24")
PAYMENT_WEBHOOK_SECRET = env("PAYMENT_WEBHOOK_SECRET", default="") or engines.installation_secret("webhook")

# --- campaigns: see docs/operate.md --------------------------------------------------------------------
# Addresses to be left alone are kept as hashes under these keys, "id:secret", the current one first, old ones while they serve.
SUPPRESSION_KEYS = env.list("SUPPRESSION_KEYS", default=[]) or [f"own:{engines.installation_secret('suppression')}"]
for key_id, _colon, secret in (key.partition(":") for key in SUPPRESSION_KEYS):
    if not (key_id and secret and len(key_id) <= 16):
        raise ImproperlyConfigured("SUPPRESSION_KEYS must be a list of id:secret, each id at most 16 letters long.")
# Who carries the messages of each channel, and how many a minute the provider takes.
MARKETING_CARRIERS = {
    "email": env("MARKETING_EMAIL_CARRIER", default="privacy.posting.MailCarrier"),
    "sms": env("MARKETING_SMS_CARRIER", default="marketing.carriers.sandbox.SandboxCarrier"),
    "push": env("MARKETING_PUSH_CARRIER", default="marketing.carriers.sandbox.SandboxCarrier"),
}
MARKETING_PER_MINUTE = {
    "email": env.int("MARKETING_EMAILS_PER_MINUTE", default=3000),
    "sms": env.int("MARKETING_TEXTS_PER_MINUTE", default=600),
    "push": env.int("MARKETING_PUSHES_PER_MINUTE", default=3000),
}
# Codes for numbers and devices, in a day for all together; and what the text service signs answers with, such as STOP.
MARKETING_CODES_PER_DAY = env.int("MARKETING_CODES_PER_DAY", default=2000)
MARKETING_TEXTS_SECRET = env("MARKETING_TEXTS_SECRET", default="") or engines.installation_secret("texts")
# How many messages one worker takes at once, as many may be of unknown fate when it dies; how many send one campaign.
MARKETING_SLOTS = env.int("MARKETING_SLOTS", default=8)
MARKETING_LANES = env.int("MARKETING_LANES", default=4)
# What cannot be delivered comes back to this mailbox, each to an address of its own behind a plus.
MARKETING_BOUNCES = env("MARKETING_BOUNCES", default="bounces@kmall24.com")

# --- the API --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["kmall24.legible.LegibleJSONParser"],
    "DEFAULT_METADATA_CLASS": "privacy.serializers.NoticeMetadata",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 24,
    "EXCEPTION_HANDLER": "kmall24.problems.problem_json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "KMALL24 API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- privacy -----------------------------------------------------------------------------------------

# Where the positions of models that are not ours stand (rule 2).
PRIVACY_THIRD_PARTY_POSITIONS = "kmall24.third_party"
# How many whole days people have to read a new version of the policy; the database holds it too, from the next `migrate` on.
POLICY_NOTICE_DAYS = env.int("POLICY_NOTICE_DAYS", default=7)
if POLICY_NOTICE_DAYS < 1:
    raise ImproperlyConfigured("POLICY_NOTICE_DAYS must be 1 or more: people hear of a change before it takes effect.")
# Says in which group a cookie of a name is declared, None for one that is not.
PRIVACY_COOKIE_INVENTORY = "cookies.inventory.group_of"
COOKIE_CONSENT_SECURE = SECURE_ORIGIN
# The header in which a proxy of ours says the visitor's country, such as CF-IPCountry. Unset, countries are not counted:
# the store looks up no address.
TRAFFIC_COUNTRY_HEADER = env("TRAFFIC_COUNTRY_HEADER", default="")
if TRAFFIC_COUNTRY_HEADER:
    TRAFFIC_COUNTRY_HEADER = "HTTP_" + TRAFFIC_COUNTRY_HEADER.upper().replace("-", "_")
# Where the web processes answer, for the planted visitor that proves each hour that nothing of a visit is left. Without it
# the visit goes through the store within the worker.
TRAFFIC_PLANTED_URL = env("TRAFFIC_PLANTED_URL", default="")
# Where it is searched for afterwards; folders of a database elsewhere, or of a proxy's logs, can be added.
TRAFFIC_TRACES = {
    "database": [engines.place().directory / "postgres"],
    "engines": [engines.place().directory],
    "media": [MEDIA_ROOT],
    "state": [engines.state_dir()],
}
if TRAFFIC_AUDIT_FOLDERS := env.list("TRAFFIC_AUDIT_FOLDERS", default=[]):
    TRAFFIC_TRACES["others"] = TRAFFIC_AUDIT_FOLDERS
# The ledger's signing key: any long random text, made by itself at the first start. `rotate_ledger_key` changes it.
LEDGER_SIGNING_KEY = env("LEDGER_SIGNING_KEY", default="") or engines.installation_secret("ledger")
LEDGER_KEY_FILE = "" if env("LEDGER_SIGNING_KEY", default="") else str(engines.state_dir() / "secrets" / "ledger")
# Public keys (hexadecimal) that this installation trusts besides its own, for a ledger that was signed elsewhere.
LEDGER_TRUSTED_KEYS = env.list("LEDGER_TRUSTED_KEYS", default=[])
# Where the signer remembers its heads, outside the database; empty: nowhere.
LEDGER_JOURNAL = env("LEDGER_JOURNAL", default=str(engines.state_dir() / "ledger"))
# What was erased, withdrawn and corrected is also written here, outside the database: after a restore the store stays shut
# until it has been replayed. Every process needs the same file and key; empty: nothing outlives a restore.
PRIVACY_JOURNAL = env("PRIVACY_JOURNAL", default=str(engines.state_dir() / "journal" / "privacy.jsonl"))
PRIVACY_JOURNAL_KEY = env("PRIVACY_JOURNAL_KEY", default="") or engines.installation_secret("journal")
# No backup older than this is ever restored; corrected values are kept readable for so long.
PRIVACY_BACKUPS_LAST_DAYS = env.int("PRIVACY_BACKUPS_LAST_DAYS", default=90)

# --- logs: JSON lines, with personal values struck out ---------------------------------------------------

LOGGING = as_json(env("LOG_LEVEL", default="INFO"))
