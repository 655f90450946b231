"""The shape of a sale. Whose it is stands apart, in the four personal records, so that the books outlive the person."""

from orders.models.action import OrderAction
from orders.models.basket import Basket, BasketLine
from orders.models.kept_answer import KeptAnswer
from orders.models.lookup import LookupTally
from orders.models.odd_payment import OddPayment
from orders.models.offer import Offer, OfferAmount, OfferTally, OfferUse
from orders.models.order import Order, OrderLine
from orders.models.parcel import Parcel, ParcelLabel, ParcelLine, ParcelScan
from orders.models.payment import Payment, PaymentEvent, PaymentInstrument
from orders.models.personal import DeliveryAddress, OrderContact
from orders.models.refund import Refund
from orders.models.returning import ReturnLine, ReturnNote, ReturnRequest
from orders.models.shipping import ShippingRate, ShippingZone
from orders.models.tax import ExchangeRate, TaxRule

__all__ = [
    "Basket",
    "BasketLine",
    "DeliveryAddress",
    "ExchangeRate",
    "KeptAnswer",
    "LookupTally",
    "OddPayment",
    "Offer",
    "OfferAmount",
    "OfferTally",
    "OfferUse",
    "Order",
    "OrderAction",
    "OrderContact",
    "OrderLine",
    "Parcel",
    "ParcelLabel",
    "ParcelLine",
    "ParcelScan",
    "Payment",
    "PaymentEvent",
    "PaymentInstrument",
    "Refund",
    "ReturnLine",
    "ReturnNote",
    "ReturnRequest",
    "ShippingRate",
    "ShippingZone",
    "TaxRule",
]
