"""The addresses of the privacy pages."""

from django.urls import path

from privacy.views import centre, letters, policy, policy_answers

app_name = "privacy"

urlpatterns = [
    path("", centre.centre, name="centre"),
    path("choices/", centre.choose, name="choose"),
    path("write/", letters.write, name="write"),
    path("policy/", policy.policy_page, name="policy"),
    path("policy/policy.json", policy.policy_json, name="policy_json"),
    path("policy/<str:version>/", policy.policy_page, name="policy_version"),
    path("policy/<str:version>/policy.json", policy.policy_json, name="policy_version_json"),
    path("policy/<str:version>/answer/", policy_answers.answer, name="policy_answer"),
    path("policy/<str:version>/seen/", policy_answers.seen, name="policy_seen"),
    path("policy/compare/<str:before>/<str:after>/", policy.compare, name="policy_compare"),
]
