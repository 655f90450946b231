"""The addresses of surveys."""

from django.urls import path

from marketing import views_surveys as views

app_name = "surveys"

urlpatterns = [
    path("", views.survey_list, name="list"),
    path("<slug:slug>/", views.answer, name="answer"),
    path("<slug:slug>/thanks/", views.thanks, name="thanks"),
    path("<slug:slug>/invited/<str:ticket>/", views.answer_invited, name="invited"),
    path("<slug:slug>/<uuid:key>/", views.answer_about_order, name="order"),
]
