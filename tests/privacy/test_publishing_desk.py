"""At the desk one member of staff proposes a draft, and another publishes it with the difference before them."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.domain import roles
from accounts.models import User
from privacy.declaration import Purpose
from privacy.internal import policy, published
from privacy.models import Proposal, Publication
from tests.support.people import letter
from tests.support.policies import new_recipient, reworded, several
from tests.support.staff import PASSWORD, signed_in, works_as

pytestmark = pytest.mark.django_db

NOW, NEXT = "2026-11-01", "2031-03-01"
PAGE = f"/admin/privacy/publication/draft/{NEXT}/"
AMENDED = several(new_recipient("printer", "DE", {Purpose.SUPPORT: ["user.contact.email"]}), reworded)


def officer(email: str, **signed) -> Client:
    account = User.objects.create_user(email, PASSWORD, is_staff=True)
    account.groups.add(Group.objects.get(name=roles.PRIVACY_OFFICER))
    return signed_in(account, **signed)


@pytest.fixture
def two():
    return officer("one@kmall24.example"), officer("two@kmall24.example")


def propose(client):
    return client.post(PAGE, {"do": "propose", "digest": client.get(PAGE).context["digest"]}, follow=True)


def publish(client, **sent):
    proposal = Proposal.objects.first()
    return client.post(PAGE, {"do": "publish", "proposal": proposal.pk, "read": "on"} | sent, follow=True)


def test_one_proposes_and_another_publishes(two, plant):
    one, other = two
    plant(NEXT, AMENDED, draft=True)
    letter()
    assert NEXT in one.get("/admin/privacy/publication/").content.decode()
    assert "The draft is proposed." in propose(one).content.decode()
    seen = other.get(PAGE).content.decode()
    assert "Printer (en)" in seen
    assert "Permits more" in seen
    assert "touches the data of 1 person, who is asked" in seen
    assert "We have said so before." in seen
    assert "The version is published." in publish(other).content.decode()
    publication = Publication.objects.get(version=NEXT)
    assert publication.drafted_by != publication.published_by
    published.look()
    assert policy.upcoming().version == NEXT
    assert other.get(PAGE).status_code == 404, "it is no draft any more"


def test_who_drafted_it_has_no_button_and_no_way_around_it(two, plant):
    one, _other = two
    plant(NEXT, AMENDED, draft=True)
    propose(one)
    page = one.get(PAGE)
    assert page.context["may_publish"] is False
    assert "somebody else publishes it" in page.content.decode()
    assert "does not publish it" in publish(one).content.decode()
    assert not Publication.objects.filter(version=NEXT).exists()


def test_nothing_is_published_that_was_not_proposed_as_it_is(two, plant, policy_folder):
    one, other = two
    plant(NEXT, AMENDED, draft=True)
    propose(one)
    path = policy_folder / f"{NEXT}.zh.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    page = other.get(PAGE)
    assert page.context["may_publish"] is False
    assert "has changed since it was proposed" in page.content.decode()
    assert "has changed since" in publish(other).content.decode()
    assert not Publication.objects.filter(version=NEXT).exists()


def test_the_difference_is_of_the_draft_as_it_is_now(two, plant, policy_folder):
    """A process that has read the draft before sees what was changed in it since."""
    one, _other = two
    plant(NEXT, AMENDED, draft=True)
    assert "Printer (en)" in one.get(PAGE).content.decode()
    path = policy_folder / f"{NEXT}.en.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("Printer (en)", "Somebody in Berlin"), encoding="utf-8")
    assert "Somebody in Berlin" in one.get(PAGE).content.decode()


def test_it_was_read(two, plant):
    one, other = two
    plant(NEXT, AMENDED, draft=True)
    propose(one)
    assert "Confirm first that you have read" in publish(other, read="").content.decode()
    assert not Publication.objects.filter(version=NEXT).exists()


@pytest.mark.parametrize(
    "sent", [{"proposal": "x"}, {"proposal": "0"}, {"proposal": "99999999999999999999"}, {"proposal": ""}]
)
def test_a_proposal_that_there_is_not_is_a_sentence(two, plant, sent):
    one, other = two
    plant(NEXT, AMENDED, draft=True)
    propose(one)
    assert "not there any more" in publish(other, **sent).content.decode()


def test_a_draft_with_a_gap_has_no_button(two, plant, policy_folder):
    one, _other = two
    plant(NEXT, AMENDED, draft=True)
    (policy_folder / f"{NEXT}.ja.toml").unlink()
    page = one.get(PAGE)
    assert "There are no words in ja" in page.content.decode()
    assert page.context["may_propose"] is False


def test_the_password_is_asked_again_before_it_is_published(plant):
    one, other = officer("one@kmall24.example"), officer("two@kmall24.example", seconds_ago=3600)
    plant(NEXT, AMENDED, draft=True)
    propose(one)
    response = other.post(PAGE, {"do": "publish", "proposal": Proposal.objects.get().pk, "read": "on"})
    assert "reauthenticate" in response["Location"]
    assert not Publication.objects.filter(version=NEXT).exists()


@pytest.mark.parametrize("role", [roles.CATALOGUE_EDITOR, roles.ORDER_DESK, roles.MARKETER])
def test_other_staff_see_and_do_nothing(role, plant):
    plant(NEXT, AMENDED, draft=True)
    client = works_as(role)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"do": "propose", "digest": policy.digest_of(NEXT)}).status_code == 403
    assert client.get(f"/privacy/policy/{NEXT}/").status_code == 404
    assert not Proposal.objects.exists()


def test_an_officer_reads_a_draft_as_shoppers_will_and_a_shopper_does_not(two, client, plant):
    plant(NEXT, AMENDED, draft=True)
    for path in (f"/privacy/policy/{NEXT}/", f"/privacy/policy/compare/{NOW}/{NEXT}/"):
        assert two[0].get(path).status_code == 200
        assert client.get(path).status_code == 404
    assert "A draft for March 1, 2031; it is not in force" in two[0].get(f"/privacy/policy/{NEXT}/").content.decode()


def test_rows_are_read_and_never_changed(two):
    first = Publication.objects.get()
    assert two[0].get(f"/admin/privacy/publication/{first.pk}/change/").status_code == 200
    assert two[0].get("/admin/privacy/publication/add/").status_code == 403
    assert two[0].post(f"/admin/privacy/publication/{first.pk}/delete/", {"post": "yes"}).status_code == 403
