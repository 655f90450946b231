"""What each role of the staff may do, as a table, and the groups that are made from it at every migration."""

from __future__ import annotations

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import connections
from django.utils.translation import gettext_noop

# The names of the groups; people read them in their own language where it says who looked at their data.
CATALOGUE_EDITOR = gettext_noop("catalogue editor")
ORDER_DESK = gettext_noop("order desk")
PRIVACY_OFFICER = gettext_noop("privacy officer")
MARKETER = gettext_noop("marketer")

_READ = ("view",)
_EDIT = ("view", "change")
_ALL = ("view", "add", "change", "delete")

# "app" stands for every model of the app, "app.Model" for one. A later line replaces an earlier one for the same model.
# A model that does not exist (yet) is passed over.
ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    CATALOGUE_EDITOR: {"catalogue": _ALL, "catalogue.Review": _EDIT},
    ORDER_DESK: {
        "orders": _READ,
        "orders.Order": _EDIT,
        "orders.OrderContact": _EDIT,
        "orders.DeliveryAddress": _EDIT,
        "orders.Parcel": ("view", "add", "change"),
        "orders.ReturnRequest": _EDIT,
        "orders.Refund": ("view", "add", "change"),
        "orders.OddPayment": _EDIT,
        "orders.ShippingZone": _EDIT,
        "orders.ShippingRate": _ALL,
        "catalogue.Product": _READ,
        "catalogue.Variant": _EDIT,
        "privacy.Look": ("reveal",),
        # What failed five times waits for whoever sends goods and gives money back.
        "privacy.Effect": _EDIT,
    },
    PRIVACY_OFFICER: {
        "privacy": _READ,
        "privacy.RightsRequest": ("view", "add", "change"),
        "privacy.RequestMessage": ("view", "add"),
        # Whoever may propose a version may publish another's; nobody both of the same, which the database holds.
        "privacy.Proposal": ("view", "add"),
        "privacy.Publication": ("view", "add"),
        "privacy.Look": ("view", "reveal", "export"),
        # To open what only a law keeps, and to say what a law or a court wants kept longer.
        "privacy.ArchiveLook": ("view", "add"),
        "privacy.LegalHold": ("view", "add", "change"),
        "privacy.ErasureNotice": ("view", "change"),
        "accounts": _READ,
        "accounts.Profile": _EDIT,
        "accounts.SavedAddress": _EDIT,
        "account.EmailAddress": _READ,
        "orders": _READ,
        "marketing": _READ,
        "cookies": _READ,
    },
    MARKETER: {
        "marketing": _READ,
        "marketing.Event": _ALL,
        "marketing.EventRegistration": _EDIT,
        "marketing.EventPhotograph": _EDIT,
        "marketing.Survey": _ALL,
        "marketing.Question": _ALL,
        "orders.Offer": _ALL,
        "orders.OfferAmount": _ALL,
        # Who may release may release another's; nobody their own, which the database holds.
        "marketing.Campaign": ("view", "add", "change", "delete", "release"),
        "marketing.CampaignText": _ALL,
        "cookies": _READ,
        "catalogue": _READ,
    },
}


def install_roles(using: str = "default") -> None:
    """Make the groups and give each exactly the permissions of its line. Safe to repeat."""
    present = connections[using].introspection.table_names()
    if not {"auth_group", "auth_permission", "django_content_type"} <= set(present):
        return
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0, using=using)
    for role, rights in ROLES.items():
        group, _ = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set(_permissions(rights, using))


def _permissions(rights: dict[str, tuple[str, ...]], using: str) -> list[Permission]:
    wanted: dict[tuple[str, str], tuple[str, ...]] = {}
    for name, verbs in rights.items():
        app_label, _, model_name = name.partition(".")
        if not apps.is_installed(app_label) and app_label not in {c.label for c in apps.get_app_configs()}:
            continue
        for model in apps.get_app_config(app_label).get_models():
            if not model_name or model.__name__ == model_name:
                wanted[app_label, model.__name__.lower()] = verbs
    known = {
        (p.content_type.app_label, p.codename): p
        for p in Permission.objects.using(using).select_related("content_type")
    }
    return [
        known[app_label, f"{verb}_{model_name}"]
        for (app_label, model_name), verbs in wanted.items()
        for verb in verbs
        if (app_label, f"{verb}_{model_name}") in known
    ]
