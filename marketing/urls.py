"""The addresses for news by e-mail."""

from django.urls import path

from marketing import views

app_name = "marketing"

urlpatterns = [
    path("subscribe/", views.subscribe, name="subscribe"),
    path("asked/", views.asked, name="asked"),
    path("confirm/<uuid:token>/", views.confirm, name="confirm"),
    path("choices/<uuid:token>/", views.choices, name="choices"),
    path("leave/<uuid:token>/", views.leave, name="leave"),
]
