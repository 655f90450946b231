"""collect.sources: data comes in by a collection point that the policy names, and the trace says by which channel."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from privacy.errors import NotCollected
from privacy.forms import PersonalForm
from privacy.gate import collecting
from privacy.internal import policy
from privacy.models import Collection, RequestMessage, Subject
from privacy.page_forms import RequestForm
from privacy.serializers import PersonalSerializer
from tests.promises.test_control_opt_out_box import APPS, every_subclass
from tests.support.people import shown_notice

ROOT = Path(settings.BASE_DIR)
FIELDS = [RequestMessage.body]


def surfaces_named_in_the_code():
    """Every collection point that some code opens: `surface="…"`, `surface = "…"`, `SURFACE = "…"`."""
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            # A word in a list of words opens no door.
            words = {
                member
                for node in ast.walk(tree)
                if isinstance(node, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in node.bases)
                for member in node.body
            }
            for node in ast.walk(tree):
                if node in words:
                    continue
                named, value = None, None
                if isinstance(node, ast.keyword):
                    named, value = node.arg, node.value
                elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    named, value = node.targets[0].id, node.value
                if named and named.lower() == "surface" and isinstance(value, ast.Constant):
                    yield path, value.value


def test_every_place_in_the_code_that_collects_is_a_collection_point_of_the_policy():
    named = [(path, surface) for path, surface in surfaces_named_in_the_code() if surface]
    assert len({surface for _path, surface in named}) >= 10
    for path, surface in named:
        assert surface in policy.current().surfaces, path


def test_every_form_and_serializer_enters_by_a_point_of_its_own_channel_that_shows_the_notice():
    for base, channel in ((PersonalForm, "web"), (PersonalSerializer, "api")):
        found = every_subclass(base)
        assert found
        for adapter in found:
            point = policy.current().surfaces[adapter.surface]
            assert point.channel == channel, adapter
            assert point.shows_notice, adapter


def test_every_point_that_faces_a_person_shows_the_notice():
    for point in policy.current().surfaces.values():
        assert point.shows_notice == (point.channel in ("web", "api")), point


@pytest.mark.django_db
def test_the_trace_says_by_which_point_and_channel():
    for point in policy.current().surfaces.values():
        notice = shown_notice(RequestMessage.body) if point.shows_notice else None
        with collecting(surface=point.id, subject=Subject(), fields=FIELDS, notice=notice) as collection:
            pass
        collection.refresh_from_db()
        assert (collection.surface, collection.channel) == (point.id, point.channel.value)
        assert bool(collection.notice_digest) == point.shows_notice


@pytest.mark.django_db
@pytest.mark.parametrize("surface", ["", "web", "web.unheard_of", "WEB.checkout", "event.fair"])
def test_by_any_other_way_nothing_enters(surface):
    with (
        pytest.raises(NotCollected, match="no collection point"),
        collecting(surface=surface, subject=Subject(), fields=FIELDS, notice=shown_notice(*FIELDS)),
    ):
        pytest.fail("The door opened.")
    assert not Collection.objects.exists()
    assert not Subject.objects.exists()


@pytest.mark.django_db
def test_a_point_that_is_taken_out_of_the_policy_is_closed(client, policy_folder):
    form = RequestForm()
    path = policy_folder / f"{policy.current().version}.toml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith('"web.privacy_request"')), encoding="utf-8")
    policy.load.cache_clear()
    sent = {"kind": "access", "sender": "a@example.com", "body": "Hello", "notice": form.notice_shown.token()}
    with pytest.raises(NotCollected, match=r"web\.privacy_request"):
        client.post("/privacy/write/", sent)
    assert not RequestMessage.objects.exists()


@pytest.mark.django_db
def test_a_field_that_is_not_declared_cannot_be_collected():
    with (
        pytest.raises(NotCollected, match="not declared as personal"),
        collecting(surface="mail.privacy_mailbox", subject=Subject(), fields=[RequestMessage.letter_digest]),
    ):
        pytest.fail("The door opened.")
