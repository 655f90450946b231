"""The addresses of the privacy pages."""

from django.urls import path

from privacy import views

app_name = "privacy"

urlpatterns = [
    path("", views.centre, name="centre"),
    path("choices/", views.choose, name="choose"),
    path("write/", views.write, name="write"),
    path("policy/", views.policy_page, name="policy"),
    path("policy/policy.json", views.policy_json, name="policy_json"),
    path("policy/<str:version>/", views.policy_page, name="policy_version"),
]
