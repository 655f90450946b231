# ruff: noqa: E501 - the rows of the files are as long as their exporters make them
"""Imports: other stores' files, of any spelling; what is good is taken, what is not is named by its line, twice is once."""

from __future__ import annotations

import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from catalogue.importers import neutral
from catalogue.importers.neutral import BadValue
from catalogue.importers.running import run
from catalogue.models import Price, Product, ProductText, Review, Variant
from privacy.models import Collection

pytestmark = pytest.mark.django_db

SHARED = Path(settings.BASE_DIR).parent / "shared" / "data" / "products"

SHOPIFY = """Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Status
celadon-cup,Celadon Cup,"<p>Thrown by hand.</p><p>Fired <b>twice</b>.<script>alert(1)</script></p>",Cheongja,Living,"cup, tea",true,Size,Small,CUP-S,310,12,"24.00",30.00,8801234500012,https://pictures.example/cup.webp,active
celadon-cup,,,,,,,,Large,CUP-L,420,abc,28.00,,,,
celadon-cup,,,,,,,,Huge,CUP-H,900,3,-5,,,,
celadon-cup,,,,,,,,,,,,,,,https://pictures.example/side.webp,
linen-apron,Linen Apron,"Two lines
in one cell",Mo,Living,,true,Title,Default Title,,250,5,39.5,,,,active
,No Handle,,,,,,,,NH-1,,1,2.00,,,,
"""

WOOCOMMERCE = """ID,Type,SKU,Name,Published,Short description,Description,Stock,Weight (kg),Sale price,Regular price,Categories,Images,Parent,Attribute 1 name,Attribute 1 value(s)
12,variation,TEE-RED,,1,,,4,,,19.00,,,id:10,Colour,Red
10,variable,TEE,Hangul Tee,1,Soft cotton,Letters on the chest,,0.2,,,"Fashion > Tops, Sale",https://p.example/1.jpg,,Colour,"Red, Blue"
13,variation,TEE-BLUE,,1,,,2,,15.00,19.00,,,TEE,Colour,Blue
14,variation,ORPHAN,,1,,,2,,,19.00,,,id:99,Colour,Blue
20,simple,FAN,Paper Fan,1,,Folds,7,0.05,,"1.234,50",Living,,,,
21,grouped,SET,A Set,1,,,,,,,,,,,
"""


def file(tmp_path: Path, content: str | bytes, name: str = "products.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def reasons(report) -> dict[int, str]:
    return {row.line: row.reason for row in report.rejected}


def test_shopify_products_come_in_and_bad_rows_are_named_by_their_line(tmp_path):
    report = run(file(tmp_path, SHOPIFY))
    assert report.format == "shopify"
    assert (report.new, report.pictures_left_out) == (2, 2)
    assert set(reasons(report)) == {3, 4, 8}
    assert "abc" in reasons(report)[3]
    assert "below zero" in reasons(report)[4]
    assert "handle" in reasons(report)[8]
    cup = Product.objects.get(slug="celadon-cup")
    assert cup.texts.get().description == "Thrown by hand.\n\nFired twice."
    assert cup.category.slug == "living"
    small = cup.variants.get()
    assert (small.sku, small.weight_g, small.stock, small.barcode) == ("CUP-S", 310, 12, "8801234500012")
    assert small.options == {"en": {"Size": "Small"}}
    assert small.prices.get().compare_at == Decimal("30.00")
    assert Variant.objects.get(product__slug="linen-apron").sku == "LINEN-APRON"


def test_woocommerce_variations_find_their_parent_before_and_after_it(tmp_path):
    report = run(file(tmp_path, WOOCOMMERCE))
    assert report.format == "woocommerce"
    assert report.new == 2
    assert set(reasons(report)) == {5, 7}
    tee = Product.objects.get(slug="hangul-tee")
    assert sorted(tee.variants.values_list("sku", "weight_g")) == [("TEE-BLUE", 200), ("TEE-RED", 200)]
    blue = Price.objects.get(variant__sku="TEE-BLUE")
    assert (blue.amount, blue.compare_at) == (Decimal("15.00"), Decimal("19.00"))
    assert Price.objects.get(variant__sku="FAN").amount == Decimal("1234.50")
    assert tee.category.slug == "fashion-tops"


@pytest.mark.parametrize("content", [SHOPIFY, WOOCOMMERCE])
def test_the_same_file_twice_changes_nothing(tmp_path, content):
    path = file(tmp_path, content)
    first, second = run(path), run(path)
    assert (second.new, second.changed, second.unchanged) == (0, 0, first.new)
    assert second.rejected == first.rejected


@pytest.mark.parametrize("content", [SHOPIFY, WOOCOMMERCE])
def test_a_dry_run_says_the_same_and_keeps_nothing(tmp_path, content):
    path = file(tmp_path, content)
    dry = run(path, dry_run=True)
    assert not Product.objects.exists()
    real = run(path)
    assert (dry.new, dry.rejected) == (real.new, real.rejected)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("cp949"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", "\t").encode(),
        lambda text: text.replace("Cup", "C\x00up").encode(),
    ],
    ids=["bom", "utf-16", "cp949", "crlf", "semicolon", "tab", "nul"],
)
def test_files_are_read_however_they_were_saved(tmp_path, encode):
    text = "Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\ncup,청자 Cup,C-1,24.00,3\n"
    report = run(file(tmp_path, encode(text)))
    assert report.new == 1, report.rejected
    assert ProductText.objects.get().name == "청자 Cup"


def test_an_article_number_of_another_product_is_refused(tmp_path):
    run(file(tmp_path, "Handle,Title,Variant SKU,Variant Price\na,A,X-1,1.00\n"))
    report = run(file(tmp_path, "Handle,Title,Variant SKU,Variant Price\nb,B,X-1,1.00\nc,C,Y-1,2.00\nd,D,Y-1,3.00\n"))
    assert set(reasons(report)) == {2, 4}
    assert Variant.objects.get(sku="X-1").product.slug == "a"


def review(**changes):
    return {"rating": 4, "comment": "Lovely", "date": "2026-01-02T03:04:05.000Z", "reviewerName": "Eleanor Collins",
            "reviewerEmail": "eleanor@example.com"} | changes  # fmt: skip


def test_reviews_enter_through_the_gate_and_only_once(tmp_path):
    items = [{"title": "Mascara", "price": 9.99, "stock": 3, "sku": "M-1",
              "reviews": [review(), review(rating=9), review(comment="my card 4242 4242 4242 4242", reviewerEmail="b@example.com")]}]  # fmt: skip
    path = file(tmp_path, json.dumps(items), "products.json")
    report = run(path)
    assert report.reviews == 2
    assert "rating 9" in reasons(report)[1]
    assert Collection.objects.filter(surface="import.reviews", source="products.json").count() == 2
    assert not Review.objects.filter(body__contains="4242").exists()
    assert Review.objects.filter(body__contains="my card •").exists()
    assert Review.objects.first().byline == "Eleanor C."
    assert Product.objects.get().rating_count == 2
    again = run(path)
    assert (again.new, again.changed, again.reviews, again.unchanged) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('[{"firstName": "A", "email": "a@example.com"}]', "about people"),
        ('{"carts": [{"userId": 1, "products": []}]}', "baskets"),
        ('{"products": "none"}', "no list of products"),
        ('[{"title": ', "broken JSON"),
        ("a,b,c\n1,2,3\n", "no export that is known"),
        ("", "empty"),
        (b"PK\x03\x04rest", "not a text file"),
    ],
)
def test_what_is_no_product_file_is_refused_in_one_sentence(tmp_path, content, says):
    with pytest.raises(CommandError, match=says):
        call_command("import_products", str(file(tmp_path, content)), stdout=StringIO())
    assert not Product.objects.exists()


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(CommandError):
            call_command("import_products", str(path))


def test_the_exit_status_says_whether_rows_were_rejected(tmp_path):
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("import_products", str(file(tmp_path, SHOPIFY)), stdout=out)
    assert left.value.code == 1
    assert "line 4: the price -5 is below zero" in out.getvalue()
    call_command(
        "import_products", str(file(tmp_path, "Handle,Title,Variant SKU,Variant Price\na,A,X,1\n")), stdout=out
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("₩12,000", "12000"),
        ("12,5", "12.5"),
        ("$9.99", "9.99"),
        ("７", "7"),
    ],
)
def test_numbers_are_read_as_people_write_them(text, value):
    assert neutral.number(text, "it") == Decimal(value)


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", "1.2.3.4", "--5"])
def test_what_is_no_number_is_told(text):
    with pytest.raises(BadValue):
        neutral.price(text, "USD")


@pytest.mark.skipif(not SHARED.exists(), reason="the product files beside the project are not here to read")
class TestRealFiles:
    def test_every_dummyjson_product_and_review_comes_in_and_twice_is_once(self):
        report = run(SHARED / "dummyjson-products.json")
        assert (report.new, report.changed, report.rejected) == (194, 0, [])
        assert Review.objects.count() == report.reviews == 582
        again = run(SHARED / "dummyjson-products.json")
        assert (again.new, again.changed, again.unchanged, again.reviews) == (0, 0, 194, 0)

    def test_spree_products_prices_and_translations_come_in(self):
        report = run(SHARED / "spree-products.csv")
        assert (report.new, report.rejected) == (37, [])
        assert report.prices > 70
        assert Price.objects.filter(variant__sku="BEARD-TRIMMER-7000-BLACK").count() == 2
        texts = run(SHARED / "spree-product-translations.csv")
        assert texts.rejected == []
        assert set(ProductText.objects.values_list("language", flat=True)) == {"en", "de", "fr"}
        again = run(SHARED / "spree-products.csv")
        assert (again.new, again.changed, again.prices, again.unchanged) == (0, 0, 0, 37)

    @pytest.mark.parametrize("name", ["dummyjson-users.json", "dummyjson-carts.json"])
    def test_people_and_baskets_are_not_imported(self, name):
        with pytest.raises(CommandError):
            call_command("import_products", str(SHARED / name))
        assert not Review.objects.exists()
