"""The addresses of the privacy pages."""

from django.urls import path

from privacy.views import centre, letters, policy

app_name = "privacy"

urlpatterns = [
    path("", centre.centre, name="centre"),
    path("choices/", centre.choose, name="choose"),
    path("write/", letters.write, name="write"),
    path("policy/", policy.policy_page, name="policy"),
    path("policy/policy.json", policy.policy_json, name="policy_json"),
    path("policy/<str:version>/", policy.policy_page, name="policy_version"),
]
