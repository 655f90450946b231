"""The words in which a personal value is declared where it lives: what it is, what for, how long, whose doing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from django.apps import apps
from django.db import models
from django.db.models.expressions import Combinable

if TYPE_CHECKING:
    from privacy.records import PersonalRecord


FieldT = TypeVar("FieldT", bound=models.Field)
# From when something counts: a look-up path to a date or timestamp, several (the first that is filled), or a function that
# makes an expression.
Clock = str | tuple[str, ...] | Callable[[], Combinable]


class Category(StrEnum):
    """What kind of data it is. Values are fideslang 3.1 keys; the children of `credit_card`, `profile` and `private` are ours."""

    NAME = "user.name"
    EMAIL = "user.contact.email"
    PHONE = "user.contact.phone_number"
    ADDRESS = "user.contact.address"
    STREET = "user.contact.address.street"
    CITY = "user.contact.address.city"
    STATE = "user.contact.address.state"
    POSTAL_CODE = "user.contact.address.postal_code"
    COUNTRY = "user.contact.address.country"
    SOCIAL = "user.social"
    SELF_IMAGE = "user.content.self_image"
    PUBLIC_CONTENT = "user.content.public"
    USERNAME = "user.account.username"
    PAYMENT = "user.payment"
    CARD_LAST4 = "user.financial.credit_card.last4"
    CARD_BRAND = "user.financial.credit_card.brand"
    CARD_EXPIRY = "user.financial.credit_card.expiry"
    CARD_HOLDER = "user.financial.credit_card.holder"
    DEMOGRAPHIC = "user.demographic"
    INTERESTS = "user.demographic.profile.interests"
    PRIVATE_CONTENT = "user.content.private"
    SURVEY_RESPONSE = "user.content.private.survey_response"
    SETTINGS = "user.account.settings"
    PASSWORD = "user.authorization.password"  # noqa: S105 - a taxonomy key
    PRIVACY_PREFERENCES = "user.privacy_preferences"
    PURCHASE_HISTORY = "user.behavior.purchase_history"
    BROWSING_HISTORY = "user.behavior.browsing_history"
    COOKIE_ID = "user.device.cookie_id"
    DEVICE = "user.device.device_id"
    PSEUDONYM = "user.unique_id.pseudonymous"


# Digits that mean something else, and are held to a rule of their own; a card number is not looked for over them and the next.
NUMBERS_OF_THEIR_OWN = (Category.PHONE, Category.POSTAL_CODE)


class Purpose(StrEnum):
    """What it is used for. Values are fideslang data uses; `delivery`, push, survey and night are ours."""

    PAYMENT = "essential.service.payment_processing"
    FRAUD_DETECTION = "essential.fraud_detection"
    FINANCE = "finance"
    SERVICE = "essential.service"
    AUTHENTICATION = "essential.service.authentication"
    NOTIFICATION = "essential.service.notifications.email"
    DELIVERY = "essential.service.operations.delivery"
    SUPPORT = "essential.service.operations.support"
    IMPROVE = "functional.service.improve"
    STATISTICS = "analytics.reporting.content_performance"
    MARKETING_EMAIL = "marketing.communications.email"
    MARKETING_SMS = "marketing.communications.sms"
    MARKETING_PUSH = "marketing.communications.push"
    SURVEY_INVITATION = "marketing.communications.survey"
    # Text and push messages between nine in the evening and eight in the morning, which Korean law asks for apart.
    MARKETING_AT_NIGHT = "marketing.communications.night"
    ADVERTISING = "marketing.advertising.first_party"
    THIRD_PARTY_PROMOTION = "marketing.advertising.third_party"
    PERSONALISE = "personalize.content"
    LEGAL = "essential.legal_obligation"


class Keep(StrEnum):
    """How long it is kept. The period, what it counts from and the law behind it stand in the policy under this id."""

    ACCOUNT = "account"
    CONTRACT = "contract"
    PAYMENT = "payment"
    COMPLAINT = "complaint"
    REVIEW = "review"
    SUBSCRIPTION = "subscription"
    REQUEST = "request"
    BASKET = "basket"
    LABEL = "label"
    EVENT = "event"
    EVENT_PHOTOGRAPH = "event_photograph"
    SURVEY = "survey"


class Origin(Enum):
    """Who makes the value. What the store makes itself is on the map and in the copy, but does not pass the gate."""

    PERSON = "person"
    SYSTEM = "system"


class Channel(StrEnum):
    """The way by which data comes in (clause collect.sources)."""

    WEB = "web"
    API = "api"
    MAIL = "mail"
    POST = "post"
    PROVIDER = "provider"
    STAFF = "staff"
    IMPORT = "import"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class PersonalDatum:
    """The declaration of one personal value."""

    category: Category
    purposes: tuple[Purpose, ...]
    keep: Keep
    origin: Origin = Origin.PERSON


class CarriesDatum(Protocol):
    """A model field on which a declaration hangs. Django's fields leave room for it, though its types do not say so."""

    personal: PersonalDatum


def personal(
    field: FieldT,
    category: Category,
    *,
    purposes: Iterable[Purpose],
    keep: Keep,
    origin: Origin = Origin.PERSON,
) -> FieldT:
    """Declare that a model field holds a value about a person.

    The field is returned unchanged but for an attribute, so that nothing of it reaches a migration. Everything that the
    store does with personal data is derived from this line.
    """
    purposes = tuple(purposes)
    if not purposes:
        raise ValueError("A personal field needs at least one purpose: say what the value is used for.")
    declared = PersonalDatum(Category(category), tuple(Purpose(p) for p in purposes), Keep(keep), origin)
    cast(CarriesDatum, field).personal = declared
    return field


def datum(field: Any) -> PersonalDatum | None:
    """The declaration of a model field, or None when the field holds nothing about a person."""
    return getattr(field, "personal", None)


def declaration_of(field: models.Field) -> PersonalDatum:
    """The declaration of a field that is known to have one, for instance because `personal_fields` named it."""
    declared = datum(field)
    if declared is None:
        raise LookupError(f"{field} is not declared as personal: wrap it in personal().")
    return declared


def personal_fields(model: type[models.Model], *, origin: Origin | None = None) -> list[models.Field]:
    """The fields of a model that hold personal values, in the order of their declaration."""
    return [
        field
        for field in model._meta.concrete_fields
        if (declared := datum(field)) and (origin is None or declared.origin is origin)
    ]


def personal_records() -> Iterator[type[PersonalRecord]]:
    """Every model that holds personal values and is our own: a walk over the models, so that none is forgotten."""
    from privacy.records import PersonalRecord

    for model in apps.get_models():
        if issubclass(model, PersonalRecord):
            yield model


class ReadOffItsModel(Protocol):
    """What `OrderContact.email` gives: a descriptor, of whatever kind, that knows its field."""

    @property
    def field(self) -> models.Field: ...


FieldRef = str | models.Field | ReadOffItsModel


def resolve(ref: FieldRef) -> models.Field:
    """The model field meant by `OrderContact.email`, by a field object or by "orders.OrderContact.email"."""
    if isinstance(ref, models.Field):
        return ref
    if isinstance(ref, str):
        model_label, _, name = ref.rpartition(".")
        return apps.get_model(model_label)._meta.get_field(name)
    return ref.field


def column_key(field: models.Field) -> str:
    """The name under which a field is covered in a collection: "table.column", the same for Python and for the database."""
    return f"{field.model._meta.db_table}.{field.column}"
