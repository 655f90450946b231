"""What the owner of an account does with it."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.urls import reverse

from accounts.domain.roles import ROLES, install_roles
from accounts.domain.staff import ensure_first_staff
from accounts.models import Profile, User
from privacy.gate import collecting
from privacy.models import Collection, Subject
from privacy.outbox import deliver_due
from tests.support.pages import answer
from tests.support.staff import open_form, superuser

pytestmark = pytest.mark.django_db

PASSWORD = "long-enough-and-odd-42"


def sign_in(client, email="minji@example.com", password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_signing_in_and_signing_out(client, account):
    assert sign_in(client).url == reverse("accounts:home")
    assert client.get(reverse("accounts:home")).status_code == 200
    account.refresh_from_db()
    assert account.last_login
    client.post(reverse("account_logout"))
    assert client.get(reverse("accounts:home")).status_code == 302


def test_signing_out_everywhere_ends_the_other_sessions_too(client, account):
    elsewhere = client.__class__()
    sign_in(client)
    sign_in(elsewhere)
    assert elsewhere.get(reverse("accounts:home")).status_code == 200
    client.post(reverse("accounts:sign_out_everywhere"))
    assert client.get(reverse("accounts:home")).status_code == 302
    assert elsewhere.get(reverse("accounts:home")).status_code == 302


def test_signing_out_everywhere_is_no_link(signed_in):
    assert signed_in.get(reverse("accounts:sign_out_everywhere")).status_code == 405


def test_another_address_is_collected_confirmed_and_made_the_first(signed_in, account):
    url = reverse("account_email")
    answer(signed_in, url, {"email": "second@example.com", "action_add": "1"})
    collection = Collection.objects.get(surface="web.account")
    assert collection.fields == ["account_emailaddress.email"]
    assert collection.subject == account.subject
    deliver_due()
    path = re.search(r"http://[^/]+(/\S*confirm-email/\S+)", mail.outbox[-1].body).group(1)
    signed_in.post(path)
    signed_in.post(url, {"email": "second@example.com", "action_primary": "1"})
    assert EmailAddress.objects.get(user=account, primary=True).email == "second@example.com"
    signed_in.post(url, {"email": "minji@example.com", "action_remove": "1"})
    assert EmailAddress.objects.filter(user=account).count() == 2, "the letter that tells of the change comes first"
    deliver_due()
    assert mail.outbox[-1].to == ["minji@example.com"]
    signed_in.post(url, {"email": "minji@example.com", "action_remove": "1"})
    assert EmailAddress.objects.filter(user=account).count() == 1


def test_an_address_of_somebody_else_is_added_without_a_word_and_never_confirmed(signed_in, account, other_account):
    response = answer(signed_in, reverse("account_email"), {"email": "other@example.com", "action_add": "1"})
    assert response.status_code == 302
    deliver_due()
    path = re.search(r"http://[^/]+(/\S*confirm-email/\S+)", mail.outbox[-1].body).group(1)
    signed_in.post(path)
    assert not EmailAddress.objects.get(user=account, email="other@example.com").verified


@pytest.mark.parametrize("email", ["\x00", "x" * 300 + "@example.com", "😀@example.com", "", "minji@example.com"])
def test_a_bad_second_address_gets_an_answer(signed_in, email):
    assert answer(signed_in, reverse("account_email"), {"email": email, "action_add": "1"}).status_code in (200, 302)
    for action in ("action_primary", "action_remove", "action_send"):
        assert signed_in.post(reverse("account_email"), {"email": email, action: "1"}).status_code == 302


def test_a_forgotten_password_is_chosen_anew_by_the_link(client, account):
    client.post(reverse("account_reset_password"), {"email": "minji@example.com"})
    deliver_due()
    path = re.search(r"http://[^/]+(/\S*password/reset/key/\S+)", mail.outbox[-1].body).group(1)
    page = client.get(path, follow=True)
    new = "another-odd-one-77"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert sign_in(client.__class__(), password=new).status_code == 302
    assert User.objects.get().check_password(new)
    deliver_due()
    assert "changed" in mail.outbox[-1].subject


def test_changing_the_password_ends_the_other_sessions(client, account):
    elsewhere = client.__class__()
    sign_in(client)
    sign_in(elsewhere)
    new = "another-odd-one-77"
    response = client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert response.status_code == 302
    assert client.get(reverse("accounts:home")).status_code == 200
    assert elsewhere.get(reverse("accounts:home")).status_code == 302


def test_name_and_number_come_in_under_a_collection_and_can_be_emptied(signed_in, account):
    url = reverse("accounts:profile")
    assert answer(signed_in, url, {"name": "Kim Minji", "phone": "+82 10-2345-6789"}).status_code == 302
    profile = Profile.objects.get()
    assert (profile.name, profile.phone) == ("Kim Minji", "+821023456789")
    assert profile.collection.fields == ["accounts_profile.name", "accounts_profile.phone"]
    answer(signed_in, url, {"name": "", "phone": ""})
    profile.refresh_from_db()
    assert (profile.name, profile.phone) == ("", "")


def test_a_guest_who_signs_in_becomes_one_person_with_the_account(client, account):
    guest = Subject.objects.create()
    session = client.session
    session["privacy.subject"] = str(guest.pk)
    session.save()
    sign_in(client)
    guest.refresh_from_db()
    assert guest.merged_into == account.subject


def test_signing_up_and_then_signing_in_to_another_account_does_not_make_them_one(client, account):
    answer(client, reverse("account_signup"), {"email": "new@example.com", "password1": PASSWORD})
    sign_in(client)
    assert not Subject.objects.filter(merged_into__isnull=False).exists()


def test_the_first_staff_sign_in_is_made_once(db):
    email, password = ensure_first_staff()
    assert password
    assert ensure_first_staff() == (email, None)
    staff = User.objects.get()
    assert staff.is_superuser
    assert staff.check_password(password)
    assert staff.subject.kind == "employee"
    call_command("ensure_staff")
    assert User.objects.count() == 1


def test_every_role_has_what_its_line_says_and_nothing_else(db):
    from django.contrib.auth.models import Group, Permission

    officer = Group.objects.get(name="privacy officer")
    officer.permissions.add(Permission.objects.get(codename="delete_user"))
    install_roles()
    names = {f"{p.content_type.app_label}.{p.codename}" for p in officer.permissions.select_related("content_type")}
    assert "privacy.view_consentevent" in names
    assert "accounts.change_savedaddress" in names
    assert "accounts.delete_user" not in names
    assert set(Group.objects.values_list("name", flat=True)) >= set(ROLES)


def test_staff_see_no_whole_address_in_the_lists_of_accounts(client, account, strangers_address):
    client.force_login(User.objects.create_superuser("boss@example.com", PASSWORD))
    for name in ("accounts_user", "account_emailaddress", "accounts_savedaddress"):
        page = client.get(reverse(f"admin:{name}_changelist"))
        assert page.status_code == 200
        assert b"minji@example.com" not in page.content
        assert b"Sajik" not in page.content
    page = client.get(reverse("admin:accounts_user_change", args=[account.pk]))
    assert page.status_code == 200
    assert b"minji@example.com" not in page.content


def test_a_correction_by_staff_goes_through_the_gate(strangers_address):
    at_the_desk = superuser()
    boss = User.objects.get(is_superuser=True)
    form = open_form(at_the_desk, strangers_address).context["adminform"].form
    url = reverse("admin:accounts_savedaddress_change", args=[strangers_address.pk])
    response = at_the_desk.post(url, {**form.initial, "city": "Mapo-gu"})
    assert response.status_code == 302
    strangers_address.refresh_from_db()
    assert strangers_address.city == "Mapo-gu"
    assert strangers_address.collection.surface == "staff.admin"
    assert strangers_address.collection.fields == ["accounts_savedaddress.city"]
    assert strangers_address.collection.acted_by == boss.subject


def test_a_profile_without_a_collection_is_refused(account):
    from privacy.errors import NotCollected

    with pytest.raises(NotCollected):
        Profile.objects.create(account=account, subject=account.subject, name="Kim Minji")
    with (
        pytest.raises(NotCollected),
        collecting(surface="staff.console", subject=account.subject, fields=["accounts.Profile.phone"]),
    ):
        Profile.objects.create(account=account, name="Kim Minji")


def test_every_page_of_allauth_wears_our_looks(client, signed_in):
    for name in ("account_email", "account_change_password", "account_logout", "account_reauthenticate"):
        page = signed_in.get(reverse(name))
        assert page.status_code == 200, name
    for name in (
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_inactive",
    ):
        page = client.__class__().get(reverse(name))
        assert page.status_code == 200, name
        assert not [t.name for t in page.templates if t.name and t.name.startswith("allauth/")], name
