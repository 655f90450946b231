"""Staff write what a variant is and what a picture shows in a field for each language, and lose nothing that was there."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from catalogue.models import ProductImage, Variant
from catalogue.words_field import OptionsField
from tests.orders.shop import variant
from tests.support.staff import superuser

pytestmark = pytest.mark.django_db

CUP = {"en": {"Size": "150 ml", "Colour": "white"}, "ko": {"용량": "150 ml", "찻잔 색상": "흰색"}}


def page_of(one: Variant) -> str:
    return reverse("admin:catalogue_product_change", args=[one.product_id])


def filled_in(browser: Any, one: Variant, **changed: Any) -> Any:
    """The product's page as a browser would send it, with some fields changed."""
    context = browser.get(page_of(one)).context
    sent: dict[str, Any] = {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for name in form.fields:
            bound, value = form[name], form[name].value()
            parts = bound.field.widget.decompress(value) if hasattr(bound.field.widget, "widgets_names") else None
            if parts is not None:
                sent |= {
                    f"{bound.html_name}{end}": part
                    for end, part in zip(bound.field.widget.widgets_names, parts, strict=True)
                }
            elif value is not None and value is not False:
                sent[bound.html_name] = value
    return browser.post(page_of(one), sent | changed)


def test_the_page_shows_a_line_for_each_property_and_no_notation() -> None:
    one = variant("CUP")
    Variant.objects.filter(pk=one.pk).update(options=CUP)
    ProductImage.objects.create(product=one.product, static_path="catalogue/x.svg", alt={"en": "A cup", "ko": "찻잔"})
    browser = superuser()
    for address in (page_of(one), reverse("admin:catalogue_variant_change", args=[one.pk])):
        page = browser.get(address).content.decode()
        assert "Size: 150 ml\nColour: white" in page
        assert "용량: 150 ml\n찻잔 색상: 흰색" in page
        assert "{&quot;en" not in page
        assert "By language" not in page
    assert 'value="찻잔"' in browser.get(page_of(one)).content.decode()


def test_what_is_typed_is_what_shoppers_read() -> None:
    one = variant("CUP")
    image = ProductImage.objects.create(product=one.product, static_path="catalogue/x.svg")
    typed = {
        "variants-0-options_en": "Size: 150 ml\n\n Colour : white ",
        "variants-0-options_ko": "용량：150 ml\n찻잔 색상: 흰색",
        "images-0-alt_en": "A cup",
        "images-0-alt_ko": "찻잔",
    }
    assert filled_in(superuser(), one, **typed).status_code == 302
    one.refresh_from_db()
    image.refresh_from_db()
    assert one.options == CUP
    assert (one.label("en"), one.label("ko")) == ("150 ml, white", "150 ml, 흰색")
    assert image.alt == {"en": "A cup", "ko": "찻잔"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("150 ml", "“150 ml” (English): write a name, a colon and what it is"),
        ("Size:", "“Size:” (English): write a name"),
        (": 150 ml", "“: 150 ml” (English): write a name"),
        ("Size: 150 ml\nSize: 200 ml", "“Size: 200 ml” (English) is the second line with this name"),
    ],
)
def test_a_mistake_is_named_and_everything_typed_is_still_there(typed: str, said: str) -> None:
    one = variant("CUP")
    page = filled_in(superuser(), one, **{"variants-0-options_en": typed, "variants-0-options_ko": "용량: 150 ml"})
    assert page.status_code == 200
    shown = page.content.decode()
    assert said in shown
    assert typed in shown
    assert "용량: 150 ml" in shown
    one.refresh_from_db()
    assert one.options == {}


def test_what_an_import_brought_in_another_language_is_kept() -> None:
    """It has no input here, and it may stand without English, or with a name that has a colon in it."""
    one = variant("CUP")
    brought = {"fr": {"Taille": "150 ml"}, "ko": {"용량: 잔": "150 ml"}}
    Variant.objects.filter(pk=one.pk).update(options=brought)
    image = ProductImage.objects.create(product=one.product, static_path="catalogue/x.svg", alt={"fr": "Une tasse"})
    browser = superuser()
    assert filled_in(browser, one, **{"variants-0-stock": "7", "images-0-position": "3"}).status_code == 302
    one.refresh_from_db()
    image.refresh_from_db()
    assert (one.stock, one.options) == (7, brought)
    assert (image.position, image.alt) == (3, {"fr": "Une tasse"})
    assert (
        filled_in(browser, one, **{"variants-0-options_en": "Size: 150 ml", "images-0-alt_ja": "茶碗"}).status_code
        == 302
    )
    one.refresh_from_db()
    image.refresh_from_db()
    assert one.options["fr"] == brought["fr"]
    assert one.options["en"] == {"Size": "150 ml"}
    assert image.alt == {"fr": "Une tasse", "ja": "茶碗"}


def test_what_is_not_touched_is_not_changed() -> None:
    field = OptionsField(required=False)
    typed = field.widget.decompress(field.prepare_value(CUP))
    assert not field.has_changed(CUP, typed)
    assert field.clean(typed) == CUP
    assert field.clean(["", "", "", ""]) == {}
