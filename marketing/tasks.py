"""Thin wrappers: Celery says when, the domain does it. Tasks carry the key of a campaign and nothing else."""

from celery import shared_task
from django.conf import settings

from marketing.domain import sending
from marketing.models import Campaign


@shared_task(name="marketing.send")
def send(campaign_id: int) -> None:
    """Work on one campaign for a while. The sweeper below calls again, so a lost message costs seconds."""
    sending.send_round(campaign_id)


@shared_task(name="marketing.keep_sending")
def keep_sending() -> int:
    """Give up on what died on its way, and call workers to every campaign that runs; how many run."""
    sending.sweep()
    running = list(Campaign.objects.filter(state=Campaign.State.RUNNING).values_list("pk", flat=True))
    for campaign_id in running:
        for _lane in range(settings.MARKETING_LANES):
            send.apply_async([campaign_id], retry=False, expires=30)
    return len(running)
