"""The API's addresses, version 1, and its description."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.routers import DefaultRouter

from accounts.api import AddressViewSet
from catalogue.api import ProductViewSet
from marketing.api import opt_out
from marketing.api_devices import DeviceViewSet
from orders.api import BasketLineViewSet
from orders.api_checkout import OrderViewSet
from orders.api_reviews import ReviewViewSet
from privacy.api import PrivacyRequestViewSet
from privacy.views.status import RequestStatusView

router = DefaultRouter()
router.include_root_view = False
# One address for one thing; the kind of answer is asked for by a header.
router.include_format_suffixes = False
router.register("products", ProductViewSet, basename="product")
router.register("basket/lines", BasketLineViewSet, basename="basket-line")
router.register("orders", OrderViewSet, basename="order")
router.register("reviews", ReviewViewSet, basename="review")
router.register("addresses", AddressViewSet, basename="address")
router.register("marketing/devices", DeviceViewSet, basename="device")
router.register("privacy-requests", PrivacyRequestViewSet, basename="privacy-request")

schema = login_not_required(SpectacularAPIView.as_view(permission_classes=[AllowAny], authentication_classes=[]))

urlpatterns = [
    path("schema/", schema, name="schema"),
    path("privacy-requests/<uuid:pk>", RequestStatusView.as_view(), name="privacy_request"),
    path("marketing/opt-out", opt_out, name="opt_out"),
    path("", include(router.urls)),
]
