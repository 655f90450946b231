"""The two pages of allauth on which a code is typed; setting a factor up has pages of our own."""

from allauth.mfa.base import views
from django.urls import path

urlpatterns = [
    path("code/", views.authenticate, name="mfa_authenticate"),
    path("code/again/", views.reauthenticate, name="mfa_reauthenticate"),
]
