"""policy.changes: what was collected under an earlier version stays under its promise, unless the person has said yes since."""

import pytest
import time_machine
from django.conf import settings

from accounts.models import User
from orders.models import DeliveryAddress, OrderContact
from privacy.declaration import Category, Origin, PersonalDatum, Purpose
from privacy.errors import NotDisclosed
from privacy.gate import collecting, disclose
from privacy.internal import answering, policy, promise, reading, retention
from privacy.internal.promise import promise_for
from privacy.models import Disclosure, LegalOrder, Recipient, RequestMessage, Subject
from privacy.permission import grant
from tests.orders.shop import ADDRESS, buy, variant
from tests.support.people import letter, shown_notice
from tests.support.policies import also_for, moved, new_recipient, period, several

pytestmark = pytest.mark.usefixtures("open_store")

NOW, NEXT = "2026-11-01", "2031-03-01"
ON_THAT_DAY = "2031-03-01T09:00:00+09:00"
EMAIL, NAME = "user.contact.email", "user.name"
NEWS = Purpose.MARKETING_EMAIL
PRINTER = new_recipient("printer", "DE", {Purpose.DELIVERY: [NAME, "user.contact.address.city"]})


@pytest.fixture
def later():
    """The day on which the planted version takes effect."""
    with time_machine.travel(ON_THAT_DAY) as traveller:
        yield traveller


@pytest.fixture
def address(client) -> DeliveryAddress:
    return buy(client, variant()).delivery_address


def in_force():
    """Everything after this happens on the day of the planted version."""
    return time_machine.travel(ON_THAT_DAY)


def refused(record, **how) -> str:
    before = Disclosure.objects.count()
    with pytest.raises(NotDisclosed) as caught:
        disclose(record, **how)
    assert Disclosure.objects.count() == before
    return str(caught.value)


def say(person: Subject, *words: bool) -> None:
    """Answer the questions of the planted version, in their order."""
    questions = answering.Questions(person, policy.load(NEXT), reading.LANGUAGES["en"])
    assert len(questions.asked) == len(words), questions.asked
    said = {asked.change.id: yes for asked, yes in zip(questions.asked, words, strict=True)}
    answering.answer(questions, said, questions.token())


class TestRecipients:
    def test_a_new_one_gets_nothing_from_before_until_the_person_says_yes(self, address, plant):
        plant(NEXT, PRINTER)
        how = {"to": "printer", "purpose": Purpose.DELIVERY}
        assert "not a recipient" in refused(address, **how), "the day has not come"
        with in_force():
            assert f"collected under the policy of {NOW}" in refused(address, **how)
            say(address.subject, False)
            refused(address, **how)
            say(address.subject, True)
            told = disclose(address, **how)
            assert dict(told.row) == {"recipient": ADDRESS["recipient"], "city": ADDRESS["city"]}
            assert told.disclosures[0].policy_version == NEXT
            say(address.subject, False)
            refused(address, **how)

    def test_a_yes_before_its_day_hands_over_nothing_before_its_day(self, address, plant):
        plant(NEXT, PRINTER)
        say(address.subject, True)
        assert "not a recipient" in refused(address, to="printer", purpose=Purpose.DELIVERY)

    def test_one_gets_what_comes_in_under_the_version_that_names_it(self, client, plant):
        plant(NEXT, PRINTER)
        with in_force():
            order = buy(client, variant())
            assert promise_for(order.delivery_address).collected_under.version == NEXT
            assert (
                disclose(order.delivery_address, to="printer", purpose=Purpose.DELIVERY).row["city"] == ADDRESS["city"]
            )

    def test_one_that_was_named_before_goes_on(self, address, plant):
        plant(NEXT, PRINTER)
        with in_force():
            assert disclose(address, to="courier", purpose=Purpose.DELIVERY).row["city"] == ADDRESS["city"]

    def test_one_that_gets_more_gets_of_the_old_what_it_got_before(self, plant):
        def more(data, _words):
            data["recipient"]["kita"]["receives"][Purpose.SUPPORT].append("user.content.private")

        old = letter(body="a secret of mine")
        plant(NEXT, more)
        with in_force():
            how = {"to": "kita", "purpose": Purpose.SUPPORT}
            assert dict(disclose(old, **how).row) == {"sender": old.sender}
            assert disclose(letter(body="something new"), **how).row["body"] == "something new"
            say(old.subject, True)
            assert disclose(old, **how).row["body"] == "a secret of mine"

    def test_one_that_moved_abroad_gets_nothing_from_before(self, address, plant):
        plant(NEXT, moved("courier", "US"))
        with in_force():
            Recipient.objects.filter(pk="courier").update(country="US")
            how = {"to": "courier", "purpose": Purpose.DELIVERY}
            refused(address, **how)
            say(address.subject, True)
            assert disclose(address, **how).row["city"] == ADDRESS["city"]

    def test_one_that_was_dropped_gets_nothing_at_once(self, address, plant):
        def dropped(data, _words):
            del data["recipient"]["courier"]

        disclose(address, to="courier", purpose=Purpose.DELIVERY)
        plant(NEXT, dropped)
        with in_force():
            assert "not a recipient" in refused(address, to="courier", purpose=Purpose.DELIVERY)

    def test_a_legal_order_is_no_promise_of_ours(self, address, plant):
        plant(NEXT, PRINTER)
        order = LegalOrder.objects.create(
            authority="Court",
            reference="1",
            law="Criminal Procedure Act Art. 215",
            subject=address.subject,
            recorded_by=Subject.objects.create(kind=Subject.Kind.EMPLOYEE),
        )
        with in_force():
            assert (
                disclose(address, to="Court", purpose=Purpose.LEGAL, legal_order=order).row["city"] == ADDRESS["city"]
            )


class TestPurposes:
    @pytest.fixture
    def books(self, plant, monkeypatch):
        """A version in which letters serve the books too, and the code that says so."""
        sender = RequestMessage._meta.get_field("sender")
        monkeypatch.setattr(
            sender, "personal", PersonalDatum(Category.EMAIL, (Purpose.SUPPORT, Purpose.FINANCE), sender.personal.keep)
        )

        def kita_keeps_books(data, _words):
            data["recipient"]["kita"]["receives"]["finance"] = [EMAIL]

        return lambda: plant(NEXT, several(also_for("finance", EMAIL, "request", "legal_obligation"), kita_keeps_books))

    def test_a_new_one_does_not_reach_back(self, books):
        old = letter()
        books()
        with in_force():
            how = {"to": "kita", "purpose": "finance"}
            refused(old, **how)
            assert disclose(letter(sender="new@example.com"), **how).row == {"sender": "new@example.com"}

    def test_it_takes_a_yes_to_the_purpose_and_one_to_the_recipient(self, books):
        old = letter()
        books()
        with in_force():
            how = {"to": "kita", "purpose": "finance"}
            say(old.subject, True, False)
            refused(old, **how)
            say(old.subject, False, True)
            refused(old, **how)
            say(old.subject, True, True)
            assert disclose(old, **how).row == {"sender": old.sender}

    def test_an_address_that_was_given_for_an_account_is_not_one_for_news(self, plant, monkeypatch):
        """Category, purpose and retention were each stated before; that they meet is new."""
        from allauth.account.models import EmailAddress

        account = User.objects.create_user("minji@example.com", "long-enough-and-odd-42")
        grant(account.subject, NEWS, "email", method="form", notice=shown_notice(asks=[NEWS]))
        email = EmailAddress._meta.get_field("email")
        monkeypatch.setattr(email, "personal", PersonalDatum(Category.EMAIL, (NEWS,), email.personal.keep))
        plant(NEXT, also_for(NEWS, EMAIL, "account"))
        with in_force():
            old = EmailAddress.objects.get()
            refused(old, to="mailer", purpose=NEWS)
            say(account.subject, True)
            assert disclose(old, to="mailer", purpose=NEWS).row == {"email": "minji@example.com"}

    def test_what_asked_for_permission_goes_on_asking(self, client, plant):
        from tests.marketing.test_subscribing import confirmed

        def unasked(data, _words):
            data["purpose"][NEWS]["legal_basis"] = "legitimate_interests"

        willing, unwilling = confirmed(client), self.subscriber_without_permission()
        plant(NEXT, unasked)
        with in_force():
            how = {"to": "mailer", "purpose": NEWS}
            assert disclose(willing, **how).row == {"email": willing.email}
            refused(unwilling, **how)
            say(unwilling.subject, True)
            assert disclose(unwilling, **how).row == {"email": unwilling.email}
            assert disclose(self.subscriber_without_permission("new@example.com"), **how).row

    def test_a_law_that_asks_for_less_asks_as_much_of_what_was_there(self, plant):
        def weaker(data, _words):
            for row in data["permission"]:
                if row["purpose"] == NEWS:
                    row["mechanism"] = "opt_out"

        old = self.subscriber_without_permission()
        plant(NEXT, weaker)
        with in_force():
            how = {"to": "mailer", "purpose": NEWS}
            refused(old, **how)
            assert disclose(self.subscriber_without_permission("new@example.com"), **how).row
            grant(old.subject, NEWS, "email", method="form", notice=shown_notice(asks=[NEWS]))
            assert disclose(old, **how).row == {"email": old.email}

    @pytest.mark.parametrize("channel", ["email", "sms", "push"])
    @pytest.mark.parametrize("amended", ["unasked", "weaker"])
    def test_a_change_is_held_to_the_yes_of_each_channel(self, channel, amended, plant):
        """News by text and push rest on the same two promises as those by mail."""
        from marketing.models import PushDevice, Subscription, TextNumber

        column, purpose, to, addresses = {
            "email": (Subscription.email, Purpose.MARKETING_EMAIL, "mailer", ["a@example.com", "b@example.com"]),
            "sms": (TextNumber.phone, Purpose.MARKETING_SMS, "text_service", ["+821012345678", "+821012345679"]),
            "push": (PushDevice.device, Purpose.MARKETING_PUSH, "push_service", ["a-token-0001", "a-token-0002"]),
        }[channel]

        def change(data, _words):
            if amended == "unasked":
                data["purpose"][purpose]["legal_basis"] = "legitimate_interests"
            for row in data["permission"] if amended == "weaker" else ():
                if row["purpose"] == purpose:
                    row["mechanism"] = "opt_out"

        def named(address):
            with collecting(surface="staff.console", subject=Subject.objects.create(), fields=[column]):
                return column.field.model.objects.create(**{column.field.name: address})

        willing, unwilling = map(named, addresses)
        grant(willing.subject, purpose, channel, method="form", notice=shown_notice(asks=[purpose]))
        plant(NEXT, change)
        with in_force():
            assert disclose(willing, to=to, purpose=purpose).rows
            assert f"collected under the policy of {NOW}" in refused(unwilling, to=to, purpose=purpose)
            grant(unwilling.subject, purpose, channel, method="form", notice=shown_notice(asks=[purpose]))
            assert disclose(unwilling, to=to, purpose=purpose).rows

    def subscriber_without_permission(self, email="quiet@example.com"):
        from marketing.models import Subscription

        subject = Subject.objects.create()
        with collecting(surface="staff.console", subject=subject, fields=[Subscription.email]):
            return Subscription.objects.create(email=email)


class TestRetention:
    def test_a_longer_time_is_for_what_comes_in_under_it(self, address, client, plant):
        plant(NEXT, period("contract", "P6Y"))
        with in_force():
            assert promise_for(address).retention("contract").period == "P5Y"
            new = buy(client, variant("TEA-2")).delivery_address
            assert promise_for(new).retention("contract").period == "P6Y"
            days = [retention.day_of_death(one) for one in (address, new)]
            placed = [one.order.placed_at for one in (address, new)]
        assert [day.year - moment.year for day, moment in zip(days, placed, strict=True)] == [5, 6]

    def test_until_the_person_says_yes(self, address, plant):
        plant(NEXT, period("contract", "P6Y"))
        with in_force():
            say(address.subject, True)
            assert promise_for(address).retention("contract").period == "P6Y"
            say(address.subject, False)
            assert promise_for(address).retention("contract").period == "P5Y"

    def test_a_shorter_time_is_for_everything_at_once(self, address, plant):
        plant(NEXT, period("contract", "P3Y"))
        assert promise_for(address).retention("contract").period == "P5Y"
        with in_force():
            assert promise_for(address).retention("contract").period == "P3Y"
            assert promise.periods_promised("contract", policy.versions()) == {NOW: "P3Y", NEXT: "P3Y"}

    def test_a_coming_version_changes_no_time_yet(self, plant):
        plant(NEXT, period("contract", "P6Y"))
        assert promise.periods_promised("contract", policy.versions()) == {NOW: "P5Y", NEXT: "P6Y"}
        with in_force():
            assert promise.periods_promised("contract", policy.versions()) == {NOW: "P5Y", NEXT: "P6Y"}


class TestUnderWhichVersion:
    """What renews a promise is a notice that the person saw for all of it."""

    def test_a_correction_by_staff_renews_nothing(self, address, plant):
        plant(NEXT, PRINTER)
        with in_force():
            with collecting(surface="staff.admin", subject=address.subject, fields=[DeliveryAddress.city]):
                address.city = "Palo Alto"
                address.save()
            assert address.collection.policy_version == NEXT
            assert promise_for(address).collected_under.version == NOW
            refused(address, to="printer", purpose=Purpose.DELIVERY)

    def test_a_single_value_renews_nothing_of_what_stood_beside_it(self, plant):
        from accounts.models import Profile

        account = User.objects.create_user("minji@example.com", "long-enough-and-odd-42")
        with collecting(surface="staff.console", subject=account.subject, fields=[Profile.name, Profile.phone]):
            profile = Profile.objects.create(account=account, name="Minji", phone="+821023456789")
        plant(NEXT, PRINTER)
        with in_force():
            one = shown_notice(Profile.name)
            with collecting(surface="web.account", subject=account.subject, fields=[Profile.name], notice=one):
                profile.name = "Minji Kim"
                profile.save()
            assert promise_for(profile).collected_under.version == NOW
            both = shown_notice(Profile.name, Profile.phone)
            with collecting(
                surface="web.account", subject=account.subject, fields=[Profile.name, Profile.phone], notice=both
            ):
                profile.name = "Kim Minji"
                profile.save()
            assert promise_for(profile).collected_under.version == NEXT

    def test_what_the_store_made_itself_it_made_of_somebody_it_knew_since_a_day(self, address, plant):
        plant(NEXT, PRINTER)
        with in_force():
            assert promise_for(address.order).collected_under.version == NOW
            assert (
                promise_for(User.objects.create_user("n@example.com", "long-enough-42")).collected_under.version == NEXT
            )

    def test_the_yes_of_an_account_is_one_for_what_its_owner_gave_as_a_guest(self, address, plant):
        account = User.objects.create_user("mina@example.com", "long-enough-and-odd-42").subject
        Subject.objects.filter(pk=address.subject_id).update(merged_into=account)
        address = DeliveryAddress.objects.get()
        plant(NEXT, PRINTER)
        with in_force():
            how = {"to": "printer", "purpose": Purpose.DELIVERY}
            refused(address, **how)
            say(account, True)
            assert disclose(address, **how).row["city"] == ADDRESS["city"]

    def test_the_yes_of_one_person_is_none_for_another(self, address, client, plant):
        plant(NEXT, PRINTER)
        from django.test import Client

        other = buy(Client(), variant("TEA-2")).delivery_address
        assert other.subject_id != address.subject_id
        with in_force():
            say(other.subject, True)
            refused(address, to="printer", purpose=Purpose.DELIVERY)
            refused([other, address], to="printer", purpose=Purpose.DELIVERY)
            disclose(other, to="printer", purpose=Purpose.DELIVERY)

    def test_while_there_is_one_version_it_costs_nothing(self, address, django_assert_num_queries):
        address.subject  # noqa: B018 - read before it is counted
        with django_assert_num_queries(0):
            assert not promise_for(address).is_old

    def test_a_record_about_nobody_was_promised_nothing(self):
        from catalogue.models import Product

        with pytest.raises(LookupError, match="about nobody"):
            promise_for(Product(slug="x"))


def test_every_value_that_people_gave_has_its_promise():
    """No declaration is left out: each category, purpose and retention of the code is among what the version permits."""
    from django.apps import apps

    from privacy.declaration import declaration_of, personal_fields
    from privacy.internal import permits

    allowed = permits.of(policy.current())
    for model in apps.get_models():
        for field in personal_fields(model, origin=Origin.PERSON):
            declared = declaration_of(field)
            for purpose in declared.purposes:
                assert permits.asks(declared.category, purpose, declared.keep) in allowed, (model, field.name, purpose)
    assert OrderContact in apps.get_models()
    assert settings.POLICY_NOTICE_DAYS >= 1
