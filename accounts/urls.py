"""The addresses of an account's pages. They come before allauth's under the same prefix, and shadow one of them."""

from django.urls import path, re_path

from accounts import staff_views, views

app_name = "accounts"

urlpatterns = [
    path("", views.home, name="home"),
    path("profile/", views.profile, name="profile"),
    path("addresses/", views.addresses, name="addresses"),
    path("addresses/add/", views.add_address, name="add_address"),
    path("addresses/<int:pk>/", views.change_address, name="change_address"),
    path("addresses/<int:pk>/first/", views.put_address_first, name="put_address_first"),
    path("addresses/<int:pk>/remove/", views.remove_address, name="remove_address"),
    path("sign-out-everywhere/", views.sign_out_of_everything, name="sign_out_everywhere"),
    path("second-factor/", staff_views.overview, name="second_factor"),
    path("second-factor/add/", staff_views.add, name="second_factor_add"),
    path("second-factor/codes/", staff_views.renew_codes, name="second_factor_codes"),
    path("second-factor/take-off/", staff_views.take_off, name="second_factor_take_off"),
    # The same path as `account_confirm_email`, which links are made from: this view answers it.
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", views.ConfirmEmail.as_view(), name="confirm_email"),
]
