"""Accounts as the staff sees them: masked, and changed only where the owner could not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# Imported first, so that their pages are there to be taken away: one writes past the gate, one shows sealed secrets.
import allauth.account.admin
import allauth.mfa.admin  # noqa: F401
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.domain import second_factor
from accounts.models import Profile, SavedAddress, User
from privacy.declaration import Category
from privacy.masking import masked
from privacy.staff import MaskedAdmin, PersonalAdmin, PersonalInline, ReadOnly, reveal_link

for _theirs in (EmailAddress, EmailConfirmation, Authenticator):
    if admin.site.is_registered(_theirs):
        admin.site.unregister(_theirs)


@admin.display(description=_("e-mail address"))
def masked_email(_page: Any, address: EmailAddress) -> str:
    return masked(address.email, Category.EMAIL)


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnly, MaskedAdmin):
    """Sign-in addresses; the owner adds and removes them, staff correct one through a privacy request.

    There is a list and no page for one: Django would head it with the row's name, which is the address itself.
    """

    masked_email = masked_email
    list_display = ["masked_email", "user", "primary", "verified", "whole"]
    list_display_links = None
    list_filter = ["primary", "verified"]
    list_select_related = ["user"]

    def change_view(self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any) -> HttpResponse:
        return redirect("admin:account_emailaddress_changelist")


class ProfileInline(PersonalInline):
    model = Profile


class SavedAddressInline(PersonalInline):
    model = SavedAddress


@admin.register(User)
class UserAdmin(MaskedAdmin):
    """Accounts. Who may do what is the superusers' to say."""

    list_display = ["handle", "masked_emails", "is_active", "is_staff", "created_at", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["=handle"]
    fields = [
        "handle",
        "masked_emails",
        "whole",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "created_at",
        "last_login",
    ]
    filter_horizontal = ["groups"]
    inlines = [ProfileInline, SavedAddressInline]
    actions: Sequence[Any] = ["take_second_factor_off"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("emailaddress_set")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        always = ["handle", "masked_emails", "whole", "created_at", "last_login"]
        return always if request.user.is_superuser else [*always, "is_staff", "is_superuser", "groups"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        # An account begins with its owner, or at the console.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        offered = super().get_actions(request)
        if not request.user.is_superuser:
            offered.pop("take_second_factor_off", None)
        return offered

    @admin.action(description=_("Take the second factor off (the device is lost)"))
    def take_second_factor_off(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        taken = [account for account in chosen if second_factor.take_off(account)]
        for account in taken:
            self.log_change(request, account, "Second factor taken off.")
        self.message_user(
            request,
            ngettext(
                "%(number)s account sets up a new second factor at its next sign-in.",
                "%(number)s accounts set up a new second factor at their next sign-in.",
                len(taken),
            )
            % {"number": len(taken)},
        )

    @admin.display(description=_("e-mail address"))
    def masked_emails(self, account: User) -> str:
        return ", ".join(masked(address.email, Category.EMAIL) for address in account.emailaddress_set.all())

    @admin.display(description=_("whole"))
    def whole(self, account: User) -> str:
        return format_html_join(", ", "{}", ((reveal_link(address),) for address in account.emailaddress_set.all()))


@admin.register(Profile)
class ProfileAdmin(PersonalAdmin):
    list_display = ["__str__", "masked_name", "masked_phone", "account"]
    fields = ["name", "phone", "account"]
    readonly_fields = ["account"]


@admin.register(SavedAddress)
class SavedAddressAdmin(PersonalAdmin):
    list_display = ["__str__", "masked_recipient", "masked_city", "masked_country", "account"]
    fields = ["recipient", "phone", "country", "postal_code", "state", "city", "street", "street_2", "account"]
    readonly_fields = ["account"]
