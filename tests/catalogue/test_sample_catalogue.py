"""The sample goods are complete in both languages, sellable as written, and each has its own safe, fresh picture."""

import re
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from catalogue.sample import draw

SAMPLE = Path(draw.__file__).parent
SHELVES = ("beauty", "food", "fashion", "living", "stationery", "electronics")
HANGUL = re.compile("[가-힣]")
LARGEST_PICTURE = 6 * 1024


def read(name: str) -> dict:
    return tomllib.loads((SAMPLE / f"{name}.toml").read_text(encoding="utf-8"))


GOODS = [product for shelf in SHELVES for product in read(shelf)["product"]]
VARIANTS = [variant for product in GOODS for variant in product["variant"]]
each_product = pytest.mark.parametrize("product", GOODS, ids=lambda product: product["slug"])


def repeated(values) -> list:
    return [value for value, times in Counter(values).items() if times > 1]


def check_digit(first_twelve: str) -> str:
    return str(-sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(first_twelve)) % 10)


def assert_bilingual(texts: dict) -> None:
    assert set(texts) == {"en", "ko"}
    assert texts["en"].strip()
    assert not HANGUL.search(texts["en"])
    assert HANGUL.search(texts["ko"])


def test_six_shelves_hold_twenty_goods_each_with_a_dozen_featured():
    assert {shelf: len(read(shelf)["product"]) for shelf in SHELVES} == dict.fromkeys(SHELVES, 20)
    assert sum(product["featured"] for product in GOODS) == 12


def test_categories_are_the_shelves_in_order_and_in_both_languages():
    categories = read("categories")["category"]
    assert [category["slug"] for category in categories] == list(SHELVES)
    assert [category["order"] for category in categories] == [1, 2, 3, 4, 5, 6]
    for category in categories:
        assert_bilingual(category["name"])
        assert_bilingual(category["description"])


def test_slugs_skus_and_barcodes_are_each_used_once():
    assert repeated(product["slug"] for product in GOODS) == []
    assert repeated(variant["sku"] for variant in VARIANTS) == []
    assert repeated(variant["barcode"] for variant in VARIANTS) == []


def test_the_check_digit_rule_is_the_one_of_ean_13():
    assert check_digit("400638133393") == "1"


@each_product
def test_product_says_what_it_is_in_english_and_korean(product):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", product["slug"])
    assert product["brand"].strip()
    assert product["origin"].strip()
    assert re.fullmatch(r"\d{4}\.\d{2}", product["hs_code"])
    for part in ("name", "summary", "description"):
        assert_bilingual(product[part])
    for language in ("en", "ko"):
        assert 2 <= len(product["description"][language].split("\n\n")) <= 4


@each_product
def test_variants_can_be_told_apart_weighed_scanned_and_paid_for(product):
    variants = product["variant"]
    assert 1 <= len(variants) <= 6
    for language in ("en", "ko"):
        choices = [tuple(variant["options"][language].items()) for variant in variants]
        assert repeated(choices) == []
        assert len({tuple(name for name, _ in choice) for choice in choices}) == 1
        assert all(choices) if len(variants) > 1 else choices == [()]
    for variant in variants:
        assert variant["weight_g"] > 0
        assert variant["stock"] >= 0
        assert re.fullmatch(r"880\d{10}", variant["barcode"])
        assert check_digit(variant["barcode"][:12]) == variant["barcode"][12]
        prices = [variant[kind] for kind in ("price", "compare_at") if kind in variant]
        for price in prices:
            assert type(price["KRW"]) is int
            assert price["KRW"] > 0
            assert re.fullmatch(r"\d+\.\d{2}", price["USD"])
            assert 1000 < price["KRW"] / Decimal(price["USD"]) < 1500
        if "compare_at" in variant:
            assert variant["compare_at"]["KRW"] > variant["price"]["KRW"]
            assert Decimal(variant["compare_at"]["USD"]) > Decimal(variant["price"]["USD"])


def test_stock_shows_every_state_a_shopper_can_meet():
    assert any(variant["stock"] == 0 for variant in VARIANTS)
    assert any(1 <= variant["stock"] <= 5 for variant in VARIANTS)
    assert any("compare_at" in variant for variant in VARIANTS)


@each_product
def test_picture_is_small_and_holds_only_shapes(product):
    source = (draw.FOLDER / f"{product['slug']}.svg").read_text(encoding="utf-8")
    assert len(source.encode()) < LARGEST_PICTURE
    picture = ElementTree.fromstring(source)  # noqa: S314 - the project drew it
    assert picture.get("viewBox") == "0 0 800 800"
    known = {element.get("id") for element in picture.iter() if element.get("id")}
    for element in picture.iter():
        kind = element.tag.rpartition("}")[2]
        assert kind not in {"script", "style", "text", "image", "use", "a", "foreignObject", "animate", "set"}
        for name, value in element.attrib.items():
            assert name != "style"
            assert not name.startswith("on")
            assert not name.endswith("href")
            assert "//" not in value
            assert not re.search(r"nan|inf|None|--", value)
            assert set(re.findall(r"url\(([^)]*)\)", value)) <= {f"#{name}" for name in known}


def test_no_two_pictures_are_alike():
    assert repeated(path.read_bytes() for path in draw.FOLDER.glob("*.svg")) == []


def test_committed_pictures_are_what_the_generator_draws(tmp_path):
    drawn = draw.pictures()
    assert set(drawn) == {product["slug"] for product in GOODS}
    assert {path.stem for path in draw.FOLDER.glob("*.svg")} == set(drawn)
    draw.write(tmp_path)
    for slug in drawn:
        fresh, committed = (folder / f"{slug}.svg" for folder in (tmp_path, draw.FOLDER))
        assert committed.read_bytes() == fresh.read_bytes(), f"{slug} is stale: run python -m catalogue.sample.draw"
