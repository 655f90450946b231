"""Invoice and packing slip, in the language in which the order was placed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.countries import country_name
from catalogue.pricing import formatted
from orders.documents.sheet import SMALL, TITLE, Paragraph, build, gap, lines, table

if TYPE_CHECKING:
    from orders.models import Order, Parcel

_WIDTHS = [250.0, 70.0, 80.0, 90.0]


def invoice_pdf(order: Order) -> bytes:
    """What was bought, for how much, with tax and discount, and what was given back since."""
    with translation.override(order.language):
        title = _("Invoice %(number)s") % {"number": order.number}
        rows = [[_("Goods"), _("Pieces"), _("Price"), _("Sum")]]
        rows += [
            [
                f"{line.name} {line.options}".strip(),
                str(line.quantity),
                formatted(line.unit_money),
                formatted(line.total_money),
            ]
            for line in order.lines.all()
        ]
        sums = [(_("Goods"), order.goods_money), (_("Shipping"), order.shipping_money)]
        sums += [(row["name"], -row["money"]) for row in order.reductions]
        sums += [(_("Discount"), -order.discount_money)] if order.discount_total and not order.discounts else []
        sums += [(_("Tax"), order.tax_money)] if order.tax_total else []
        sums.append((_("Total"), order.total_money))
        rows += [[words, "", "", formatted(amount)] for words, amount in sums]
        back = [r for p in order.payments.all() for r in p.refunds.all() if r.state == r.State.DONE]
        rows += [[_("Given back"), "", "", formatted(-refund.money)] for refund in back]
        story = [
            Paragraph(title, TITLE),
            lines(settings.OPERATOR_NAME, settings.OPERATOR_ADDRESS, settings.PRIVACY_MAILBOX),
            gap(),
            lines(
                _("Placed on %(day)s") % {"day": date_format(localtime(order.placed_at), "DATE_FORMAT")},
                _("Paid on %(day)s") % {"day": date_format(localtime(order.paid_at), "DATE_FORMAT")}
                if order.paid_at
                else "",
            ),
            gap(),
            lines(*_address(order)),
            gap(),
            table(rows, _WIDTHS, totals=len(sums) + len(back)),
        ]
        return _written(title, story)


def packing_slip_pdf(parcel: Parcel) -> bytes:
    """What is in a parcel and where it goes; no prices, since it may be a gift."""
    order = parcel.order
    with translation.override(order.language):
        title = _("Packing slip %(number)s") % {"number": order.number}
        rows = [[_("Goods"), _("Article"), _("Pieces")]]
        rows += [
            [f"{row.line.name} {row.line.options}".strip(), row.line.sku, str(row.quantity)]
            for row in parcel.lines.select_related("line")
        ]
        story = [
            Paragraph(title, TITLE),
            lines(*_address(order)),
            gap(),
            table(rows, [300.0, 130.0, 60.0]),
            gap(),
            lines(
                _("This paper was printed for this parcel. It is removed from our store soon after delivery."),
                style=SMALL,
            ),
        ]
        return _written(title, story)


def _address(order: Order) -> list[str]:
    delivery = getattr(order, "delivery_address", None)
    if delivery is None:
        return [_("The address of this order is not kept any more.")]
    place = " ".join(filter(None, [delivery.postal_code, delivery.city, delivery.state]))
    return [delivery.recipient, delivery.street, delivery.street_2, place, country_name(delivery.country)]


def _written(title: str, story: list[object]) -> bytes:
    file = io.BytesIO()
    build(file, title, story)
    return file.getvalue()
