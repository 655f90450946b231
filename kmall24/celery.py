"""Celery: when things happen. What happens stands in each app's tasks, which call its domain."""

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kmall24.settings")

app = Celery("kmall24")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Whoever waits for a page, or says no to a campaign while it is sent, comes before what nobody waits for.
NICENESS = 5


@worker_init.connect
def yield_to_people(**_about_the_worker: object) -> None:
    """Let a worker's processes, which it forks later, give way to the web's on a busy machine."""
    os.nice(NICENESS)


app.conf.beat_schedule = {
    # Sweepers: each would find by itself what a lost hint did not tell.
    "outbox": {"task": "privacy.relay", "schedule": 5.0},
    "ledger": {"task": "privacy.extend_ledger", "schedule": 60.0},
    "traffic": {"task": "cookies.aggregate_traffic", "schedule": 20.0},
    "traffic-proof": {"task": "cookies.prove_removal", "schedule": crontab(minute=47)},
    "traffic-day": {"task": "cookies.close_day", "schedule": crontab(hour=0, minute=10)},
    "permissions": {"task": "privacy.keep_permissions", "schedule": crontab(minute=20)},
    "old-answers": {"task": "orders.forget_old_answers", "schedule": crontab(minute=50)},
    "ended-coupons": {"task": "orders.forget_who_used_coupons", "schedule": crontab(hour=3, minute=40)},
    "old-baskets": {"task": "orders.forget_old_baskets", "schedule": crontab(hour=3, minute=30)},
    "payments": {"task": "orders.ask_about_payments", "schedule": 10.0},
    "payment-books": {"task": "orders.reconcile_payments", "schedule": crontab(minute=20)},
    "values-past-their-day": {"task": "privacy.expire_values", "schedule": crontab(hour=3, minute=45)},
    "held-goods": {"task": "catalogue.reclaim_expired", "schedule": 30.0},
    "quiet-parcels": {"task": "orders.ask_about_parcels", "schedule": crontab(minute="*/10")},
    "coming-policy": {"task": "privacy.announce_policies", "schedule": crontab(hour=9, minute=5)},
    "privacy-desk": {"task": "privacy.remind_desk", "schedule": crontab(hour=8, minute=30)},
    "campaigns": {"task": "marketing.keep_sending", "schedule": 5.0},
    # Does nothing where PRIVACY_IMAP_URL is not set.
    "privacy-mailbox": {"task": "privacy.fetch_mail", "schedule": 60.0},
    "unpaid-orders": {"task": "orders.cancel_unpaid", "schedule": 60.0},
}
