"""control.opt-out-box: wherever a form asks about a person there is a box to say no, and it says nothing but no."""

import importlib
import pkgutil

import pytest
from django import forms
from django.test import RequestFactory

from privacy.forms import PersonalForm
from privacy.internal import policy
from privacy.models import ConsentEvent, RequestMessage, Subject
from privacy.page_forms import RequestForm
from privacy.permission import may_contact
from privacy.serializers import PersonalSerializer

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
