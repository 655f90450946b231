"""From what staff wrote to the bytes of one message: what the law asks is added here, and nothing that watches the reader."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import tomllib
import uuid
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from marketing.carriers import Parcel
from marketing.domain import markup
from marketing.domain.rules import Demands, demands
from marketing.models import CampaignText
from privacy.notice import Notice

WORDS = Path(__file__).resolve().parent.parent / "words.toml"
ONE_LINE = translation.gettext_lazy("The subject must be one line.")
# Where mail programs begin to cut a message off.
LARGEST = 100_000  # bytes


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


_NOBODY = str(uuid.UUID(int=0))


@lru_cache(maxsize=16)
def _paths(locale: str) -> tuple[str, str]:
    language = locale if locale in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language):
        return reverse("marketing:leave", args=[_NOBODY]), reverse("marketing:choices", args=[_NOBODY])


@dataclass(frozen=True, slots=True)
class Links:
    """The two ways of a reader: out, and to the page on which everything can be seen and changed."""

    leave: str
    choose: str

    @classmethod
    def of(cls, token: uuid.UUID, locale: str) -> Links:
        """The links of one subscription. They are unguessable, and opening them changes nothing."""
        leave, choose = (settings.BASE_URL + path.replace(_NOBODY, str(token)) for path in _paths(locale))
        return cls(leave, choose)


_POLICY = EmailPolicy(linesep="\r\n")

# Stand where the links of each reader will be, so that a text is composed once and not a million times.
TO_BE_FILLED = Links("https://to-leave.invalid/", "https://to-choose.invalid/")


@dataclass(frozen=True, slots=True)
class Message:
    """A message in words: what the reader sees."""

    subject: str
    plain: str
    html: str


def compose(text: CampaignText, links: Links, *, asked: Demands) -> Message:
    """The message as one kind of reader gets it: marked, signed and with the way out, as their law and channel ask."""
    campaign = text.campaign
    around = _around(text, asked)
    # On one line, whatever was pasted: a header ends with its line.
    subject = " ".join(filter(None, [asked.prefix, *text.subject.split()]))
    body = markup.cleaned(text.body)
    if campaign.channel != "email":
        lines = [subject, markup.as_text(body)]
        lines += [around["sender"]] if asked.names_sender else []
        lines += [f"{around['stop_short']} {links.leave}"] if asked.says_how_to_stop else []
        return Message(subject, "\n".join(lines) + "\n", "")
    context = {
        "locale": text.locale,
        "subject": subject,
        "body": markup.styled(body),
        "text": markup.as_text(body),
        "links": links,
        **around,
    }
    return Message(
        subject,
        render_to_string("marketing/mail/campaign.txt", context).strip() + "\n",
        render_to_string("marketing/mail/campaign.html", context),
    )


def filled(message: Message, links: Links) -> Message:
    """A message that was composed for everybody, with the links of one reader."""

    def fill(words: str) -> str:
        return words.replace(TO_BE_FILLED.leave, links.leave).replace(TO_BE_FILLED.choose, links.choose)

    return Message(message.subject, fill(message.plain), fill(message.html))


def _around(text: CampaignText, asked: Demands) -> dict[str, str]:
    words, campaign = _words()[text.locale], text.campaign
    ((_purpose, question),) = Notice(asks=[campaign.purpose], locale=text.locale, opt_out_box=False).questions
    sender = words["sender"].format(
        operator=settings.OPERATOR_NAME, address=settings.OPERATOR_ADDRESS, mailbox=settings.PRIVACY_MAILBOX
    )
    return {
        "why": words["why"].format(question=question),
        "partner": words["partner"].format(partner=campaign.partner) if campaign.partner else "",
        "stop": words["stop"],
        "choose": words["choose"],
        "stop_short": words["stop_short"],
        "sender": sender if asked.names_sender else "",
    }


def mail(message: Message, links: Links, *, to: str, number: int, campaign: int) -> Parcel:
    """The bytes of one mail. Its headers are those of RFC 2369 and RFC 8058; a signature over them (DKIM) is the mail server's.

    One https address and no other in `List-Unsubscribe`, besides the mailto that programs without one-click use. What all
    the mails of a campaign share is made once; an address that is not plain letters goes the library's long way.
    """
    head, between, end = _frame(message.subject, campaign)
    own = EmailMessage(policy=_POLICY)
    if _PLAIN.fullmatch(to):
        addressed = f"To: {to}\r\n".encode("ascii")
    else:
        own["To"] = to
        addressed = own.as_bytes().partition(b"\r\n\r\n")[0] + b"\r\n"
    personal = (
        f"Date: {format_datetime(timezone.now())}\r\n"
        f"Message-ID: <{number}.{uuid.uuid4().hex}@{_domain()}>\r\n"
        f"List-Unsubscribe: <{links.leave}>,\r\n <mailto:{settings.PRIVACY_MAILBOX}?subject={quote('unsubscribe')}>\r\n"
    ).encode("ascii")
    parts = (_encoded(message.plain), _encoded(message.html))
    content = b"".join((addressed, personal, head, parts[0], between, parts[1], end))
    return Parcel(to, return_address(number), content)


# What can stand in a header as it is, without quotes or a line's end.
_PLAIN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")


def _encoded(text: str) -> bytes:
    return base64.encodebytes(text.replace("\n", "\r\n").encode()).replace(b"\n", b"\r\n")


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]


@lru_cache(maxsize=64)
def _frame(subject: str, campaign: int) -> tuple[bytes, bytes, bytes]:
    """What stands before, between and after the two texts."""
    mail = EmailMessage(policy=_POLICY)
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    mail["From"] = Address(name, addr_spec=address)
    mail["Subject"] = subject
    mail["Reply-To"] = settings.PRIVACY_MAILBOX
    mail["List-Id"] = f"<news.{_domain()}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Feedback-ID"] = f"{campaign}:news:kmall24"
    # RFC 3834: a machine wrote it, so no machine answers it.
    mail["Auto-Submitted"] = "auto-generated"
    mail["Precedence"] = "bulk"
    boundary = f"=_{hashlib.sha256(subject.encode()).hexdigest()[:32]}"
    mail["MIME-Version"] = "1.0"
    part = "Content-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    head = mail.as_bytes().partition(b"\r\n\r\n")[0]
    head += f'\r\nContent-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n--{boundary}\r\n'.encode()
    return (
        head + part.format("plain").encode(),
        f"\r\n--{boundary}\r\n{part.format('html')}".encode(),
        f"\r\n--{boundary}--\r\n".encode(),
    )


def return_address(number: int) -> str:
    """Where this one message comes back to when it cannot be delivered (VERP); nobody else can make such an address."""
    local, _at, domain = settings.MARKETING_BOUNCES.partition("@")
    return f"{local}+{number}.{_seal(number)}@{domain}"


def number_in(address: str) -> int | None:
    """The number of the delivery that a return address was made for; None when it was not made here."""
    tag = address.strip().strip("<>").partition("@")[0].partition("+")[2]
    number, _dot, seal = tag.partition(".")
    if (
        number.isascii()
        and number.isdigit()
        and len(number) < 19
        and hmac.compare_digest(seal.lower(), _seal(int(number)))
    ):
        return int(number)
    return None


def _seal(number: int) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"marketing.returns:{number}".encode(), hashlib.sha256).hexdigest()[
        :16
    ]


def problems(text: CampaignText) -> list[str]:
    """What must be mended before this text can be released: sentences, for the staff."""
    found = markup.problems(text.body)
    if len(text.subject.splitlines()) > 1:
        found.append(str(ONE_LINE))
    size = len(example(text).content)
    if text.campaign.channel == "email" and size > LARGEST:
        found.append(
            translation.gettext("The mail is %(size)s kB large; mail programs cut it off at %(most)s kB.")
            % {"size": size // 1000, "most": LARGEST // 1000}
        )
    return found


def example(text: CampaignText, to: str = "reader@example.com") -> Parcel:
    """The message as somebody would get it of whom nothing is known: with everything that any law asks."""
    links = Links.of(uuid.UUID(int=0), text.locale)
    message = sample(text)
    if text.campaign.channel == "email":
        return mail(message, links, to=to, number=0, campaign=text.campaign_id or 0)
    return Parcel(to, "", message.plain.encode())


def sample(text: CampaignText) -> Message:
    """The same in words, for a page of the staff's."""
    return compose(text, Links.of(uuid.UUID(int=0), text.locale), asked=demands("", text.campaign.channel))


def digest_of(campaign: Any) -> str:
    """What was released: the words in every language, the purpose and the audience."""
    parts = [
        campaign.purpose, campaign.channel, campaign.partner, campaign.fallback,
        sorted(campaign.languages), sorted(campaign.laws),
        sorted(campaign.categories.values_list("slug", flat=True)),
        list(campaign.texts.order_by("locale").values_list("locale", "subject", "body")),
    ]  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()
