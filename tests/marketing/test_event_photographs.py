"""Photographs of events: without metadata, and shown only with the yes of everybody on them, for as long as it stands."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.domain.roles import MARKETER, ORDER_DESK
from marketing.domain import photographs
from marketing.models import EventPhotograph, EventRegistration, PhotographConsent
from privacy.internal.erasing import erase
from privacy.models import Look
from privacy.photographs import as_jpeg
from tests.marketing.conftest import begun, event, guest, kept, photograph
from tests.support.pages import answer
from tests.support.staff import superuser, works_as

pytestmark = pytest.mark.django_db


class TestPhotographs:
    def test_what_a_guest_sends_has_no_metadata_and_is_shown_to_nobody_yet(self, client: Client) -> None:
        tasting = event()
        one = guest(tasting)
        begun(tasting)
        address = reverse("events:own", args=[one.token])
        sent = answer(client, address, {"image": photograph(), "caption": "A cup", "all_agreed": "on"})
        assert sent.status_code == 302, sent.content.decode()
        made = EventPhotograph.objects.get()
        assert (made.collection.surface, made.subject_id) == ("web.event", one.subject_id)
        body = as_jpeg(made.image)
        assert b"SECRET" not in body
        with Image.open(io.BytesIO(body)) as kept_picture:
            assert dict(kept_picture.getexif()) == {}
        assert client.get(f"/events/photographs/{made.key}.jpg").status_code == 404
        assert str(made.key) not in client.get(tasting.get_absolute_url()).content.decode()

    @pytest.mark.parametrize("nothing", [b"", b"GIF89a", b"<svg/>", b"\xff\xd8\xff" + b"0" * 99])
    def test_what_is_no_photograph_is_refused_with_a_sentence(self, client: Client, nothing: bytes) -> None:
        tasting = event()
        one = guest(tasting)
        begun(tasting)
        file = SimpleUploadedFile("x.jpg", nothing, content_type="image/jpeg")
        sent = answer(client, reverse("events:own", args=[one.token]), {"image": file, "all_agreed": "on"})
        assert sent.status_code == 422
        assert not EventPhotograph.objects.exists()

    def test_before_the_doors_open_or_without_a_seat_nobody_sends_any(self, client: Client) -> None:
        tasting = event(capacity=1)
        one, waiting = guest(tasting), guest(tasting, "w@example.com")
        address = reverse("events:own", args=[one.token])
        assert client.post(address, {"image": photograph(), "all_agreed": "on"}).status_code == 404
        begun(tasting)
        refused = client.post(reverse("events:own", args=[waiting.token]), {"image": photograph(), "all_agreed": "on"})
        assert refused.status_code == 404

    @pytest.mark.parametrize(
        ("people", "consents", "is_shown"), [(0, 0, True), (1, 0, False), (2, 1, False), (2, 2, True)]
    )
    def test_is_shown_only_with_the_yes_of_everybody_on_it(
        self, client: Client, people: int, consents: int, is_shown: bool
    ) -> None:
        """Whatever wrote the release: the page counts the consents itself."""
        tasting = event()
        made = kept(tasting, people=people, released_at=timezone.now())
        for _ in range(consents):
            PhotographConsent.objects.create(photograph=made, how="paper")
        assert (client.get(f"/events/photographs/{made.key}.jpg").status_code == 200) == is_shown
        assert (str(made.key) in client.get(tasting.get_absolute_url()).content.decode()) == is_shown

    def test_is_not_released_before_everybody_on_it_has_agreed(self) -> None:
        made = kept(event())
        with pytest.raises(photographs.NotReleased, match="First say"):
            photographs.release(made.pk)
        photographs.say_how_many(made.pk, 2)
        photographs.note_consent(made.pk, how="paper", by=None)
        with pytest.raises(photographs.NotReleased, match="consent of 1"):
            photographs.release(made.pk)
        photographs.note_consent(made.pk, how="letter", by=None)
        photographs.release(made.pk)
        assert photographs.shown().get() == made

    def test_the_database_refuses_a_release_that_nobody_looked_at(self) -> None:
        made = kept(event())
        with pytest.raises(IntegrityError, match="photograph_released_after_a_look"):
            EventPhotograph.objects.filter(pk=made.pk).update(released_at=timezone.now())

    def test_a_guest_who_said_no_such_thing_is_not_noted_as_agreeing(self) -> None:
        tasting = event()
        made, one = kept(tasting), guest(tasting)
        with pytest.raises(photographs.NotReleased, match="has not agreed"):
            photographs.note_consent(made.pk, how="registration", by=None, registration=one)
        other = guest(event("other"), "o@example.com", may_be_shown="on")
        with pytest.raises(photographs.NotReleased, match="another event"):
            photographs.note_consent(made.pk, how="registration", by=None, registration=other)

    def test_a_yes_that_is_taken_back_hides_it_at_once(self, client: Client) -> None:
        tasting = event()
        made, one = kept(tasting, people=1), guest(tasting, may_be_shown="on")
        for _ in range(2):
            photographs.note_consent(made.pk, how="registration", by=None, registration=one)
        assert made.consents.count() == 1, "one person is one yes"
        photographs.release(made.pk)
        address = f"/events/photographs/{made.key}.jpg"
        assert client.get(address).status_code == 200
        own = reverse("events:own", args=[one.token])
        client.get(own)
        assert client.get(address).status_code == 200, "opening the link changes nothing"
        client.post(own, {"hide": "1"})
        assert client.get(address).status_code == 404

    def test_an_erasure_removes_what_somebody_sent_and_what_they_are_on(self) -> None:
        tasting = event()
        one = guest(tasting, may_be_shown="on")
        sent, on_it = kept(tasting, subject=one.subject), kept(tasting, people=1)
        PhotographConsent.objects.create(photograph=sent, how="paper")
        photographs.note_consent(on_it.pk, how="registration", by=None, registration=one)
        # The registration ends long before the photograph; the key stays.
        EventRegistration.objects.filter(pk=one.pk).delete()
        assert photographs.shown().count() == 0
        erase(one.subject, acted_by=None, why="GDPR Art. 17")
        assert not EventPhotograph.objects.exists()
        assert not PhotographConsent.objects.exists()


class TestStaff:
    def test_see_a_photograph_only_after_the_look_is_written_down(self) -> None:
        tasting = event()
        made = kept(tasting)
        boss = superuser()
        page, picture = (
            reverse("admin:marketing_event_photographs", args=[tasting.pk]),
            reverse("admin:marketing_event_picture", args=[made.pk]),
        )
        assert picture not in boss.get(page).content.decode()
        assert boss.get(picture).status_code == 404
        assert not Look.objects.exists()
        boss.post(page, {"look": "1"})
        look = Look.objects.get()
        assert (look.subject_id, look.category) == (made.subject_id, "release")
        assert picture in boss.get(page).content.decode()
        assert boss.get(picture)["Content-Type"] == "image/jpeg"

    def test_judge_step_by_step(self, client: Client) -> None:
        tasting = event()
        made, one = kept(tasting), guest(tasting, may_be_shown="on")
        boss, page = superuser(), reverse("admin:marketing_event_photographs", args=[tasting.pk])
        upload = {"upload": "1", "image": photograph(), "caption": "The hall"}
        assert boss.post(page, upload).status_code == 302
        assert EventPhotograph.objects.get(by_staff=True).collection.surface == "staff.admin"
        for step in ({"step": "release"}, {"step": "people", "people": "1"}, {"step": "release"}):
            boss.post(page, {"photograph": made.pk, **step})
        assert not photographs.shown().exists()
        for step in ({"step": "consent", "how": "registration", "guest": one.pk}, {"step": "release"}):
            boss.post(page, {"photograph": made.pk, **step})
        assert photographs.shown().get() == made
        boss.post(page, {"photograph": made.pk, "step": "hide"})
        assert not photographs.shown().exists()

    def test_without_the_right_see_nothing(self) -> None:
        tasting = event()
        made = kept(tasting)
        page = reverse("admin:marketing_event_photographs", args=[tasting.pk])
        picture = reverse("admin:marketing_event_picture", args=[made.pk])
        assert works_as(MARKETER).get(page).status_code == 200
        desk = works_as(ORDER_DESK, "orders@example.com")
        assert (desk.get(page).status_code, desk.get(picture).status_code) == (403, 403)
        assert desk.post(page, {"look": "1"}).status_code == 403
        assert Client().get(page).status_code == 302
