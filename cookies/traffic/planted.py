"""A visitor that the store itself sends through its pages, with a random marker wherever a browser can carry one."""

from __future__ import annotations

import ipaddress
import secrets
import string
import time
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponse

from cookies import consent, inventory, question
from cookies.traffic import buffer, store, visitor

_LETTERS = string.ascii_lowercase + string.digits
# The front page, and a search, whose words go into a query string and into a statement.
_PATHS = ("/", "/search/?q={marker}")
_SECONDS = 20


class NotAdmitted(Exception):
    """The store's own page did not answer the planted visitor as it answers people."""


@dataclass(frozen=True, slots=True)
class Planted:
    """Who was sent: every text by which it could be recognised afterwards, and how many pages it looked at."""

    marker: str
    address: str
    keys: tuple[str, ...]
    pages: int

    @property
    def traces(self) -> tuple[bytes, ...]:
        """What is searched for. The marker is the visit's name, and stood in the browser's name, address and referrer."""
        return tuple(text.encode() for text in (self.marker, self.address, *self.keys))


def send() -> Planted:
    """Send one visitor through the pages, marked beforehand so that no statistics count it as a person.

    Over the network where `TRAFFIC_PLANTED_URL` says where the web processes answer; otherwise through all of the store's
    middleware and views in this process.
    """
    marker = "".join(secrets.choice(_LETTERS) for _ in range(22))
    address = str(ipaddress.IPv6Address((0x20010DB8 << 96) | secrets.randbits(96)))
    hour = int(time.time()) // 3600
    # The visit may fall on both sides of midnight.
    keys = {visitor.key_of(marker, at) for at in (hour + 1, hour)}
    if None in keys:
        raise NotAdmitted("There is no salt to be had: Valkey does not answer.")
    planted = Planted(marker, address, tuple(sorted(filter(None, keys))), len(_PATHS))
    for key in planted.keys:
        store.plant(key)
    for path in _PATHS:
        look_at = _over_the_network if settings.TRAFFIC_PLANTED_URL else _in_this_process
        status = look_at(path.format(marker=marker), _headers(planted), address)
        if status != 200:
            raise NotAdmitted(f"{path} answered {status} to the planted visitor.")
    buffer.hits.flush()
    return planted


def forget(planted: Planted) -> None:
    """Remove the mark itself, so that the search finds nothing that the search has brought."""
    for key in planted.keys:
        store.forget_planted(key)


def _headers(planted: Planted) -> dict[str, str]:
    answer = HttpResponse()
    consent.remember(answer, {inventory.TRAFFIC}, question.shown(question.token()), under_gpc=False)
    cookies = {name: cookie.value for name, cookie in answer.cookies.items()}
    cookies[inventory.TRAFFIC_COOKIE] = planted.marker
    return {
        "Host": urlsplit(settings.BASE_URL).netloc,
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "User-Agent": f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 {planted.marker}",
        "Referer": f"https://{planted.marker}.example/{planted.marker}",
        "X-Forwarded-For": planted.address,
        "X-Forwarded-Proto": urlsplit(settings.BASE_URL).scheme,
        "Accept-Language": "en",
    }


def _over_the_network(path: str, headers: dict[str, str], _address: str) -> int:
    url = settings.TRAFFIC_PLANTED_URL.rstrip("/") + path
    try:
        return requests.get(url, headers=headers, timeout=_SECONDS, allow_redirects=False).status_code
    except requests.RequestException as error:
        # Its message would hold the address, and the address the marker.
        raise NotAdmitted(f"The web processes do not answer ({type(error).__name__}).") from None


def _in_this_process(path: str, headers: dict[str, str], address: str) -> int:
    way, _mark, query = path.partition("?")
    base = urlsplit(settings.BASE_URL)
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": way,
        "QUERY_STRING": query,
        "SERVER_NAME": base.hostname or "localhost",
        "SERVER_PORT": str(base.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": address,
        "wsgi.url_scheme": base.scheme,
        "wsgi.input": BytesIO(),
        **{"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()},
    }
    return _handler().get_response(WSGIRequest(environ)).status_code


@cache
def _handler() -> WSGIHandler:
    return WSGIHandler()
