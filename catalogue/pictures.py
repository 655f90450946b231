"""Where a browser gets a picture; one that cannot be found never breaks a page."""

from django.conf import settings
from django.core.files.storage import default_storage
from django.templatetags.static import static

PLACEHOLDER = "catalogue/placeholder.svg"


def static_address(path: str) -> str:
    """The address of an illustration; a path that the static manifest does not know is left without its digest."""
    try:
        return static(path)
    except ValueError:
        return f"{settings.STATIC_URL}{path}"


def file_address(name: str) -> str:
    """The address of an uploaded file."""
    return default_storage.url(name)


def picture_address(*, file: str = "", static_path: str = "") -> str:
    """The address of a picture, or of the drawing that stands where a product has none."""
    if file:
        return file_address(file)
    return static_address(static_path or PLACEHOLDER)
