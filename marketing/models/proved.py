"""Where else news may go, a row for each address: a telephone number or a device, proved by a code that came back from it."""

import datetime as dt
import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Case, Q
from django.utils.translation import gettext_lazy as _

from marketing.models.subscription import wish_ended
from privacy.declaration import Category, Keep, Purpose, personal
from privacy.models.consent import ContactChannel
from privacy.records import PersonalRecord

# A code that did not come back within the day was not wanted, or went to somebody else.
UNPROVED_KEPT = dt.timedelta(days=1)


class ProvedAddress(PersonalRecord):
    """An address of a channel other than mail. Until its code has come back, nothing but that code goes there.

    The token is in the links of the messages: whoever has it reads them. The seed makes the code, together with a secret
    that is not in the database, and is never shown.
    """

    # The column in which the address stands.
    address_field: ClassVar[str]
    # The addresses of those who read our news leave one by one, in their messages.
    never_taken_out = True

    locale = models.CharField(_("language"), max_length=8, default="en")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    seed = models.UUIDField(default=uuid.uuid4, editable=False)
    tries = models.PositiveSmallIntegerField(_("codes typed"), default=0, editable=False)
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("proved"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True


def _texts_ended() -> Case:
    return wish_ended([Purpose.MARKETING_SMS], ContactChannel.SMS, UNPROVED_KEPT)


def _pushes_ended() -> Case:
    return wish_ended([Purpose.MARKETING_PUSH], ContactChannel.PUSH, UNPROVED_KEPT)


class TextNumber(ProvedAddress):
    """A telephone number for news by text message, in E.164 form."""

    address_field = "phone"
    keep_from = staticmethod(_texts_ended)
    not_personal: ClassVar = {"locale": "The language of the page on which was asked; it says which words were shown."}

    phone = personal(
        models.CharField(_("mobile number"), max_length=20),
        Category.PHONE,
        # The service is the one text message with the code.
        purposes=[Purpose.MARKETING_SMS, Purpose.MARKETING_AT_NIGHT, Purpose.SERVICE],
        keep=Keep.SUBSCRIPTION,
    )

    class Meta:
        verbose_name = _("number for text messages")
        verbose_name_plural = _("numbers for text messages")
        indexes = [models.Index(fields=["phone"], name="textnumber_phone")]
        constraints = [
            # Anybody may have typed a number; who has answered from it is one.
            models.UniqueConstraint(
                fields=["phone"], condition=Q(confirmed_at__isnull=False), name="one_proved_text_number"
            ),
        ]


class PushDevice(ProvedAddress):
    """A device with the store's application, by the token that its push service gave it. It means nothing to anybody else."""

    address_field = "device"
    keep_from = staticmethod(_pushes_ended)
    not_personal: ClassVar = {"locale": "The language of the application; it says which words were shown."}
    not_corrected = "An application names its own device; a wrong one is removed, and the right one registers itself."

    device = personal(
        models.CharField(_("token of the device"), max_length=512),
        Category.DEVICE,
        purposes=[Purpose.MARKETING_PUSH, Purpose.MARKETING_AT_NIGHT, Purpose.SERVICE],
        keep=Keep.SUBSCRIPTION,
    )

    class Meta:
        verbose_name = _("device for push messages")
        verbose_name_plural = _("devices for push messages")
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(confirmed_at__isnull=False), name="one_proved_push_device"
            ),
        ]


class CodeTally(models.Model):
    """How many codes went out, so that nobody's telephone rings all day at a stranger's wish, nor the store's bill grows.

    A bucket is shared by many numbers, so a row tells of none. Buckets are few: no flood of questions grows the table.
    """

    no_personal_data = "A bucket that many numbers share, a day and a count."

    bucket = models.PositiveIntegerField(unique=True)
    day = models.DateField()
    codes = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("tally of codes")
        verbose_name_plural = _("tallies of codes")

    def __str__(self) -> str:
        return f"bucket {self.bucket}"
