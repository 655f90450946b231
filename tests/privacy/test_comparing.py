"""The difference of two versions is computed from their data: what permits more is material, and touches certain people."""

import pytest

from privacy.declaration import Purpose
from privacy.internal import comparing, policy
from privacy.internal.changes import About, Difference, How
from privacy.internal.comparing import longer
from privacy.models import RequestMessage, Subject
from tests.support.people import letter
from tests.support.policies import also_for, moved, new_recipient, period, reworded, several

NEXT = "2031-03-01"
ADDRESS = "user.contact.email"


@pytest.fixture
def compared(plant):
    """The difference that an amendment makes."""

    def compare(amend=None, **replaced):
        before = policy.current()
        return comparing.difference(before, policy.load(plant(NEXT, amend, draft=True, **replaced)))

    return compare


def the_one(found):
    (change,) = [change for change in found.changes if change.about is not About.WORDS]
    return change


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("P5Y", "P60M", False),
        ("P60M", "P5Y", False),
        ("P6Y", "P60M", True),
        ("PT24H", "P1D", False),
        ("P4W", "P28D", False),
        ("PT25H", "P1D", True),
        ("P1M", "P30D", True),  # January
        ("P30D", "P1M", True),  # February
        ("P31D", "P1M", True),
        ("P1M", "P31D", False),
        ("P1Y", "P365D", True),  # a leap year
        ("P365D", "P1Y", False),
        ("P12M", "P1Y", False),
        ("P1Y6M", "P18M", False),
        ("P5D", "", True),
        ("", "P5D", False),
        ("", "", False),
        ("P0D", "", False),
    ],
)
def test_periods_are_compared_by_what_they_last_and_not_by_how_they_are_written(one, other, expected):
    assert longer(one, other) is expected


def test_two_versions_of_the_same_words_differ_in_nothing(compared):
    found = compared()
    assert found.changes == ()
    assert not found.is_material


def test_words_alone_inform(compared):
    found = compared(reworded)
    assert [(c.about, c.key, c.material) for c in found.changes] == [(About.WORDS, "en", False)]
    assert found.changes[0].after == ("section/use.only-as-stated/body",)


def test_a_new_recipient_is_material_and_permits_exactly_what_it_receives(compared):
    change = the_one(compared(new_recipient("printer", "KR", {Purpose.SUPPORT: [ADDRESS]})))
    assert (change.about, change.how, change.key, change.material) == (About.RECIPIENT, How.NEW, "printer", True)
    assert change.permits == {f"hand:printer:processor:KR:{Purpose.SUPPORT}:{ADDRESS}"}
    assert (ADDRESS, "request") in change.touches
    assert (ADDRESS, "subscription") not in change.touches, "what is not used for that purpose is not touched"


def test_a_recipient_that_gets_more_is_material_for_what_is_new_only(compared):
    def more(data, _words):
        data["recipient"]["kita"]["receives"][Purpose.SUPPORT].append("user.content.private")

    change = the_one(compared(more))
    assert (change.about, change.how, change.material) == (About.RECIPIENT, How.WIDER, True)
    assert change.categories == ["user.content.private"]
    assert change.permits == {f"hand:kita:group:KR:{Purpose.SUPPORT}:user.content.private"}


def test_a_recipient_that_goes_or_gets_less_is_not(compared):
    def less(data, _words):
        del data["recipient"]["kita"]
        data["recipient"]["courier"]["receives"][Purpose.DELIVERY].remove("user.name")

    found = compared(less)
    assert {(c.about, c.how, c.key, c.material) for c in found.changes} == {
        (About.RECIPIENT, How.REMOVED, "kita", False),
        (About.RECIPIENT, How.NARROWER, "courier", False),
    }


def test_a_recipient_in_another_country_is_material(compared):
    change = the_one(compared(moved("courier", "US")))
    assert (change.about, change.key, change.material) == (About.COUNTRY, "courier", True)
    assert (change.before, change.after) == (("KR", "processor"), ("US", "processor"))
    assert all(what.startswith("hand:courier:processor:US:") for what in change.permits)


@pytest.mark.parametrize(
    ("lasts", "how", "material"), [("P6Y", How.LONGER, True), ("P61M", How.LONGER, True), ("P3Y", How.SHORTER, False)]
)
def test_longer_retention_is_material_and_shorter_is_not(compared, lasts, how, material):
    change = the_one(compared(period("contract", lasts)))
    assert (change.about, change.how, change.key, change.material) == (About.RETENTION, how, "contract", material)
    assert {keep for _, keep in change.touches} == {"contract"}


def test_the_same_time_in_other_letters_is_no_change(compared):
    def same(data, _words):
        data["retention"]["contract"]["period"] = "P60M"

    assert compared(same).changes == ()


def test_a_time_that_counts_from_another_moment_is_material(compared):
    def later(data, _words):
        data["retention"]["contract"]["counts_from"] = "parcel.delivered"

    change = the_one(compared(later))
    assert (change.how, change.material) == (How.CHANGED, True)


def test_a_new_purpose_for_data_that_is_there_is_material(compared):
    change = the_one(compared(also_for("finance", ADDRESS, "request", "legal_obligation")))
    assert (change.about, change.how, change.key, change.material) == (About.PURPOSE, How.NEW, "finance", True)
    assert change.touches == {(ADDRESS, "request")}


def test_a_purpose_that_reaches_data_that_was_kept_for_another_is_material(compared):
    """The address of an account for marketing: the category, the purpose and the retention each were there before."""
    stated = {(s.category, p) for s in policy.current().statements for p in s.purposes}
    assert (ADDRESS, Purpose.MARKETING_EMAIL) in stated
    change = the_one(compared(also_for(Purpose.MARKETING_EMAIL, ADDRESS, "account")))
    assert (change.about, change.how, change.material) == (About.PURPOSE, How.WIDER, True)
    assert change.touches == {(ADDRESS, "account")}
    assert change.permits == {f"ask:{ADDRESS}:{Purpose.MARKETING_EMAIL}:account"}


def test_a_new_category_is_material_and_touches_nobody_who_gave_none(compared):
    change = the_one(compared(also_for(Purpose.SERVICE, "user.demographic", "account")))
    assert (change.about, change.how, change.key, change.material) == (
        About.CATEGORY,
        How.NEW,
        "user.demographic",
        True,
    )
    assert comparing.columns(change) == []


def test_what_asked_for_permission_and_asks_no_more_is_material(compared):
    def unasked(data, _words):
        data["purpose"][Purpose.MARKETING_EMAIL]["legal_basis"] = "legitimate_interests"

    change = the_one(compared(unasked))
    assert (change.about, change.material) == (About.BASIS, True)
    assert f"use:{ADDRESS}:{Purpose.MARKETING_EMAIL}:subscription" in change.permits


def test_what_asks_for_permission_now_is_not(compared):
    def asked(data, _words):
        data["purpose"][Purpose.SUPPORT]["legal_basis"] = "consent"

    change = the_one(compared(asked))
    assert (change.about, change.material) == (About.BASIS, False)


def test_a_weaker_way_to_permission_is_material(compared):
    def weaker(data, _words):
        for row in data["permission"]:
            if row["purpose"] == Purpose.MARKETING_EMAIL and row["jurisdiction"] == "*":
                row["mechanism"] = "opt_out"

    found = compared(weaker)
    assert [(c.about, c.how, c.material) for c in found.changes] == [(About.REACH, How.WIDER, True)]


def test_what_will_be_kept_by_one_more_rule_is_material(compared):
    def also_kept(data, _words):
        row = next(row for row in data["statement"] if row["categories"] == ["user.content.private"])
        assert "account" not in row["retention"]
        row["retention"].append("account")

    change = the_one(compared(also_kept))
    assert (change.about, change.how, change.key, change.material) == (About.KEPT_AS, How.WIDER, "account", True)
    assert change.touches == {("user.content.private", "")}
    assert "keepas:user.content.private:account" in change.permits


def test_a_way_in_a_law_and_what_is_never_stored_are_told_too(compared):
    def others(data, _words):
        data["surface"]["web.raffle"] = {"channel": "web", "shows_notice": True}
        data["jurisdiction"]["JP"] = []
        data["never_stored"]["categories"].remove("card number")

    found = compared(others)
    assert {(c.about, c.how, c.key, c.material) for c in found.changes} == {
        (About.SURFACE, How.NEW, "web.raffle", False),
        (About.LAW, How.CHANGED, "JP", False),
        (About.NEVER_STORED, How.REMOVED, "card number", True),
    }


def test_every_change_goes_the_other_way_when_the_versions_are_changed_about(compared):
    there = compared(several(new_recipient("printer", "KR", {Purpose.SUPPORT: [ADDRESS]}), period("contract", "P6Y")))
    back = comparing.difference(there.after, there.before)
    assert {(c.about, c.how) for c in back.changes if c.about is not About.WORDS} == {
        (About.RECIPIENT, How.REMOVED),
        (About.RETENTION, How.SHORTER),
    }
    assert not back.is_material


@pytest.mark.django_db
class TestTouched:
    def test_only_those_of_whom_such_data_was_collected(self, compared):
        writer, other = letter().subject, Subject.objects.create()
        found = compared(new_recipient("printer", "KR", {Purpose.SUPPORT: [ADDRESS]}))
        assert comparing.columns(found.material[0]).count("privacy_requestmessage.sender") == 1
        assert list(comparing.touched(found)) == [writer]
        assert other not in comparing.touched(found)

    def test_nobody_when_what_changes_is_kept_by_a_rule_under_which_they_gave_nothing(self, compared):
        letter()
        assert not comparing.touched(compared(period("contract", "P6Y"))).exists()
        assert RequestMessage.objects.exists()

    def test_nobody_when_only_words_change(self, compared):
        letter()
        assert not comparing.touched(compared(reworded)).exists()

    def test_a_guest_who_opened_an_account_counts_once_as_the_account(self, compared):
        account = letter().subject
        guest = letter(sender="guest@example.com").subject
        Subject.objects.filter(pk=guest.pk).update(merged_into=account)
        found = compared(new_recipient("printer", "KR", {Purpose.SUPPORT: [ADDRESS]}))
        assert list(comparing.touched(found)) == [account]

    def test_who_gave_it_under_the_new_version_is_not_asked(self, compared):
        found = compared(new_recipient("printer", "KR", {Purpose.SUPPORT: [ADDRESS]}))
        letter()
        assert comparing.touched(found).exists()
        assert not comparing.touched(Difference(found.after, found.before, found.changes)).exists()
