"""The store as a WSGI application that sells without its guard, to show that the race would be lost."""

from kmall24.wsgi import application
from tests.campaigns.racing.guard import look_then_write

from catalogue.domain import stock  # isort: skip, the store has to be set up first

stock.hold = look_then_write

__all__ = ["application"]
