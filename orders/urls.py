"""The addresses of basket, checkout and orders."""

from django.urls import path

from orders.views import aftersale, basket, checkout, history, payment, review

app_name = "orders"

urlpatterns = [
    path("basket/", basket.basket_page, name="basket"),
    path("basket/add/", basket.basket_add, name="basket_add"),
    path("basket/update/", basket.basket_update, name="basket_update"),
    path("basket/remove/", basket.basket_remove, name="basket_remove"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("checkout/pay/<str:number>/", payment.pay, name="pay"),
    path("checkout/return/<str:number>/", payment.payment_return, name="payment_return"),
    path("checkout/return/<str:number>/confirm/", payment.payment_confirm, name="payment_confirm"),
    path("checkout/thank-you/<str:number>/", payment.thank_you, name="thank_you"),
    path("orders/", history.order_lookup, name="lookup"),
    path("orders/code/", history.order_lookup_code, name="lookup_code"),
    path("orders/history/", history.order_history, name="history"),
    path("orders/<str:number>/cancel/", aftersale.cancel_order, name="cancel"),
    path("orders/<str:number>/return/", aftersale.return_goods, name="return_goods"),
    path("orders/<str:number>/invoice/", aftersale.invoice, name="invoice"),
    path("orders/<str:number>/review/<slug:slug>/", review.review_product, name="review"),
    path("orders/<str:number>/claim/", aftersale.claim_order, name="claim"),
    path("orders/<str:number>/", history.order_detail, name="detail"),
]
