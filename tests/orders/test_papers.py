"""Invoice, packing slip and tracking numbers."""

import io

import pytest
from django.utils import translation
from pypdf import PdfReader

from orders.courier import s10
from orders.documents.papers import invoice_pdf, packing_slip_pdf
from orders.models import DeliveryAddress, Order, Parcel
from tests.orders.conftest import provider, store  # noqa: F401, fixtures
from tests.orders.shop import variant
from tests.orders.test_parcels import _courier, paid_order, sent  # noqa: F401, fixtures

pytestmark = pytest.mark.usefixtures("store")


def test_papers_are_made_in_the_orders_language_and_name_nobody_that_is_erased():
    order = paid_order(variant("TEA"))
    parcel = sent(order)
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(invoice_pdf(order))).pages)
    assert order.number in words
    assert "$" in words
    assert "Mina Kim" in words
    slip = "".join(page.extract_text() for page in PdfReader(io.BytesIO(packing_slip_pdf(parcel))).pages)
    assert "TEA" in slip
    assert "$" not in slip
    DeliveryAddress.objects.filter(order=order).delete()
    order = Order.objects.get(pk=order.pk)
    assert "not kept any more" in "".join(p.extract_text() for p in PdfReader(io.BytesIO(invoice_pdf(order))).pages)
    Order.objects.update(language="ko")
    order, slip = Order.objects.get(), Parcel.objects.get()
    for paper, title in (
        (invoice_pdf(order), "Invoice %(number)s"),
        (packing_slip_pdf(slip), "Packing slip %(number)s"),
    ):
        korean = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
        with translation.override("ko"):
            in_korean = translation.gettext(title) % {"number": ""}
        assert in_korean.strip() != (title % {"number": ""}).strip()
        assert in_korean.strip() in korean


class TestS10:
    @pytest.mark.parametrize(
        "number",
        # An ordinary one, one whose check digit would be 10 and is 0, and one where it would be 11 and is 5.
        ["EE473124829KR", "RR123456785KR", "RR003000000KR", "CP000000005KR"],
    )
    def test_known_numbers_are_right(self, number):
        assert s10.is_valid(number)
        assert s10.number(number[:2], int(number[2:10])) == number
        for other in set("0123456789") - {number[10]}:
            assert not s10.is_valid(number[:10] + other + number[11:])

    def test_upu_example(self):
        assert s10.is_valid("RR473124829GB")

    def test_a_mistyped_digit_hardly_ever_passes(self):
        """Two remainders share the digit 5, which is the standard's own weakness; everything else is found."""
        tried = passed = 0
        for serial in range(12345600, 12345700):
            number = s10.number("EE", serial)
            for place in range(2, 11):
                for digit in set("0123456789") - {number[place]}:
                    tried += 1
                    passed += s10.is_valid(number[:place] + digit + number[place + 1 :])
        assert passed / tried < 0.03
