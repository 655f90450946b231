"""What the store logs: one line of JSON for each thing that happened, with personal values struck out."""

from typing import Any


def as_json(level: str) -> dict[str, Any]:
    """The settings of `logging` for a threshold such as "INFO"."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"redact": {"()": "privacy.redaction.RedactionFilter"}},
        "formatters": {"json": {"()": "privacy.redaction.JsonFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["redact"], "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django's own handlers would mail tracebacks, with form data in them, to ADMINS.
        "loggers": {
            "django": {"handlers": [], "propagate": True, "level": "INFO"},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
