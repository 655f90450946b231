"""Before everything that looks at a person: a page that others have seen a moment ago, where nothing of it is personal."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase

from kmall24.caching.asking import name_of
from kmall24.caching.layers import Near, Shared
from kmall24.caching.page import page_of

LAYERS = {"near": Near, "shared": Shared}


class PageCacheMiddleware:
    """Stands outside of sessions and users, so a page from here has met neither.

    A kept page is at most PAGE_CACHE_SECONDS old. Prices and stock are looked at again where it counts: in the basket, and
    when the order is placed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.PAGE_CACHE_SECONDS or not settings.PAGE_CACHE_LAYERS:
            raise MiddlewareNotUsed
        if unknown := set(settings.PAGE_CACHE_LAYERS) - set(LAYERS):
            raise ImproperlyConfigured(f"PAGE_CACHE_LAYERS names {sorted(unknown)}; there are {', '.join(LAYERS)}.")
        self.get_response = get_response
        self.layers = [layer() for name, layer in LAYERS.items() if name in settings.PAGE_CACHE_LAYERS]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = name_of(request)
        if name is None:
            return self.get_response(request)
        farther: list[Near | Shared] = []
        for layer in self.layers:
            page = layer.get(name)
            if page is not None and page.is_fresh():
                for nearer in farther:
                    nearer.put(name, page)
                return page.shown_to(request)
            farther.append(layer)
        response = self.get_response(request)
        page = page_of(request, response)
        if page is not None:
            for layer in self.layers:
                layer.put(name, page)
        return response
