"""The adapter for staff: what is personal is shown masked, seen whole for a stated reason, and changed through the gate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten, flatten_fieldsets
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from privacy.declaration import Category, Origin, datum, declaration_of, personal_fields
from privacy.gate import collecting
from privacy.internal.step_up import ask_for_password
from privacy.masking import masked
from privacy.records import PersonalRecord

if TYPE_CHECKING:
    from privacy.models import Look, Subject

__all__ = [
    "MaskedAdmin",
    "PersonalAdmin",
    "PersonalInline",
    "ReadOnly",
    "ask_for_password",
    "look_addresses",
    "look_before_release",
    "look_for_an_order",
    "reveal_link",
    "seen_lately",
    "staff_subject",
]


def _mask_column(field: models.Field) -> Any:
    # Without an ordering: a list sorted by what it masks would tell it piece by piece.
    @admin.display(description=field.verbose_name)
    def column(_admin: Any, record: PersonalRecord) -> str:
        return masked(getattr(record, field.name), declaration_of(field).category)

    return column


class _MaskedDisplay:
    """`list_display` and `readonly_fields` may name a personal field as `masked_<name>`, and the way to all as `whole`."""

    model: type[models.Model]

    @admin.display(description=gettext_lazy("whole"))
    def whole(self, record: models.Model) -> str:
        return reveal_link(record)

    def _install_columns(self, model: type[models.Model]) -> None:
        for field in personal_fields(model, origin=Origin.PERSON):
            name = f"masked_{field.name}"
            if not hasattr(type(self), name):
                setattr(type(self), name, _mask_column(field))


def reveal_link(record: models.Model) -> str:
    """A link to the page that shows a record whole, for a reason."""
    from privacy.internal import look_pages

    return format_html('<a href="{}">{}</a>', look_pages.reveal_address(record), _("Reveal"))


def _is_secret(field: Any) -> bool:
    declared = datum(field)
    return declared is not None and (declared.origin is Origin.PERSON or declared.category is Category.PASSWORD)


def leads_to_a_secret(model: type[models.Model], path: str) -> bool:
    """Whether a look-up path such as "emailaddress__email__startswith" asks about a value that staff see masked."""
    for name in path.lstrip("=^@").split("__"):
        try:
            field: Any = model._meta.get_field(name)
        except FieldDoesNotExist:
            return False
        if _is_secret(field):
            return True
        if not field.is_relation or field.related_model is None:
            return False
        model = field.related_model
    return False


class ReadOnly:
    """Mixed into an admin or an inline of rows that staff look at: what changes them is what happens, and no form."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MaskedAdmin(_MaskedDisplay, admin.ModelAdmin):
    """A `ModelAdmin` whose addresses, filters and search tell nothing about a value that it masks.

    Staff find a person on a page of its own, which asks for a reason, and not by what an address says after its `?`.
    """

    change_list_template = "admin/privacy/look/change_list.html"

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        self._install_columns(model)
        super().__init__(model, admin_site)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [name for name in super().get_search_fields(request) if not leads_to_a_secret(self.model, name)]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        if leads_to_a_secret(self.model, lookup):
            return False
        return super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]


class PersonalAdmin(MaskedAdmin):
    """A `ModelAdmin` over a personal record.

    Its page shows masks. Whoever states a reason sees the values once (`reveal`), gets them as a file, or opens the form
    that changes them; a change is a collection at `staff.admin`, made by the staff member. Nobody removes a record here:
    it ends by its retention or by an erasure.
    """

    change_form_template = "admin/privacy/look/change_form.html"
    actions: Sequence[Any] = ["take_out"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A new record about a person begins with that person, not with a form of the staff.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # --- the page, masked until it is opened with a reason ---

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        named = self._named()
        if _opened(request):
            return named
        secret = {f.name for f in personal_fields(self.model, origin=Origin.PERSON)}
        return [f"masked_{name}" if name in secret else name for name in named]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if _opened(request) and self.fieldsets:
            return self.fieldsets
        return [(None, {"fields": self.get_fields(request, obj)})]

    def _named(self) -> list[str]:
        """The fields of the page as its class names them; without a word about it, all that are there to be edited."""
        if self.fieldsets or self.fields:
            return flatten_fieldsets(self.fieldsets) if self.fieldsets else flatten(self.fields or ())
        return [f.name for f in self.opts.concrete_fields if f.editable and not f.primary_key] + list(
            self.readonly_fields
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Masked, the page is to be read only.
        return super().get_readonly_fields(request, obj) if _opened(request) else self.get_fields(request, obj)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_edit"
        return [path("<path:object_id>/edit/", self.admin_site.admin_view(self.edit), name=name), *super().get_urls()]

    def edit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form with the values in it, for a reason. What is sent from it is taken while that look is fresh."""
        from privacy.internal import look_pages, looking
        from privacy.internal.look_forms import ReasonForm
        from privacy.models import Look

        record = look_pages.record_of(self.model, object_id)
        allowed = request.user.has_perm(looking.REVEAL) and self.has_change_permission(request, record)
        look_pages.refuse_unless(allowed)
        if step := ask_for_password(request, request.path):
            return step
        form = ReasonForm(request.POST if request.method == "POST" else None)
        values = [value for _name, value in look_pages.values_of(record)]
        if not form.is_valid() or form.names(values):
            context = {"opts": self.opts, "back": look_pages.page_of(record), "button": _("Open the form")}
            return look_pages.ask(request, form, title=look_pages.title_of(record), **context)
        (look,) = looking.write_down([record], user=request.user, kind=Look.Kind.EDIT, why=form.why)
        shown = copy(request)
        shown.method = "GET"
        _open(shown, look)
        return self.changeform_view(shown, object_id, self._address("change", record), {"look": look})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        from privacy.internal import hand_over_page, look_pages, looking

        record = look_pages.record_of(self.model, object_id)
        context: dict[str, Any] = {**(extra_context or {})}
        if request.method == "POST":
            look = looking.opened_for_change([looking.label_of(record)], user=request.user)
            if look is None and self.has_change_permission(request, record):
                messages.error(
                    request, _("Nothing was saved: open the form with a reason, and send it within 15 minutes.")
                )
                return redirect(self._address("change", record))
            if look is not None:
                _open(request, look)
                context["look"] = look
        else:
            hides = bool(looking.hidden_fields(self.model)) and request.user.has_perm(looking.REVEAL)
            context |= {"masked": True, "show_save": False, "show_save_and_continue": False}
            context["look_reveal"] = look_pages.reveal_address(record) if hides else ""
            changeable = hides and self.has_change_permission(request, record) and self._has_form(request, record)
            context["look_hand_over"] = hand_over_page.address_of(record, request.user)
            context["look_edit"] = self._address("edit", record) if changeable else ""
        return super().change_view(request, object_id, form_url, context)

    def _has_form(self, request: HttpRequest, record: models.Model) -> bool:
        fixed = super().get_readonly_fields(request, record)
        return any(name not in fixed for name in self._named())

    def _address(self, page: str, record: models.Model) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=[record.pk])

    def save_model(self, request: HttpRequest, obj: PersonalRecord, form: Any, change: bool) -> None:
        with collecting(
            surface="staff.admin",
            subject=obj.subject,
            fields=_changed_fields(type(obj), form.changed_data),
            source="admin",
            acted_by=staff_subject(request),
        ):
            super().save_model(request, obj, form, change)

    # --- the file ---

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        from privacy.internal import looking

        offered = super().get_actions(request)
        if not request.user.has_perm(looking.EXPORT) or getattr(self.model, "never_taken_out", False):
            offered.pop("take_out", None)
        return offered

    @admin.action(description=gettext_lazy("Take out as a file"), permissions=["view"])
    def take_out(self, request: HttpRequest, chosen: models.QuerySet) -> HttpResponse:
        from privacy.internal import look_pages, looking

        keys = chosen.order_by().values_list("pk", flat=True)[: looking.MOST_EXPORTED + 1]
        return look_pages.LookPages(self.admin_site).take_out(request, self.model, [str(key) for key in keys])


class PersonalInline(_MaskedDisplay, admin.StackedInline):
    """Personal records beside what they belong to: shown masked, revealed and changed on pages of their own."""

    goes_through_the_gate = True
    extra = 0
    can_delete = False
    show_change_link = True

    def __init__(self, parent_model: type[models.Model], admin_site: admin.AdminSite) -> None:
        self._install_columns(self.model)
        super().__init__(parent_model, admin_site)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        from privacy.internal import looking

        masks = tuple(f"masked_{f.name}" for f in personal_fields(self.model, origin=Origin.PERSON))
        if issubclass(self.model, PersonalRecord) and self.model.is_history is not PersonalRecord.is_history:
            masks = (*masks, "corrected_since")
        return (*masks, "whole") if request.user.has_perm(looking.REVEAL) else masks

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    @admin.display(description=gettext_lazy("corrected since, beside it"))
    def corrected_since(self, record: models.Model) -> str:
        from privacy.internal.desk import correcting

        right = [
            f"{field.verbose_name}: {masked(value, declaration_of(field).category)}"
            for field, value in correcting.beside(record)
        ]
        return ", ".join(right) or "–"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _opened(request: HttpRequest) -> bool:
    return getattr(request, "privacy_look", None) is not None


def _open(request: HttpRequest, look: Look) -> None:
    request.privacy_look = look  # type: ignore[attr-defined]


def _changed_fields(model: type[PersonalRecord], names: Iterable[str]) -> list[models.Field]:
    changed = set(names)
    return [f for f in personal_fields(model, origin=Origin.PERSON) if f.name in changed]


def staff_subject(request: HttpRequest) -> Subject | None:
    """The member of staff who acts, as the ledger names them."""
    return getattr(request.user, "subject", None)


def look_before_release(request: HttpRequest, records: Iterable[PersonalRecord], reason: str) -> None:
    """Write down that a member of staff sees these records whole, to judge whether others may see them. Before it is shown."""
    _look(request, records, "release", reason)


def look_for_an_order(request: HttpRequest, records: Iterable[PersonalRecord], reason: str) -> None:
    """Write down that a member of staff sees these records whole, to send an order or take it back. Before it is shown."""
    _look(request, records, "order", reason)


def _look(request: HttpRequest, records: Iterable[PersonalRecord], category: str, reason: str) -> None:
    from privacy.internal import looking
    from privacy.models import Look

    why = looking.Why(Look.Category(category), reason)
    looking.write_down(records, user=request.user, kind=Look.Kind.REVEAL, why=why)


def seen_lately(request: HttpRequest, records: Iterable[PersonalRecord]) -> set[Any]:
    """The keys of those records that this member of staff opened by such a look within the last quarter of an hour."""
    from privacy.internal import looking
    from privacy.models import Look

    wanted = {looking.label_of(record): record.pk for record in records}
    fresh = Look.objects.filter(
        staff=staff_subject(request),
        category__in=(Look.Category.RELEASE, Look.Category.ORDER),
        kind=Look.Kind.REVEAL,
        records__overlap=sorted(wanted),
        looked_at__gt=timezone.now() - looking.EDIT_WITHIN,
    )
    seen = {label for labels in fresh.values_list("records", flat=True) for label in labels}
    return {key for label, key in wanted.items() if label in seen}


def look_addresses(site: admin.AdminSite) -> list[URLPattern]:
    """The pages on which staff see values whole, for a site to put before its own."""
    from privacy.internal import hand_over_page
    from privacy.internal.look_pages import LookPages

    return [*LookPages(site).urls(), *hand_over_page.addresses(site)]
