"""The addresses for news."""

from django.urls import path

from marketing import views, views_texts

app_name = "marketing"

urlpatterns = [
    path("subscribe/", views.subscribe, name="subscribe"),
    path("asked/", views.asked, name="asked"),
    path("confirm/<uuid:token>/", views.confirm, name="confirm"),
    path("choices/<uuid:token>/", views.choices, name="choices"),
    path("choices/", views.own_choices, name="own_choices"),
    path("choices/<uuid:token>/texts/", views_texts.texts_by_link, name="texts_by_link"),
    path("texts/", views_texts.texts, name="texts"),
    path("texts/<str:ticket>/", views_texts.text_code, name="text_code"),
    path("leave/<uuid:token>/", views.leave, name="leave"),
]
