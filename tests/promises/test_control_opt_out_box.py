"""control.opt-out-box: wherever a form asks about a person there is a box to say no, and it says nothing but no."""

import importlib
import pkgutil
import re
from types import SimpleNamespace

import pytest
from django import forms
from django.test import RequestFactory
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse
from rest_framework.test import APIRequestFactory

from accounts.models import User
from orders.domain.payment import finalise
from privacy.forms import PersonalForm
from privacy.internal import kept, policy
from privacy.models import ConsentEvent, RequestMessage, Subject
from privacy.page_forms import RequestForm
from privacy.permission import may_contact
from privacy.serializers import NoticeMetadata, PersonalSerializer
from tests.architecture.test_house import every_pattern
from tests.marketing.conftest import event
from tests.marketing.test_surveys import invited, survey
from tests.orders.conftest import provider, store  # noqa: F401, fixtures
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import buy, payment_of, variant
from tests.support.staff import PASSWORD, signed_in

APPS = ("accounts", "catalogue", "cookies", "kmall24.preferring", "marketing", "orders", "privacy")


def every_subclass(base):
    for app in APPS:
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if not any(part in module.name for part in (".migrations", ".management", "sandbox_server", "__main__")):
                importlib.import_module(module.name)
    pending, found = [base], set()
    while pending:
        for child in pending.pop().__subclasses__():
            if child not in found:
                found.add(child)
                pending.append(child)
    return {c for c in found if c.__module__.startswith(APPS) and getattr(c, "surface", None)}


def test_every_form_and_serializer_about_a_person_carries_the_box_and_a_known_surface():
    forms_, serializers = every_subclass(PersonalForm), every_subclass(PersonalSerializer)
    assert len(forms_) >= 5
    assert len(serializers) >= 1
    for form in forms_:
        assert isinstance(form.base_fields["no_marketing"], forms.BooleanField), form
        assert form.surface in policy.current().surfaces, form
    for serializer in serializers:
        assert "no_marketing" in serializer._declared_fields, serializer
        assert {"no_marketing", "notice"} <= set(serializer.Meta.fields), serializer
        assert serializer.surface in policy.current().surfaces, serializer


# Collection points that show a notice and have no form: where the person says no there.
_BESIDE_FORMS = {"web.cookie_banner": "The question is the box: it asks for a permission and for nothing else."}


def names(resolver=None, space=""):
    """Every address that has a name, as `reverse` takes it."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield f"{space}{pattern.name}"
        elif pattern.namespace != "admin":
            yield from names(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)


def test_every_page_on_which_a_form_asks_shows_the_box(store, client, monkeypatch):  # noqa: F811
    """Opens every page there is, as a guest with an order and as an account, and looks at each form that it makes."""
    made = []
    begin = PersonalForm.__init__

    def noted(form, *args, **kwargs):
        begin(form, *args, **kwargs)
        made.append(type(form))

    monkeypatch.setattr(PersonalForm, "__init__", noted)
    # As if everything had arrived, so that it can be given back.
    monkeypatch.setattr("orders.domain.returns.returnable", lambda order: {line.pk: 1 for line in order.lines.all()})
    # As if preferences were permitted, without which nobody is asked what they like.
    monkeypatch.setattr("cookies.preferences.permitted", lambda request: True)
    order = buy(client, variant())
    client.post("/basket/add/", {"variant": variant("TEA-2").pk, "quantity": 1})
    FakeProvider.settle(payment_of(order).intent_id)
    finalise(payment_of(order).pk)
    asked_about = invited(survey("order"), order)
    taken = [[], [order.number], [order.number, "tea-1"], [event().slug], [asked_about.survey.slug, asked_about.key]]
    seen, without = set(), []
    for browser in (client, signed_in(User.objects.create_user("owner@example.com", PASSWORD))):
        for name in dict.fromkeys(names()):
            for arguments in taken:
                try:
                    path = reverse(name, args=arguments)
                except NoReverseMatch:
                    continue
                made.clear()
                page = browser.get(path)
                if not made or page.status_code != 200:
                    continue
                html = page.content.decode()
                asking = [form for form in re.findall(r"<form\b.*?</form>", html, re.DOTALL) if 'name="notice"' in form]
                asking = [form for form in asking if reverse("cookie_consent_decline") not in form]
                if len(asking) != len(made) or not all('name="no_marketing"' in form for form in asking):
                    without.append((path, [form.__name__ for form in made]))
                seen |= {form.surface for form in made}
    assert without == []
    asked_by_forms = {form.surface for form in every_subclass(PersonalForm)}
    assert asked_by_forms - seen == set(), "no page was opened that shows these; give the test what they need"


@pytest.mark.django_db
def test_every_address_of_the_api_that_asks_offers_the_box():
    account, seen = User.objects.create_user("owner@example.com", PASSWORD), set()
    for route, callback in every_pattern():
        kind = getattr(callback, "cls", None)
        if kind is None or not isinstance(getattr(kind, "get_serializer", None), object) or "{" in route:
            continue
        view = kind(**getattr(callback, "initkwargs", {}))
        view.request = SimpleNamespace(**vars(APIRequestFactory().post("/")), user=account, query_params={})
        view.action, view.format_kwarg = "create", None
        serializer = view.get_serializer() if hasattr(view, "get_serializer") else None
        if not isinstance(serializer, PersonalSerializer):
            continue
        told = NoticeMetadata().get_serializer_info(serializer)
        assert told["no_marketing"]["type"] == "boolean", route
        assert not told["no_marketing"]["required"], route
        assert kind.metadata_class is NoticeMetadata, route
        seen.add(serializer.surface)
    assert seen == {serializer.surface for serializer in every_subclass(PersonalSerializer)}


def test_every_collection_point_that_faces_a_person_has_such_a_form_or_is_not_built_yet():
    built = {kind.surface for kind in every_subclass(PersonalForm) | every_subclass(PersonalSerializer)}
    facing = {point.id for point in policy.current().surfaces.values() if point.shows_notice}
    unbuilt = {name.removeprefix("collection point ") for name in kept.unkept()}
    assert facing - built - unbuilt == set(_BESIDE_FORMS)


def test_the_box_is_not_ticked_in_advance_and_stands_beside_its_words():
    form = RequestForm()
    assert not form["no_marketing"].value()
    assert "direct marketing" in str(form.fields["no_marketing"].label)


def request():
    request = RequestFactory().post("/")
    request.user = type("Nobody", (), {"is_authenticated": False})()

    class Session(dict):
        session_key = None

    request.session = Session()
    return request


def answers(**more):
    return {
        "kind": "access",
        "sender": "a@example.com",
        "body": "Hello",
        "notice": RequestForm().notice_shown.token(),
    } | more


@pytest.mark.django_db
def test_a_ticked_box_is_a_recorded_refusal_with_the_words_that_were_shown():
    form = RequestForm(answers(no_marketing="on"))
    assert form.is_valid(), form.errors
    with form.collecting(request()) as collection:
        pass
    events = ConsentEvent.objects.filter(subject=collection.subject)
    assert {e.state for e in events} == {"refused"}
    assert {e.text_digest for e in events} == {form.shown.digest}
    assert not may_contact(collection.subject, "marketing.communications.email", "email")


@pytest.mark.django_db
def test_an_empty_box_is_no_permission_and_no_record():
    form = RequestForm(answers())
    assert form.is_valid(), form.errors
    with form.collecting(request()) as collection:
        pass
    assert not ConsentEvent.objects.exists()
    assert not may_contact(collection.subject, "marketing.communications.email", "email")


def test_answers_to_another_notice_are_refused_and_the_page_comes_back_with_the_right_one():
    for stale in ("", "x", "2020-01-01|en|abc:1:2", RequestForm().notice_shown.token()[:-2]):
        form = RequestForm(answers(notice=stale))
        assert not form.is_valid()
        assert "policy has changed" in str(form.errors)
        again = RequestForm(answers(notice=form["notice"].value()))
        assert again.is_valid(), again.errors


def test_a_card_number_typed_into_a_form_is_refused_by_its_field():
    form = RequestForm(answers(body="my card is 4242-4242 4242 4242"))
    assert not form.is_valid()
    assert "card number" in str(form.errors["body"])


def test_each_field_says_why_it_is_asked_and_how_long_it_is_kept():
    form = RequestForm()
    assert "answer you" in form.fields["sender"].why
    assert "Kept 3 years" in form.fields["sender"].why
    assert RequestMessage.sender.field.personal
    assert Subject.no_personal_data
