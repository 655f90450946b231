"""The pages of an order as its buyer sees them, rendered by the views themselves."""

from __future__ import annotations

import re

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from orders.models import Order
from orders.views import payment as views


def text_of(order: Order, page: str) -> str:
    """The words of the payment page (`pay`), or of the return page after it has asked the provider (`confirm`)."""
    if page == "pay":
        return _words(views.pay(_request("get", order), order.number))
    answer = views.payment_confirm(_request("post", order), order.number)
    if "thank-you" in answer.headers["Location"]:
        return "thank you"
    query = "?asked" if "asked" in answer.headers["Location"] else ""
    return _words(views.payment_return(_request("get", order, query), order.number))


def _request(method: str, order: Order, query: str = "") -> HttpRequest:
    request = getattr(RequestFactory(), method)(f"/checkout/return/{order.number}/{query}")
    request.user, request.htmx = AnonymousUser(), False
    request.session = {"orders.mine": [order.pk]}
    request._dont_enforce_csrf_checks = True
    return request


def _words(answer: HttpResponse) -> str:
    if answer.status_code in (301, 302, 303):
        return "thank you"
    main = re.search(r"<main.*?</main>", answer.content.decode(), re.S)
    return re.sub(r"<[^>]+>", " ", main[0] if main else answer.content.decode())
