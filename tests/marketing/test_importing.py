"""A file brings subscribers with a proof each, or without a permission; it takes no no back, and names every bad row."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from marketing.domain import importing
from marketing.models import Subscription
from privacy.models import ConsentEvent, ShownText
from privacy.permission import may_contact, withdraw
from tests.marketing.conftest import released
from tests.marketing.test_sending import run
from tests.support.readers import NEWS, reader
from tests.support.staff import superuser

pytestmark = pytest.mark.django_db

HEAD = "email,language,country,purpose,proof_when,proof_where,proof_text\n"
PROVED = "a@example.com,ko,KR,,2026-03-01,Tea fair in Seoul,Send me news of this store by e-mail\n"


def take(*rows: str):
    return [(r.number, r.outcome) for r in importing.import_file(io.StringIO(HEAD + "".join(rows)), source="fair.csv")]


def test_a_row_with_its_proof_may_be_written_to(campaign, sink, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert take(PROVED) == [(2, "permitted")]
    subscription = Subscription.objects.get()
    event = ConsentEvent.objects.get(subject=subscription.subject)
    assert (event.method, event.surface, event.state) == ("import", "import.subscribers", "given")
    assert timezone.localdate(event.shown_at).isoformat() == "2026-03-01"
    assert "Tea fair in Seoul" in ShownText.objects.get(digest=event.text_digest).text
    assert subscription.subject.jurisdiction == "KR"
    run(released(campaign))
    assert [m.to for m in sink.taken] == ["a@example.com"]


@pytest.mark.parametrize(
    "row",
    [
        "a@example.com,en,US,,,,\n",
        "a@example.com,en,US,,2026-03-01,,words\n",
        "a@example.com,en,US,,2026-03-01,fair,\n",
        "a@example.com,en,US,,,fair,words\n",
    ],
)
def test_without_all_of_the_proof_it_stays_unpermitted(row, campaign, sink):
    assert take(row) == [(2, "unpermitted")]
    assert not may_contact(Subscription.objects.get().subject, *NEWS)
    run(released(campaign))
    assert sink.taken == []


def test_who_asked_to_be_left_alone_stays_so_in_any_spelling():
    gone = reader("mina.kim@gmail.com")
    withdraw(gone.subject, method="form")
    Subscription.objects.all().delete()
    assert take("minakim+fair@gmail.com,ko,KR,,2026-03-01,fair,words\n") == [(2, "suppressed")]
    assert not Subscription.objects.exists()


def test_who_is_known_is_left_as_they_are():
    one = reader("a@example.com", permits=[])
    assert take(PROVED) == [(2, "known")]
    assert not may_contact(one.subject, *NEWS)


def test_every_bad_row_is_named_and_the_others_go_on():
    rows = [
        PROVED,
        "not-an-address,,,,,,\n",
        "b@example.com,english,,,,,\n",
        "c@example.com,,Korea,,,,\n",
        "d@example.com,,,essential.service,,,\n",
        "e@example.com,,,,yesterday,fair,words\n",
        "f@example.com,,,,2999-01-01,fair,words\n",
        "g@example.com,,,,2026-01-01,fair,4111 1111 1111 1111\n",
        "h@example.com,en,US,,2026-01-01,fair,words\n",
    ]
    assert take(*rows) == [(2, "permitted"), *((n, "bad") for n in range(3, 10)), (10, "permitted")]
    assert Subscription.objects.count() == 2


def test_a_file_without_its_columns_is_refused_whole():
    with pytest.raises(Exception, match="columns"):
        list(importing.import_file(io.StringIO("mail,name\na@example.com,Mina\n"), source="x"))


def test_the_command_counts_and_names(tmp_path, capsys):
    file = tmp_path / "fair.csv"
    file.write_text(HEAD + PROVED + "nonsense,,,,,,\n", encoding="utf-8-sig")
    call_command("import_subscribers", str(file))
    said = capsys.readouterr()
    assert "bad=1 permitted=1" in said.out
    assert "row 3" in said.err
    assert "nonsense" not in said.err
    with pytest.raises(CommandError):
        call_command("import_subscribers", str(tmp_path / "none.csv"))


def test_staff_upload_the_file_and_read_what_became_of_it():
    boss = superuser()
    page = reverse("admin:marketing_subscription_import")
    assert boss.get(page).status_code == 200
    file = io.BytesIO((HEAD + PROVED + "nonsense,,,,,,\n").encode())
    file.name = "fair.csv"
    answer = boss.post(page, {"file": file})
    said = b"".join(answer.streaming_content).decode()
    assert "Row 3: The e-mail address is not one." in said
    assert "a@example.com" not in said
    assert Subscription.objects.get().collection.acted_by is not None
    bad = io.BytesIO(b"\xff\xfe\x00")
    bad.name = "bad.csv"
    answer = boss.post(page, {"file": bad})
    assert answer.status_code == 422
    assert "UTF-8" in answer.content.decode()


def test_only_who_may_import_does(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("x@example.com", "long-enough-and-odd-42", is_staff=True))
    assert client.get(reverse("admin:marketing_subscription_import")).status_code == 403
