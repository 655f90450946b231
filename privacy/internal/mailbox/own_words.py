"""What the writer of a letter says in it: without what they quote, without their signature, without our own earlier words."""

from __future__ import annotations

import re

# Lines after which a mail program puts the letter that is answered, in the languages that programs speak.
_BEGINS = re.compile(
    r"""^\W*(?:
        -{2,}\s*(?:original\s+message|forwarded\s+message|ursprüngliche\s+nachricht|weitergeleitete\s+nachricht|message\s+d'origine
            |message\s+original|mensaje\s+original|messaggio\s+originale|oorspronkelijk\s+bericht|mensagem\s+original
            |원본\s*메[일세]지?|원본\s*메시지|전달된\s*메시지|original\s+nachricht|元のメッセージ|原始邮件|原始郵件|转发|исходное\s+сообщение
            |wiadomość\s+oryginalna|opprinnelig\s+melding|ursprungligt\s+meddelande)
      | on\b.{6,200}\bwrote\s*:\s*$
      | am\b.{6,200}\bschrieb\b.{0,120}:\s*$
      | le\b.{6,200}\ba\s+écrit\s*:\s*$
      | el\b.{6,200}\bescribió\s*:\s*$
      | il\b.{6,200}\bha\s+scritto\s*:\s*$
      | op\b.{6,200}\bschreef\b.{0,120}:\s*$
      | em\b.{6,200}\bescreveu\s*:\s*$
      | .{6,200}\b(?:napisał\(?a?\)?|написал\(?а?\)?|skrev)\b.{0,80}:\s*$
      | \d{4}년.{4,120}(?:작성|씀|쓴\s*글|님이\s*작성)\s*:?\s*$
      | \d{4}年.{4,120}(?:写道|寫道|書きました|のメール)\s*[:：]?\s*$
      | \d{4}[年/.-].{4,120}[<＜]\S+@\S+[>＞]\s*[:：]\s*$
      | _{20,}\s*$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# A block of header lines, as some programs quote without a mark before each line.
_FROM = re.compile(
    r"^\W*(?:from|von|de|da|van|od|från|fra|от|보낸\s*사람|差出人|发件人|寄件者|寄件人|kimden|dari|từ|จาก)\s*[:：]\s*\S",
    re.IGNORECASE,
)
_THEN = re.compile(
    r"^\W*(?:sent|date|to|subject|gesendet|datum|an|betreff|envoyé|objet|à|enviado|fecha|para|asunto|inviato|oggetto|verzonden"
    r"|onderwerp|enviada|assunto|보낸\s*날짜|날짜|받는\s*사람|제목|送信日時|日時|宛先|件名|发送时间|收件人|主题|寄件日期|收件者|主旨|отправлено|тема"
    r"|кому|wysłano|temat|skickat|ämne|sendt|emne)\s*[:：]",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^(?:--\s?|—|_{3,9})$|^\W*(?:sent from my |von meinem |envoyé de mon |enviado desde mi |inviato da |나의 .{2,12}에서 보냄"
    r"|iPhoneから送信|发自我的|從我的)",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"^\s*(?:(?:re|aw|antw|sv|vs|tr|fw|fwd|wg|rv|enc|r|rif|odp|ynt|回复|回覆|答复|返信|转发|轉寄|답장|회신|전달)\s*(?:\[\d+\])?\s*[:：]\s*)+",
    re.IGNORECASE,
)


def of(body: str) -> str:
    """The writer's own words. When nothing of their own is left, they wrote below or between what they quote."""
    lines = body.splitlines()
    own: list[str] = []
    for number, line in enumerate(lines):
        following = " ".join(lines[number : number + 2])
        if _BEGINS.match(line) or (
            len(line) > 20 and _BEGINS.match(following) and not _BEGINS.match(lines[number + 1])
        ):
            break
        if _FROM.match(line) and any(_THEN.match(after) for after in lines[number + 1 : number + 4]):
            break
        if _SIGNATURE.match(line) and own:
            break
        own.append(line)
    said = _unquoted(own)
    return said if said.strip() else _unquoted(lines)


def _unquoted(lines: list[str]) -> str:
    return "\n".join(line for line in lines if not line.lstrip().startswith((">", "|", "＞")))


def heading(text: str) -> tuple[str, bool]:
    """A heading without the marks of an answer, and whether it had any: then its words were somebody else's first."""
    plain = _REPLY.sub("", text)
    return plain, plain != text
