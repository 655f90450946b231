"""Stub."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import path

app_name = "cookies"
urlpatterns = [path("", login_not_required(lambda request: HttpResponse("")), name="page")]
