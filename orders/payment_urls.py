"""Where the payment provider calls: outside of languages, since no person reads it."""

from django.urls import path

from orders.views.webhook import payment_webhook

urlpatterns = [path("webhook/", payment_webhook, name="payment_webhook")]
