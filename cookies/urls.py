"""`cookies:page` for the store, and the names that django-cookie-consent's own code looks for."""

from django.urls import include, path

from cookies import views

_named = [
    path("", views.page, name="page"),
    path("choose/", views.ChooseView.as_view(), name="choose"),
]

urlpatterns = [
    path("", include((_named, "cookies"))),
    path("accept/", views.AcceptView.as_view(), name="cookie_consent_accept"),
    path("decline/", views.DeclineView.as_view(), name="cookie_consent_decline"),
    path("status/", views.StatusView.as_view(), name="cookie_consent_status"),
    path("", views.page, name="cookie_consent_cookie_group_list"),
]
