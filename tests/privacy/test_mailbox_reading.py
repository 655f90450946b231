"""A mail becomes text, whoever wrote it and however broken it is: nothing raises, nothing is lost."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.internal.desk import receiving
from privacy.internal.mailbox import own_words, reading, understanding
from privacy.internal.mailbox.attachments import examine
from privacy.models import ConsentEvent, RequestMessage, RightsRequest, UnreadableMail
from tests.support import cpython_mails

MAILS = {**cpython_mails.files(), **cpython_mails.nested(), **cpython_mails.in_sources()}
without_mails = pytest.mark.skipif(not MAILS, reason="this Python came without its own tests: install its test package")


@without_mails
def test_all_of_cpythons_own_messages_are_read():
    for name, raw in MAILS.items():
        letter = reading.parse(raw)
        understanding.understand(letter.heading, letter.body)
        assert letter.digest == reading.parse(raw).digest, name
        # Whatever words a message has, somebody finds them: in the body or in a file beside it.
        assert letter.body or letter.attachments or not _has_words(raw), name


@without_mails
def test_there_are_sixty_four_of_them_and_those_in_the_sources():
    """48 files and 16 messages inside them; the tests' sources hold about 150 more."""
    assert (len(cpython_mails.files()), len(cpython_mails.nested())) >= (48, 16)
    assert len(cpython_mails.in_sources()) > 100
    assert len(cpython_mails.media()) >= 10


@without_mails
@pytest.mark.django_db
def test_each_of_them_becomes_a_case_and_none_is_lost_or_taken_for_a_stop():
    digests = set()
    for raw in MAILS.values():
        case = receiving.receive_mail(raw)
        digests.add(reading.digest_of(raw))
        assert case.kind not in receiving.STOPS or case.messages.exists()
    assert RightsRequest.objects.count() == len(digests)
    assert UnreadableMail.objects.count() == 0
    assert RequestMessage.objects.count() == len(digests)
    assert not ConsentEvent.objects.exists()


@without_mails
def test_the_pictures_and_sounds_beside_them_are_known_by_their_bytes():
    for path in cpython_mails.media():
        found = examine(path.name, path.read_bytes(), said="application/octet-stream")
        assert found.data == path.read_bytes()
        assert found.check in ("plain", "odd", "active"), path.name


def _has_words(raw: bytes) -> bool:
    _head, _blank, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    return bool(
        [line for line in body.split(b"\n") if line.strip() and not line.startswith((b"--", b"Content-", b"MIME"))]
    )


@given(st.binary(max_size=600))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise(raw):
    reading.parse(raw)


@given(
    st.binary(max_size=200),
    st.sampled_from(["multipart/mixed", "multipart/alternative", "text/html", "message/rfc822"]),
)
@settings(max_examples=100, deadline=None)
def test_no_broken_mime_raises(body, kind):
    head = f'From: a@example.com\nContent-Type: {kind}; boundary="b"\nContent-Transfer-Encoding: base64\n\n--b\n'
    reading.parse(head.encode() + body)


KOREAN = "수신 거부 부탁드립니다. 똠방각하 펲시콜라"  # the second half is in cp949 and not in plain KS X 1001
JAPANESE = "配信停止をお願いします。髙橋"


@pytest.mark.parametrize(
    ("text", "codec", "said"),
    [
        ("수신 거부 부탁드립니다.", "euc-kr", "euc-kr"),
        ("수신 거부 부탁드립니다.", "euc-kr", "ks_c_5601-1987"),
        (KOREAN, "cp949", "ks_c_5601-1987"),
        (KOREAN, "cp949", "euc-kr"),
        (KOREAN, "cp949", ""),
        (KOREAN, "utf-8", ""),
        ("配信停止をお願いします。", "iso-2022-jp", "iso-2022-jp"),
        ("配信停止をお願いします。", "iso-2022-jp", ""),
        (JAPANESE, "cp932", "shift_jis"),
        ("配信停止をお願いします。", "euc-jp", "euc-jp"),
        ("请把我的邮箱退订。", "gb18030", "gb2312"),
        ("請取消訂閱。", "cp950", "big5"),
        ("Grüße", "latin-1", "iso-8859-1"),
        ("“quoted”", "cp1252", "us-ascii"),
        ("Привет", "koi8-r", "koi8-r"),
        ("สวัสดี", "cp874", "tis-620"),
    ],
)
@pytest.mark.parametrize("transfer", ["8bit", "base64", "quoted-printable"])
def test_charsets_as_mail_programs_mean_them(text, codec, said, transfer):
    import base64
    import quopri

    body = text.encode(codec)
    encoded = {"8bit": body, "base64": base64.encodebytes(body), "quoted-printable": quopri.encodestring(body)}[
        transfer
    ]
    charset = f'; charset="{said}"' if said else ""
    raw = (
        f"From: a@example.com\nContent-Type: text/plain{charset}\nContent-Transfer-Encoding: {transfer}\n\n".encode()
        + encoded
    )
    assert reading.parse(raw).body == text


def test_a_heading_in_a_korean_charset_or_in_raw_bytes_is_read():
    import base64

    encoded = base64.b64encode("수신거부".encode("cp949")).decode()
    assert reading.parse(f"Subject: =?ks_c_5601-1987?B?{encoded}?=\n\nx".encode()).heading == "수신거부"
    assert reading.parse("Subject: 수신거부\n\nx".encode()).heading == "수신거부"
    assert reading.parse("Subject: 수신거부\n\nx".encode("cp949")).heading == "수신거부"
    assert reading.parse(b"Subject: =?no-such-charset?Q?abc?=\n\nx").heading == "abc"


def test_html_is_brought_down_to_its_words_without_what_is_hidden():
    page = (
        "<html><head><style>p{}</style><script>unsubscribe()</script></head><body><p>Please&nbsp;delete my <b>account</b>.</p>"
        "<div style='display:none'>unsubscribe</div><blockquote>stop the newsletter</blockquote></body></html>"
    )
    letter = reading.parse(b"From: a@example.com\nContent-Type: text/html\n\n" + page.encode())
    assert letter.body.splitlines()[0] == "Please delete my account."
    assert "unsubscribe" not in letter.body
    assert understanding.understand("", letter.body).kind == "erasure"
    assert not understanding.understand("", letter.body).stops_marketing


def test_an_empty_plain_part_lets_the_page_speak():
    message = EmailMessage()
    message.set_content(" ")
    message.add_alternative("<p>Please unsubscribe me</p>", subtype="html")
    assert "unsubscribe" in reading.parse(message.as_bytes()).body


def test_attachments_and_mails_within_mails_lie_beside_the_words():
    inner = EmailMessage()
    inner["Subject"] = "Your newsletter"
    inner.set_content("Unsubscribe here")
    message = EmailMessage()
    message["From"] = "a@example.com"
    message.set_content("Please correct my name.")
    message.add_attachment(b"%PDF-1.7 ...", maintype="application", subtype="pdf", filename="pass\u202efdp.exe")
    message.add_attachment(inner)
    message.add_attachment("card 4111 1111 1111 1111", filename="4111111111111111.txt")
    letter = reading.parse(message.as_bytes())
    assert letter.body == "Please correct my name."
    assert [file.check for file in letter.attachments] == ["active", "plain", "plain"]
    assert letter.attachments[0].name == "passfdp.exe"
    text = letter.attachments[2]
    assert b"4111" not in text.data
    assert "4111" not in text.name


@pytest.mark.parametrize(
    ("name", "data", "check"),
    [
        ("photo.jpg", b"\xff\xd8\xff\xe0", "plain"),
        ("scan.pdf", b"%PDF-1.4", "plain"),
        ("scan.pdf", b"%PDF-1.4 /OpenAction /JavaScript (app.alert(1))", "active"),
        ("note.txt", b"hello", "plain"),
        ("photo.jpg", b"MZ\x90", "active"),
        ("photo.jpg", b"<svg onload=alert(1)>", "active"),
        ("page.html", b"hello", "active"),
        ("a.zip", b"PK\x03\x04", "active"),
        ("photo.png", b"\xff\xd8\xff\xe0", "odd"),
        ("unknown.bin", b"\x00\x01\x02", "odd"),
    ],
)
def test_a_file_is_judged_by_its_bytes_and_not_by_its_word(name, data, check):
    assert examine(name, data, said="image/jpeg").check == check


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "C:\\Windows\\x.exe",
        "a\r\nSet-Cookie: x=1",
        "\x00",
        "",
        "x" * 500 + ".pdf",
        '"; rm -rf',
        "<b>.txt",
    ],
)
def test_a_hostile_name_leads_nowhere(name):
    safe = examine(name, b"x", said="").name
    assert 0 < len(safe) <= 120
    assert not set(safe) & set('/\\<>"\r\n\x00;:')


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner=x",
        "Precedence: bulk",
        "X-Autoreply: yes",
        "X-Autorespond: on",
        "Return-Path: <>",
        "List-Unsubscribe: <mailto:x@example.com>",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        "From: MAILER-DAEMON@mx.example.com",
        "From: Mail Delivery System <postmaster@example.com>",
        "From: no-reply@example.com",
        "From: privacy@kmall24.com",
        "Subject: Out of Office: unsubscribe",
        "Subject: Automatische Antwort: Ihre Anfrage",
        "Subject: 자동 회신: 문의",
        "Subject: 自動返信",
        "Subject: Undeliverable: Your order",
    ],
)
def test_machines_are_known(head):
    raw = (head + "\n" + ("" if head.startswith("From") else "From: a@example.com\n") + "\nunsubscribe").encode()
    assert reading.parse(raw).automatic


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: no",
        "Subject: Undelivered parcel, and please unsubscribe me",
        "Subject: 부재중 배송 문의",
        "Return-Path: <a@example.com>",
        "X-Auto-Response-Suppress: All",
        "Subject: Office chair",
    ],
)
def test_people_are_not_taken_for_machines(head):
    assert not reading.parse(f"{head}\nFrom: a@example.com\n\nunsubscribe".encode()).automatic


def test_who_asks_not_to_be_answered_is_heard_and_not_answered():
    letter = reading.parse(b"X-Auto-Response-Suppress: All\nFrom: a@example.com\n\nunsubscribe")
    assert (letter.automatic, letter.answerable) == (False, False)


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("Mina <mina@example.com>", "mina@example.com"),
        ('"<script>alert(1)</script>" <mina@example.com>', "mina@example.com"),
        ('"other@example.com" <mina@example.com>', "mina@example.com"),
        ("mina@example.com", "mina@example.com"),
        ("=?utf-8?B?67Cx66y4?= <mina@example.com>", "mina@example.com"),
        ("undisclosed:;", ""),
        ("nobody", ""),
    ],
)
def test_the_sender_is_what_stands_as_the_address(line, address):
    assert reading.parse(f"From: {line}\n\nx".encode()).sender == address


NOW = dt.datetime(2026, 11, 27, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("head", "hours"),
    [
        (
            "Received: from a by b; Fri, 27 Nov 2026 09:00:00 +0000\nReceived: from c; Thu, 26 Nov 2026 01:00:00 +0000",
            3,
        ),
        ("Return-Path: <a@example.com>\nReceived: from a\n\tby b; Fri, 27 Nov 2026 17:00:00 +0900", 4),
        ("Received: from a by b; Fri, 27 Nov 2027 09:00:00 +0000", 0),
        ("Received: from a by b; Mon, 1 Jan 2001 00:00:00 +0000", 0),
        ("Received: nonsense", 0),
        ("Date: Thu, 26 Nov 2026 01:00:00 +0000", 0),
    ],
)
def test_a_piped_mail_arrived_when_our_own_server_says_so(head, hours):
    assert reading.arrived_at(f"{head}\nFrom: a@example.com\n\nx".encode(), NOW) == NOW - dt.timedelta(hours=hours)


@pytest.mark.parametrize(
    "quoted",
    [
        "> please unsubscribe me",
        "On Mon, 23 Nov 2026 at 10:00, KMALL24 <shop@kmall24.com> wrote:\nTo unsubscribe, answer STOP",
        "Am 23.11.2026 um 10:00 schrieb KMALL24 <shop@kmall24.com>:\nunsubscribe",
        "-----Original Message-----\nFrom: shop@kmall24.com\nunsubscribe me",
        "From: KMALL24\nSent: Monday\nTo: me\nSubject: News\n\nunsubscribe me",
        "보낸 사람: KMALL24\n보낸 날짜: 월요일\n받는 사람: 나\n제목: 소식\n수신 거부",
        "2026년 11월 23일 (월) 오전 10:00, KMALL24 <shop@kmall24.com>님이 작성:\n수신 거부",
        "-- \nMina, who was told to unsubscribe",
    ],
)
def test_what_is_quoted_or_signed_is_not_the_writers_wish(quoted):
    body = f"Where is my parcel?\n\n{quoted}"
    assert own_words.of(body).strip() == "Where is my parcel?"
    assert not understanding.understand("Re: our newsletter", body).stops_marketing


def test_a_wish_below_what_is_quoted_is_heard():
    body = "> News from KMALL24\n> Buy now\n\nPlease unsubscribe me."
    assert understanding.understand("Re: News", body).stops_marketing


def test_a_huge_letter_takes_no_longer_than_a_moment():
    import time

    before = time.process_time()
    understanding.understand("", "I want my data " * 20_000 + "please unsubscribe me " + "(" * 5000)
    understanding.understand("", "delete " * 40_000)
    understanding.understand("", "정보 " * 40_000)
    assert time.process_time() - before < 20
