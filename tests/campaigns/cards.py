"""`make accept-cards [SEED= NUMBERS=60 FEW=]`: card numbers are typed wherever a person may type, and then searched for everywhere.

A guest, a member and staff type them into every field of every form they are shown, into file names, addresses, headers,
cookies, the API and mails to the privacy mailbox; some begin in one field and end in the next. Afterwards nothing of them
may stand in the database's files and rows, Valkey, logs, the outbox, mails, pictures or task arguments. Numbers of the
store's own that only look like a card's have to pass. Then one is planted in each of these places, and the search must
find every one. FEW=1 lets the guest alone type, on a few pages.
"""

from __future__ import annotations

import base64
import html
import json
import os
import random
import sys
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.campaigns.installation import own_installation, seed_from


def main() -> int:
    seed, number = seed_from(), int(os.environ.get("NUMBERS") or 60)
    print(f"SEED={seed} NUMBERS={number}", flush=True)
    begun = time.monotonic()
    folder_of_mail = "filemail:///{}"
    with own_installation(LOG_LEVEL="INFO") as folder:
        from django.conf import settings

        mails = folder / "mail"
        os.environ |= {"EMAIL_URL": folder_of_mail.format(mails)}
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        settings.EMAIL_FILE_PATH = str(mails)
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
        return _campaign(folder, mails, seed, number, begun)


def _campaign(folder: Path, mails: Path, seed: int, number: int, begun: float) -> int:
    from tests.campaigns.race import serving
    from tests.campaigns.typed import numbers
    from tests.campaigns.typed.hunt import Hunt
    from tests.campaigns.typed.people import OF_A_FEW, OF_A_GUEST, Typist, endless

    draw = random.Random(seed)
    cards, decoys = numbers.cards(draw, number), numbers.decoys(draw)
    spelled = [text for card in cards for text in numbers.spellings(card)]
    draw.shuffle(spelled)
    texts = endless([_sentence(draw, text) for text in spelled])
    parted = endless([numbers.halves(draw, card) for card in cards if len(card) > 13])
    variant = _a_store()
    few = bool(os.environ.get("FEW"))
    with serving(folder, guarded=True) as url:
        guest = Typist(url, texts, draw)
        typists = [guest]
        guest.fill_basket(variant)
        guest.walk(OF_A_FEW if few else OF_A_GUEST)
        guest.type_into_the_request()
        guest.type_into_the_api()
        # An order over the API has emptied the basket, and without one there is no form of the checkout.
        guest.fill_basket(variant)
        guest.type_over_two_fields(OF_A_FEW, parted)
        guest.type_over_the_api(parted)
        if not few:
            typists += _member_and_staff(url, texts, parted, draw, variant)
        letters = _letters(texts, parted)
        while sum(one.places.total() for one in typists) + letters < len(spelled) and not few:
            guest.walk(OF_A_GUEST)
        refused = _decoys_refused(url, decoys)
    places = sum(len(one.places) for one in typists) + letters
    typed = sum(one.places.total() for one in typists) + letters
    _carry_out()
    hunt = Hunt(cards)
    found = _search(hunt, folder, mails)
    missed = _planted(hunt, folder, mails, cards[0])
    for line in found[:40]:
        print(f"FOUND: {line}")
    for line in refused:
        print(f"REFUSED: the store's own number {line}")
    for line in missed:
        print(f"VOID: the search did not find what was planted in {line}.")
    answers: dict[int, int] = {}
    for one in typists:
        for code, times in one.answers.items():
            answers[code] = answers.get(code, 0) + times
    broken = sum(times for code, times in answers.items() if code >= 500)
    print(
        f"numbers={number} spellings={len(spelled)} places={places} typed={typed} answers={answers} found={len(found)} "
        f"decoys={len(decoys)} decoys_refused={len(refused)} planted={PLANTED} missed={len(missed)} errors={broken} "
        f"searched_mb={hunt.searched / 1e6:.0f} seconds={time.monotonic() - begun:.0f} seed={seed}"
    )
    return 1 if found or refused or missed or broken else 0


def _member_and_staff(url: str, texts: Any, parted: Any, draw: random.Random, variant: int) -> list[Any]:
    from tests.campaigns.typed.people import OF_A_MEMBER, Typist

    member = Typist(url, texts, draw, _session("member@example.com"))
    member.fill_basket(variant)
    member.buy()
    member.fill_basket(variant)
    of_orders = [f"/orders/{number}/{page}" for number in _delivered() for page in ("", "return/", "cancel/")]
    member.walk((*OF_A_MEMBER, *of_orders))
    member.type_into_the_api()
    member.fill_basket(variant)
    member.type_over_two_fields((*OF_A_MEMBER, *of_orders), parted)
    member.type_over_the_api(parted)
    staff = Typist(url, texts, draw, _session("boss@example.com", staff=True))
    staff.walk_the_desk()
    return [member, staff]


def _sentence(draw: random.Random, text: str) -> str:
    """Alone, or among the words and numbers that people put beside it."""
    return draw.choice(["{}", "{}", "please take {} for it", "{} 12/34", "카드번호 {}", "visa {}, thank you"]).format(
        text
    )


def _a_store() -> int:
    """Something to buy."""
    from orders.domain.shipping import ensure_rates
    from orders.domain.tax_table import ensure_taxes
    from tests.campaigns.racing.rush import goods

    ensure_rates()
    ensure_taxes()
    (one,) = goods(1, 1000, "c")
    return one.pk


def _delivered() -> list[str]:
    """The numbers of the orders of accounts, which are taken for paid and delivered from now on."""
    from django.utils import timezone

    from orders.models import Order, Parcel, ParcelLine

    now = timezone.now()
    orders = list(Order.objects.filter(account__isnull=False))
    for order in orders:
        Order.objects.filter(pk=order.pk).update(state="paid", paid_at=now, fulfilment="delivered", delivered_at=now)
        parcel = Parcel.objects.create(order=order, courier="sandbox", state="delivered", delivered_at=now)
        for line in order.lines.all():
            ParcelLine.objects.create(parcel=parcel, line=line, quantity=line.quantity)
    return [order.number for order in orders]


def _session(email: str, *, staff: bool = False) -> dict[str, str]:
    """The cookie of somebody who has just signed in."""
    from accounts.models import User
    from tests.support.staff import PASSWORD, signed_in

    make = User.objects.create_superuser if staff else User.objects.create_user
    browser = signed_in(make(email, PASSWORD))
    return {"sessionid": browser.cookies["sessionid"].value}


def _letters(texts: Any, parted: Any) -> int:
    """Mails to the privacy mailbox, with a number in every part that a mail has."""
    from privacy.internal.desk import receiving

    count = 0
    for part in ("From", "Subject", "body", "html", "file name", "file", "Reply-To", "X-Note"):
        letter = EmailMessage()
        text = next(texts).replace("\n", " ")
        letter["From"] = f'"{text}" <mina@example.com>' if part == "From" else "Mina Kim <mina@example.com>"
        letter["To"], letter["Subject"] = "privacy@kmall24.com", text if part == "Subject" else "My data"
        if part in ("Reply-To", "X-Note"):
            letter[part] = f'"{text}" <mina@example.com>' if part == "Reply-To" else text
        letter.set_content(text if part == "body" else "Please show me what you keep.")
        if part == "html":
            letter.add_alternative(f"<p>{text}</p>", subtype="html")
        if part.startswith("file"):
            content, name = (text if part == "file" else "words"), (f"{text}.txt" if part == "file name" else "a.txt")
            letter.add_attachment(content, filename=name)
        receiving.receive_letter(letter.as_bytes())
        count += 1
    for first, second in (next(parted) for _ in range(5)):
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = "mina@example.com", "privacy@kmall24.com", f"My card {first}"
        letter.set_content(f"{second} is still with you.")
        receiving.receive_letter(letter.as_bytes())
        count += 1
    return count


def _decoys_refused(url: str, decoys: list[str]) -> list[str]:
    """Those of the store's own numbers that a letter, the search or a form did not take as they were typed."""
    import requests
    from django.core.exceptions import ValidationError

    from privacy.cards import REFUSAL, refuse_card_number
    from privacy.internal.desk import receiving
    from privacy.models import RequestMessage

    refused = []
    for decoy in decoys:
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = "mina@example.com", "privacy@kmall24.com", f"About {decoy}"
        letter.set_content(f"What do you know of {decoy}? I wrote about {decoy} before.")
        receiving.receive_letter(letter.as_bytes())
        if not RequestMessage.objects.filter(heading__contains=decoy, body__contains=decoy).exists():
            refused.append(decoy)
    for decoy in decoys:
        if str(REFUSAL) in html.unescape(requests.get(f"{url}/search/", params={"q": decoy}, timeout=60).text):
            refused.append(decoy)
        try:
            refuse_card_number(f"I wait for {decoy}, please.")
        except ValidationError:
            refused.append(decoy)
    return refused


def _carry_out() -> None:
    from privacy.outbox import deliver_due

    while deliver_due():
        pass


def _search(hunt: Any, folder: Path, mails: Path) -> list[str]:
    """Rows and Valkey while they live; then the engines are stopped, so that every page is in a file, and the files are read."""
    from django.conf import settings
    from django.db import connections

    from kmall24 import engines

    found = hunt.in_tables() + hunt.in_valkey(settings.REDIS_URL)
    connections.close_all()
    engines.stop()
    found += hunt.in_folder(engines.place().directory, "database files")
    found += hunt.in_folder(mails, "mails")
    found += [line for line in hunt.in_folder(folder, "files") if not line.startswith("files: mail/")]
    return found


PLANTED = 8


def _planted(hunt: Any, folder: Path, mails: Path, card: str) -> list[str]:
    """Where a planted number was not found."""
    from django.conf import settings
    from django.db import connections
    from redis import Redis

    from kmall24 import engines
    from orders.models import ShippingZone
    from privacy.models import Effect

    engines.ensure_running(disposable=True)
    effect = Effect.objects.create(
        kind="planted", key=f"planted {card}", due_at="2030-01-01T00:00:00Z", done_at="2030-01-01T00:00:00Z"
    )
    parted = ShippingZone.objects.create(code=card[:8], name=f"{card[8:]} planted", countries=[])
    with Redis.from_url(settings.REDIS_URL) as valkey:
        valkey.set("planted", f"note {' '.join(card[i : i + 4] for i in range(0, len(card), 4))}")
        body = base64.b64encode(json.dumps([[card], {}]).encode()).decode()
        valkey.lpush("celery-planted", json.dumps({"body": body}))
    mails.mkdir(exist_ok=True)
    (mails / "planted.log").write_text(f"Dear {card}")
    (folder / "web.log").open("a").write("".join(chr(ord(d) + 0xFEE0) for d in card))
    (folder / "state" / "media").mkdir(parents=True, exist_ok=True)
    (folder / "state" / "media" / f"{card}.png").write_bytes(b"")
    rows, keys = hunt.in_tables(), hunt.in_valkey(settings.REDIS_URL)
    wanted = {
        "the outbox": "table: public.privacy_effect" in rows,
        "two columns of a row": "table: public.orders_shippingzone" in rows,
        "Valkey": "valkey: planted" in keys,
        "a task's arguments": "valkey: celery-planted" in keys,
        "a mail": bool(hunt.in_folder(mails, "")),
        "a log": "files: web.log" in hunt.in_folder(folder, "files"),
        "a file's name": bool(hunt.in_folder(folder / "state" / "media", "")),
    }
    effect.delete()
    parted.delete()
    connections.close_all()
    engines.stop()
    # The row is gone from its table, and still in the table's file: what was there for a moment is found as well.
    wanted["the database's files, once deleted"] = bool(hunt.in_folder(engines.place().directory, ""))
    engines.ensure_running(disposable=True)
    return [name for name, noticed in wanted.items() if not noticed]


if __name__ == "__main__":
    sys.exit(main())
