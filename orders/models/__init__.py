"""The shape of a sale. Whose it is stands apart, in the four personal records, so that the books outlive the person."""

from orders.models.basket import Basket, BasketLine
from orders.models.lookup import LookupTally
from orders.models.order import Order, OrderLine
from orders.models.payment import Payment, PaymentEvent, PaymentInstrument
from orders.models.personal import DeliveryAddress, OrderContact
from orders.models.shipping import ShippingRate, ShippingZone

__all__ = [
    "Basket",
    "BasketLine",
    "DeliveryAddress",
    "LookupTally",
    "Order",
    "OrderContact",
    "OrderLine",
    "Payment",
    "PaymentEvent",
    "PaymentInstrument",
    "ShippingRate",
    "ShippingZone",
]
