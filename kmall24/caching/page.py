"""A page as it is kept: its text with holes where each visitor's own proofs stand."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.utils import translation

from cookies import question
from kmall24.caching.asking import PUBLIC_VIEWS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

# What differs between two visitors of the same page: the proof against forgery, and the proof of what was shown when.
_PROOF = re.compile(rb'name="(csrfmiddlewaretoken|notice)" value="([^"]*)"')
_CSRF, _QUESTION = "csrf", "question"
# No page has this sign in it.
_SEAM = b"\x00"
_KEPT_HEADERS = ("Content-Type", "Content-Language", "Vary", "X-Frame-Options", "Cache-Control")
_csrf = CsrfViewMiddleware(lambda _request: HttpResponse())


@dataclass(frozen=True, slots=True)
class Page:
    """Pieces of text, and between each two of them the kind of proof that stands there."""

    made_at: float
    language: str
    headers: dict[str, str]
    holes: list[str]
    pieces: list[bytes]
    shows_people: bool = False

    def is_fresh(self) -> bool:
        return 0 <= time.time() - self.made_at < settings.PAGE_CACHE_SECONDS

    def packed(self) -> bytes:
        about = json.dumps([self.made_at, self.language, self.headers, self.holes]).encode()
        return _SEAM.join([about, *self.pieces])

    @classmethod
    def unpacked(cls, content: bytes) -> Page:
        about, *pieces = content.split(_SEAM)
        made_at, language, headers, holes = json.loads(about)
        return cls(made_at, language, headers, holes, pieces)

    def shown_to(self, request: HttpRequest) -> HttpResponse:
        """The page with this visitor's own proofs in it, and their own cookie."""
        proofs: dict[str, bytes] = {}
        if _CSRF in self.holes:
            _csrf.process_request(request)
            proofs[_CSRF] = get_token(request).encode()
        if _QUESTION in self.holes:
            proofs[_QUESTION] = _question(self.language)
        text = [self.pieces[0]]
        for hole, piece in zip(self.holes, self.pieces[1:], strict=True):
            text += [proofs[hole], piece]
        content = b"".join(text)
        response = HttpResponse(content, headers=self.headers)
        response.headers["Content-Length"] = str(len(content))
        return _csrf.process_response(request, response) if _CSRF in proofs else response


def _question(language: str) -> bytes:
    with translation.override(language):
        return question.token().encode()


def page_of(request: HttpRequest, response: HttpResponseBase) -> Page | None:
    """What may be kept of an answer; None when anything in it could be about its visitor."""
    match = request.resolver_match
    if match is None or match.view_name not in PUBLIC_VIEWS or response.status_code != 200 or response.streaming:
        return None
    if not isinstance(response, HttpResponse) or not response.headers.get("Content-Type", "").startswith("text/html"):
        return None
    if response.cookies.keys() - {settings.CSRF_COOKIE_NAME} or request.user.is_authenticated:
        return None
    if request.session.modified or "no-store" in response.headers.get("Cache-Control", ""):
        return None
    pieces, holes, end = [], [], 0
    for proof in _PROOF.finditer(response.content):
        if proof[1] == b"csrfmiddlewaretoken":
            holes.append(_CSRF)
        elif question.is_token(proof[2].decode()):
            holes.append(_QUESTION)
        else:
            return None  # the notice of a form about persons says when it was shown to this one
        pieces.append(response.content[end : proof.start(2)])
        end = proof.end(2)
    pieces.append(response.content[end:])
    if any(_SEAM in piece for piece in pieces):
        return None
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return Page(
        time.time(),
        translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE,
        headers,
        holes,
        pieces,
        getattr(response, "shows_people", False),
    )
