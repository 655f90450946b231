"""Which mails no person wrote: bounces, absences, lists (RFC 3834, RFC 3464). They are never answered and wish for nothing."""

from __future__ import annotations

import re
from email.message import Message
from email.utils import parseaddr

from django.conf import settings

from privacy.addresses import canonical

_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
_REPORTS = frozenset({"multipart/report", "message/delivery-status", "message/disposition-notification"})
# Headers that only a machine sets, each by its mere presence.
_MARKS = (
    "X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From", "X-Mail-Autoreply", "X-Failed-Recipients",
    "X-Loop", "Feedback-ID", "List-Id", "List-Unsubscribe", "X-Vacation", "X-FC-MachineGenerated", "X-POST-MessageClass",
)  # fmt: skip
_NOBODY = re.compile(
    r"^(?:mailer-?daemon|post-?master|no-?reply|do-?not-?reply|noreply[-+.].*|bounces?(?:[-+.].*)?|.*-bounces?(?:[-+].*)?"
    r"|autoreply|auto-?responder|daemon|root|cron)$",
    re.IGNORECASE,
)
# How programs begin the heading of an answer that nobody wrote, for those that set no header.
_HEADINGS = re.compile(
    r"^\W*(?:auto(?:matic|mated|matische|matisch)?[- ]?(?:reply|response|antwort|respon[sd]e|r[ée]ponse)|out of (?:the )?office"
    r"|autosvar|automatiskt svar|abwesen(?:heit|d)|ich bin nicht im (?:büro|haus)|r[ée]ponse automatique|absence du bureau"
    r"|respuesta autom[áa]tica|fuera de (?:la )?oficina|risposta automatica|fuori (?:sede|ufficio)|resposta autom[áa]tica"
    r"|ausência tempor|afwezig|automatisch antwoord|odpowied[zź] automatyczna|автоответ|автоматический ответ|otomatik yan[ıi]t"
    r"|부재\s*중\s*(?:입니다|안내|자동|메일|회신|$)|자동\s*(?:회신|응답|답장)|自動(?:返信|応答|回覆|回复)|自动(?:回复|答复)|不在の(?:お知らせ|ご連絡)"
    r"|trả lời tự động|ตอบกลับอัตโนมัติ|balasan otomatis|undeliver(?:able:|ed mail)|delivery status notification"
    r"|mail delivery (?:failed|failure|system|subsystem)|returned mail|failure notice|unzustellbar:|non remis ?:|no entregado:"
    r"|메일\s*(?:배달|전송)\s*(?:실패|불가)|メール配信不能|退信)",
    re.IGNORECASE,
)


def wrote(message: Message, *, sender: str, heading: str) -> bool:
    """Whether a machine wrote this."""
    submitted = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    return (
        submitted not in ("", "no")
        or precedence in _PRECEDENCE
        or message.get_content_type() in _REPORTS
        or _returns_to_nobody(message)
        or any(message.get(mark) is not None for mark in _MARKS)
        or bool(_NOBODY.match(sender.partition("@")[0]))
        or canonical(sender) in {canonical(own) for own in _own_addresses()}
        or bool(_HEADINGS.match(heading))
    )


def asks_for_no_answer(message: Message) -> bool:
    """Whether the sender's program asks not to be answered by a machine; its person may still wish for something."""
    suppressed = str(message.get("X-Auto-Response-Suppress", "")).lower()
    return any(word in suppressed for word in ("all", "oof", "autoreply")) or bool(message.get("List-Post"))


def _returns_to_nobody(message: Message) -> bool:
    said = message.get("Return-Path")
    return said is not None and "<>" in str(said).replace(" ", "")


def _own_addresses() -> list[str]:
    return [settings.PRIVACY_MAILBOX, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]]
