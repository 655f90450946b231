"""share.third-party-promotions: only those who asked get one, the store sends it, and there is no way to hand an address over."""

import ast
import re
import uuid
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter, UUIDConverter

from marketing.domain import releasing
from marketing.models import Campaign, Delivery, Subscription
from privacy.declaration import Purpose
from privacy.internal import policy
from privacy.models import Disclosure
from tests.marketing.conftest import new_campaign, released, sink
from tests.marketing.test_sending import run
from tests.support.readers import reader
from tests.support.staff import WHY, superuser

__all__ = ["sink"]

pytestmark = pytest.mark.django_db

SECRET = "nobody.may.have@example.com"


def third_party(**values) -> Campaign:
    return new_campaign(purpose=Purpose.THIRD_PARTY_PROMOTION, partner="Jeju Tea", **values)


def test_goes_only_to_those_who_asked_for_it(sink):
    reader("own@example.com")
    reader("both@example.com", permits=[Purpose.MARKETING_EMAIL, Purpose.THIRD_PARTY_PROMOTION])
    reader("others@example.com", permits=[Purpose.THIRD_PARTY_PROMOTION])
    run(released(third_party()))
    assert sorted(m.to for m in sink.taken) == ["both@example.com", "others@example.com"]


def test_is_sent_by_the_store_and_says_so(sink):
    reader("others@example.com", permits=[Purpose.THIRD_PARTY_PROMOTION])
    run(released(third_party()))
    (mail,) = sink.taken
    assert "kmall24.com" in mail.message["From"]
    words = mail.message.get_body(preferencelist=("plain",)).get_content()
    assert "a promotion for Jeju Tea" in words
    assert "not even your address" in words
    assert {d.handed_to for d in Disclosure.objects.all()} == {"mailer"}


def test_names_whose_promotion_it_is_or_is_not_handed_in():
    campaign = new_campaign(purpose=Purpose.THIRD_PARTY_PROMOTION)
    assert any("whose promotion" in problem for problem in releasing.problems(campaign))


def test_no_recipient_of_the_policy_is_a_third_party_that_gets_addresses():
    for recipient in policy.current().recipients.values():
        if recipient.id != "mailer":
            assert Purpose.THIRD_PARTY_PROMOTION not in recipient.receives
            assert Purpose.MARKETING_EMAIL not in recipient.receives


def _marketing_addresses(resolver=None, prefix="", names=()):
    """Every address of marketing's staff pages that takes nothing or one key."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            namespace = (*names, pattern.namespace) if pattern.namespace else names
            yield from _marketing_addresses(pattern, prefix + str(pattern.pattern), namespace)
        elif isinstance(pattern, URLPattern) and (pattern.name or "").startswith("marketing_"):
            yield ":".join((*names, pattern.name)), pattern.pattern.converters


def test_no_page_action_or_file_of_marketing_gives_an_address_out(sink):
    """A try at every button and every address of the staff's pages, as the one who may do everything."""
    subscription = reader(SECRET, permits=[Purpose.MARKETING_EMAIL, Purpose.THIRD_PARTY_PROMOTION])
    campaign = released(third_party())
    run(campaign)
    Delivery.objects.get()
    boss = superuser()
    keys = {"pk": campaign.pk, "object_id": campaign.pk, "locale": "en", "width": "phone"}
    tried = 0
    for name, wanted in _marketing_addresses():
        for key in {campaign.pk, subscription.pk}:
            fitting = {IntConverter: key, UUIDConverter: uuid.uuid4()}
            given = {
                named: {**keys, "object_id": key, "pk": key}.get(named, fitting.get(type(converter), "x"))
                for named, converter in wanted.items()
            }
            for call in (boss.get, boss.post):
                answer = call(reverse(name, kwargs=given) if given else reverse(name))
                if not answer.streaming:
                    assert SECRET.encode() not in answer.content, (name, call)
                tried += 1
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label != "marketing":
            continue
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        request = boss.get(page).wsgi_request
        for action in model_admin.get_actions(request):
            answer = boss.post(page, {"action": action, "_selected_action": subscription.pk, **WHY}, follow=True)
            assert SECRET.encode() not in b"".join(answer)
            tried += 1
    # The privacy officers' file of any record: not of these.
    export = reverse("admin:look_export", args=["marketing.subscription"])
    answer = boss.post(export, {"_selected_action": subscription.pk, **WHY})
    assert answer.status_code == 403
    assert tried > 20


def test_subscribers_offer_no_file():
    boss = superuser()
    assert Subscription in admin.site._registry
    offered = admin.site._registry[Subscription].get_actions(boss.get(reverse("admin:index")).wsgi_request)
    assert "take_out" not in offered


def test_no_code_of_marketing_writes_addresses_into_a_file():
    """Neither a CSV nor a JSON writer stands in the rooms of marketing; what it opens is to be read."""
    for path in Path(settings.BASE_DIR, "marketing").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name == "results.py":
            # Answers to a survey as numbers: the file knows no address that it could write.
            assert "email" not in text
            continue
        assert not re.search(r"csv\.writer|DictWriter|writerow|json\.dump\(|FileResponse|to_csv", text), path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "open":
                pytest.fail(f"{path} opens a file")


def test_a_campaign_has_no_column_in_which_an_address_could_stand():
    for model in apps.get_app_config("marketing").get_models():
        if (
            model is not Subscription
            and model.__module__.startswith("marketing.models.")
            and model in (Campaign, Delivery)
        ):
            assert not any(f.name in ("email", "address") for f in model._meta.fields)
