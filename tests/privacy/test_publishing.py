"""A version of the policy comes into force by two people, with time to read, and stays as it was published."""

import datetime as dt
import hashlib

import pytest
import time_machine
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from privacy.errors import NotPublished
from privacy.internal import policy, published, publishing, publishing_sql
from privacy.models import Effect, Proposal, Publication, WaitingLeaf
from tests.support.policies import employee, publish_version, reworded

pytestmark = pytest.mark.django_db

NEXT, LATER = "2031-03-01", "2031-09-01"
DIGEST = hashlib.sha256(b"a version").hexdigest()


def put(day=NEXT, **columns):
    """A row as somebody with the store's own rights in the database would write it, past every function of ours."""
    row = {
        "version": day,
        "effective": dt.date.fromisoformat(day),
        "digest": DIGEST,
        "drafted_by": employee(),
        "published_by": employee(),
    }
    with transaction.atomic():
        return Publication.objects.create(**row | columns)


def refused(**columns) -> str:
    before = Publication.objects.count()
    with pytest.raises(IntegrityError) as caught:
        put(**columns)
    assert Publication.objects.count() == before
    return str(caught.value)


class TestFounding:
    def test_an_installation_begins_with_what_is_in_force_in_the_store_own_name(self):
        (first,) = Publication.objects.all()
        assert (first.version, first.founding) == (policy.current().version, True)
        assert first.drafted_by is None
        assert first.published_by is None
        assert first.digest == policy.load(first.version).digest

    def test_it_is_a_leaf_of_the_ledger_like_every_publication(self):
        publication = put()
        assert WaitingLeaf.objects.filter(source="privacy_publication", record=publication.pk).exists()

    def test_doing_it_again_does_nothing(self):
        publishing.found("default")
        assert Publication.objects.count() == 1

    def test_the_store_cannot_publish_in_its_own_name_later(self):
        lone = {"founding": True, "drafted_by": None, "published_by": None}
        assert "whose day has come" in refused(**lone)
        today = timezone.localdate().isoformat()
        assert "takes two people" in refused(day=today, **lone)


class TestTheDatabaseRefuses:
    def test_one_person_for_both(self):
        one = employee()
        assert "publisher_is_not_the_drafter" in refused(drafted_by=one, published_by=one)

    @pytest.mark.parametrize("nobody", ["drafted_by", "published_by"])
    def test_a_person_too_few(self, nobody):
        assert "two_people_or_none" in refused(**{nobody: None})

    @pytest.mark.parametrize("days", [-400, -1, 0, 1, 6, 7])
    def test_a_day_too_near(self, days):
        # At whatever hour this runs, seven whole days from now end later than the beginning of the seventh day.
        day = (timezone.localdate() + dt.timedelta(days=days)).isoformat()
        said = refused(day=day)
        assert "must have 7 days" in said or "after every version" in said

    def test_the_first_day_that_leaves_the_time_is_accepted(self):
        assert put(day=publishing.earliest_day().isoformat())

    def test_a_version_before_one_that_is_published(self):
        put(day=LATER)
        assert "after every version" in refused(day=NEXT)

    def test_a_version_that_is_called_after_another_day(self):
        assert "is named for the day" in refused(effective=dt.date(2031, 4, 1))

    def test_a_version_twice(self):
        put()
        refused()

    def test_something_that_is_no_digest(self):
        assert "publication_names_its_digest" in refused(digest="x")

    def test_a_moment_that_was_made_up(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO privacy_publication "
                "(id, version, effective, digest, founding, drafted_by_id, published_by_id, published_at) "
                "VALUES (gen_random_uuid(), %s, %s, %s, false, %s, %s, '2020-01-01')",
                [NEXT, NEXT, DIGEST, employee().pk, employee().pk],
            )
        assert Publication.objects.get(version=NEXT).published_at > timezone.now() - dt.timedelta(minutes=5)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE privacy_publication SET effective = '2026-11-24'",
            "UPDATE privacy_publication SET digest = repeat('0', 64)",
            "DELETE FROM privacy_publication",
            "TRUNCATE privacy_publication",
            "ALTER TABLE privacy_publication DISABLE TRIGGER policy_publication",
            "DROP TRIGGER policy_publication ON privacy_publication",
            "CREATE OR REPLACE FUNCTION policy_publication() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "DELETE FROM privacy_proposal",
        ],
    )
    def test_a_change_of_what_is_published_or_of_the_rule(self, statement):
        Proposal.objects.create(version=NEXT, digest=DIGEST, drafted_by=employee())
        with (
            pytest.raises(Exception, match=r"permission denied|must be owner|never changed") as caught,
            transaction.atomic(),
        ):
            connection.cursor().execute(statement)
        assert caught.value

    def test_the_rule_stands_as_the_settings_ask(self, settings):
        with connection.cursor() as cursor:
            assert publishing_sql.differences(cursor) == []
            settings.POLICY_NOTICE_DAYS = 1
            assert "another time to read" in publishing_sql.differences(cursor)[0]


class TestDrafts:
    def test_a_draft_is_never_in_force_whatever_its_day(self, client, plant):
        plant(NEXT, draft=True)
        assert policy.drafts() == (NEXT,)
        with time_machine.travel("2031-04-01T09:00:00+09:00"):
            assert policy.current().version == "2026-11-01"
            assert NEXT not in policy.versions()
            assert client.get(f"/privacy/policy/{NEXT}/").status_code == 404
            assert client.get(f"/privacy/policy/{NEXT}/policy.json").status_code == 404
            assert client.get(f"/privacy/policy/compare/2026-11-01/{NEXT}/").status_code == 404
            assert "policy-banner" not in client.get("/").content.decode()

    def test_a_draft_of_which_something_is_missing_is_not_proposed(self, plant, policy_folder):
        def wordless(_data, words):
            del words["ko"]["purpose"]["finance"]

        plant(NEXT, wordless, draft=True)
        (policy_folder / f"{NEXT}.zh.toml").unlink()
        policy.read_again()
        found = list(publishing.problems(NEXT))
        assert len(found) == 2
        assert "no words in zh" in found[0]
        assert "ko lack purpose/finance" in found[1]
        with pytest.raises(NotPublished):
            publishing.propose(NEXT, drafted_by=employee())
        assert not Proposal.objects.exists()

    def test_a_recipient_without_words_in_any_language_is_not_proposed(self, plant):
        def wordless(data, _words):
            data["recipient"]["printer"] = {"kind": "processor", "country": "DE", "receives": {}}

        plant(NEXT, wordless, draft=True)
        assert any("recipient/printer" in said and "country/DE" in said for said in publishing.problems(NEXT))

    @pytest.mark.parametrize("broken", ["version = ", 'version = "2031-03-01"\neffective = 2031-03-02', "[[["])
    def test_a_draft_that_cannot_be_read_is_a_sentence_and_no_error(self, plant, policy_folder, broken):
        plant(NEXT, draft=True)
        (policy_folder / f"{NEXT}.toml").write_text(broken, encoding="utf-8")
        policy.read_again()
        assert [said for said in publishing.problems(NEXT) if "cannot be read" in said]

    def test_a_day_in_the_file_that_is_not_its_name(self, plant, policy_folder):
        plant(NEXT, draft=True)
        path = policy_folder / f"{NEXT}.toml"
        path.write_text(path.read_text().replace(f"effective = {NEXT}", "effective = 2031-03-02"), encoding="utf-8")
        policy.read_again()
        assert any("must agree" in said for said in publishing.problems(NEXT))

    def test_a_draft_that_nobody_wrote(self):
        assert any("There is no" in said for said in publishing.problems("2040-01-01"))


class TestTwoPeople:
    def test_one_proposes_and_another_publishes(self, plant):
        plant(NEXT, draft=True)
        one, other = employee(), employee()
        publication = publishing.publish(publishing.propose(NEXT, drafted_by=one), published_by=other)
        assert (publication.drafted_by, publication.published_by) == (one, other)
        assert publication.effective == dt.date(2031, 3, 1)
        assert publication.digest == policy.digest_of(NEXT)
        published.look()
        assert policy.upcoming().version == NEXT
        assert policy.current().version == "2026-11-01"

    def test_the_same_person_does_not(self, plant):
        plant(NEXT, draft=True)
        one = employee()
        proposal = publishing.propose(NEXT, drafted_by=one)
        with pytest.raises(NotPublished, match="does not publish it"):
            publishing.publish(proposal, published_by=one)
        assert Publication.objects.count() == 1

    def test_what_was_changed_since_it_was_proposed_is_not_published(self, plant, policy_folder):
        plant(NEXT, draft=True)
        proposal = publishing.propose(NEXT, drafted_by=employee())
        path = policy_folder / f"{NEXT}.ja.toml"
        path.write_text(path.read_text(encoding="utf-8") + "\n# one letter", encoding="utf-8")
        with pytest.raises(NotPublished, match="has changed since"):
            publishing.publish(proposal, published_by=employee())

    def test_too_soon_is_said_with_the_first_day_that_will_do(self, plant):
        tomorrow = (timezone.localdate() + dt.timedelta(days=1)).isoformat()
        plant(tomorrow, draft=True)
        proposal = publishing.propose(tomorrow, drafted_by=employee())
        with pytest.raises(NotPublished, match=publishing.earliest_day().isoformat()):
            publishing.publish(proposal, published_by=employee())

    def test_everybody_is_told_by_the_same_transaction(self, plant):
        plant(NEXT)
        assert Effect.objects.filter(kind="privacy.announce_policy").count() == 1

    def test_published_is_published(self, plant):
        plant(NEXT)
        with pytest.raises(NotPublished, match="published already"):
            publish_version(NEXT)


class TestLetterByLetter:
    def found(self):
        return [
            m.id
            for m in checks.run_checks(tags=[checks.Tags.database], databases=["default"])
            if m.id == "privacy.E040"
        ]

    def test_files_as_they_were_published_are_in_order(self, client, plant):
        plant(NEXT)
        assert self.found() == []
        assert client.get("/readyz").json()["policy"] is True

    @pytest.mark.parametrize("name", ["2026-11-01.toml", "2026-11-01.ko.toml", f"{NEXT}.zh.toml"])
    def test_one_letter_more_is_found(self, client, plant, policy_folder, name):
        plant(NEXT)
        path = policy_folder / name
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        assert self.found() == ["privacy.E040"]
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["policy"] is False

    def test_a_text_more_or_less_is_found(self, plant, policy_folder):
        plant(NEXT)
        (policy_folder / f"{NEXT}.fr.toml").write_text('title = "x"', encoding="utf-8")
        assert self.found() == ["privacy.E040"]
        (policy_folder / f"{NEXT}.fr.toml").unlink()
        assert self.found() == []
        (policy_folder / f"{NEXT}.toml").unlink()
        assert self.found() == ["privacy.E040"]


class TestAProcessKnows:
    def test_a_page_asks_nothing_about_publications(self, client, plant, django_assert_num_queries):
        client.get("/privacy/policy/")
        with django_assert_num_queries(0):
            policy.current()
            policy.upcoming()
            policy.versions()
        plant(NEXT)
        with django_assert_num_queries(0):
            policy.current()
            policy.upcoming()

    def test_after_a_minute_it_looks_again_after_the_answer_and_not_before(
        self, plant, monkeypatch, django_assert_num_queries
    ):
        plant(NEXT, draft=True)
        publishing.publish(publishing.propose(NEXT, drafted_by=employee()), published_by=employee())
        assert policy.upcoming() is None
        published.look_again_when_old()
        assert policy.upcoming() is None, "a minute has not passed"
        monkeypatch.setattr(published, "_looked_at", published._looked_at - published.LOOK_AGAIN_AFTER - 1)
        with django_assert_num_queries(0):
            assert policy.upcoming() is None
        published.look_again_when_old()
        assert policy.upcoming().version == NEXT

    def test_after_an_idle_hour_it_asks_first(self, plant, monkeypatch):
        plant(NEXT, draft=True)
        publishing.publish(publishing.propose(NEXT, drafted_by=employee()), published_by=employee())
        monkeypatch.setattr(published, "_looked_at", published._looked_at - published.NEVER_OLDER_THAN - 1)
        assert policy.upcoming().version == NEXT

    def test_without_a_database_the_versions_whose_day_has_come_count(self, plant, monkeypatch):
        plant(NEXT, draft=True)
        monkeypatch.setattr(published, "_known", None)
        monkeypatch.setattr(published, "_read", list)
        assert policy.current().version == "2026-11-01"
        with time_machine.travel("2031-04-01T09:00:00+09:00"):
            assert policy.current().version == NEXT


class TestCommand:
    @pytest.fixture
    def staff(self, django_user_model):
        return [
            django_user_model.objects.create_user(f"{name}@kmall24.example", "password-of-" + name, is_staff=True)
            for name in ("drafter", "publisher")
        ]

    def run(self, version, *args):
        call_command("publish_policy", version, *args)

    def both(self):
        return ["--drafted-by", "drafter@kmall24.example", "--published-by", "publisher@kmall24.example"]

    def test_it_prints_what_changes_and_publishes(self, staff, plant, capsys):
        plant(NEXT, reworded, draft=True)
        self.run(NEXT, *self.both(), "--effective", NEXT)
        said = capsys.readouterr().out
        assert "1 changes, 0 material" in said
        assert "section/use.only-as-stated/body" in said
        publication = Publication.objects.get(version=NEXT)
        assert [publication.drafted_by, publication.published_by] == [user.subject for user in staff]

    def test_a_dry_run_publishes_nothing(self, staff, plant):
        plant(NEXT, draft=True)
        self.run(NEXT, *self.both(), "--dry-run")
        assert not Publication.objects.filter(version=NEXT).exists()

    @pytest.mark.parametrize(
        ("args", "said"),
        [
            (
                ["--drafted-by", "drafter@kmall24.example", "--published-by", "drafter@kmall24.example"],
                "does not publish it",
            ),
            (
                ["--drafted-by", "drafter@kmall24.example", "--published-by", "stranger@example.com"],
                "not the sign-in address",
            ),
            (["--drafted-by", "drafter@kmall24.example"], "two people"),
            (
                [
                    *("--drafted-by", "drafter@kmall24.example", "--published-by", "publisher@kmall24.example"),
                    *("--effective", "2031-03-02"),
                ],
                "not on 2031-03-02",
            ),
        ],
    )
    def test_it_refuses_with_a_sentence(self, staff, plant, args, said):
        plant(NEXT, draft=True)
        with pytest.raises(CommandError, match=said):
            self.run(NEXT, *args)
        assert Publication.objects.count() == 1

    @pytest.mark.parametrize("version", ["x", "2031-99-99", "../../etc", "2031-03-01.en"])
    def test_what_is_no_day_is_no_version(self, version):
        with pytest.raises(CommandError, match="named for the day"):
            self.run(version, *self.both())

    def test_a_shopper_publishes_nothing(self, staff, plant, django_user_model):
        plant(NEXT, draft=True)
        django_user_model.objects.create_user("shopper@example.com", "password-of-shopper")
        with pytest.raises(CommandError, match="member of staff"):
            self.run(NEXT, "--drafted-by", "drafter@kmall24.example", "--published-by", "shopper@example.com")


@pytest.mark.django_db(transaction=True)
def test_what_commits_is_known_to_this_process_at_once(plant):
    plant(NEXT, draft=True)
    publishing.publish(publishing.propose(NEXT, drafted_by=employee()), published_by=employee())
    assert policy.upcoming().version == NEXT


@pytest.mark.django_db(transaction=True)
def test_an_emptied_installation_begins_anew():
    assert [p.version for p in Publication.objects.all()] == [policy.current().version]
