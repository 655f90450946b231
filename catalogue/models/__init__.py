"""The shape of what is sold."""

from catalogue.models.category import Category
from catalogue.models.hold import Hold
from catalogue.models.image import ProductImage
from catalogue.models.price_history import PriceHistory
from catalogue.models.product import Product, ProductText, SearchEntry
from catalogue.models.review import Review, ReviewPhotograph
from catalogue.models.variant import Price, Variant

__all__ = [
    "Category",
    "Hold",
    "Price",
    "PriceHistory",
    "Product",
    "ProductImage",
    "ProductText",
    "Review",
    "ReviewPhotograph",
    "SearchEntry",
    "Variant",
]
