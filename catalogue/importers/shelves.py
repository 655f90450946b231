"""The shelf that a file names: one that the store has under this name in any language, or a new one."""

from __future__ import annotations

from catalogue.importers import neutral
from catalogue.models import Category


class Shelves:
    """The store's shelves by name, read once. After a rollback they are read anew (`forget`)."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._known: dict[tuple[int | None, str], Category] | None = None

    def forget(self) -> None:
        self._known = None

    def find(self, names: list[str]) -> Category | None:
        """The shelf of these names, from the top; made when it is new. No names, no shelf."""
        shelf = None
        for name in names:
            shelf = self._one(name, shelf, last=name is names[-1])
        return shelf

    def _one(self, name: str, above: Category | None, *, last: bool) -> Category:
        known = self._read() if self._known is None else self._known
        key = (above.pk if above else None, name.casefold())
        found = known.get(key)
        if found is None and above is None and last:
            # A name alone may be that of a shelf below another.
            found = next((shelf for (_, other), shelf in known.items() if other == key[1]), None)
        if found is None:
            slug = neutral.slug(f"{above.slug}-{name}" if above else name, 80)
            if Category.objects.filter(slug=slug).exclude(parent=above).exists():
                slug = neutral.slug(f"{slug} / {name} ", 66) + "-shelf"
            found, _ = Category.objects.get_or_create(
                slug=slug, defaults={"names": {self._language: name}, "parent": above}
            )
            known[key] = found
        return found

    def _read(self) -> dict[tuple[int | None, str], Category]:
        self._known = {
            (shelf.parent_id, str(name).casefold()): shelf
            for shelf in Category.objects.all()
            for name in (shelf.slug, *(shelf.names.values() if isinstance(shelf.names, dict) else ()))
        }
        return self._known
