"""Who may open a page that another package wrote: said here, since every address has a rule."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


def open_to_all(view: Callable[..., Any]) -> Callable[..., Any]:
    """A page for everybody, to be read only. A copy is marked, so that the other package's view stays as it was."""

    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    return login_not_required(require_safe(page))
