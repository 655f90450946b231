"""The addresses of events."""

from django.urls import path

from marketing import views_events as views

app_name = "events"

urlpatterns = [
    path("", views.event_list, name="list"),
    path("mine/<uuid:token>/", views.own, name="own"),
    path("photographs/<uuid:key>.jpg", views.picture, name="picture"),
    path("<slug:slug>/", views.event_detail, name="detail"),
    path("<slug:slug>/registered/", views.registered, name="registered"),
    path("<slug:slug>/event.ics", views.calendar, name="calendar"),
]
