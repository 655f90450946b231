"""The addresses of the privacy pages."""

from django.urls import path

from privacy.views import (
    centre,
    copies,
    inbound,
    ledger,
    letters,
    policy,
    policy_answers,
    receipts,
    requests,
    transparency,
)

app_name = "privacy"

urlpatterns = [
    path("", centre.centre, name="centre"),
    path("choices/", centre.choose, name="choose"),
    path("write/", letters.write, name="write"),
    path("requests/<uuid:pk>/", requests.case, name="case"),
    path("requests/<uuid:pk>/code/", requests.confirm_by_code, name="confirm_by_code"),
    path("requests/link/<str:link>/", requests.case_by_link, name="case_by_link"),
    path("requests/confirm/<str:link>/", requests.confirm, name="confirm"),
    path("requests/wrong/<str:key>/", requests.contest, name="contest"),
    path("recipients/answer/<str:link>/", requests.recipient_answer, name="recipient_answer"),
    path("copy/", copies.mine, name="copy"),
    path("copy/<str:token>/", copies.by_link, name="copy_by_link"),
    path("inbound/", inbound.inbound, name="inbound"),
    path("inbound/<path:service>", inbound.by_service, name="inbound_by_service"),
    path("transparency", transparency.transparency_page, name="transparency"),
    path("policy/", policy.policy_page, name="policy"),
    path("policy/policy.json", policy.policy_json, name="policy_json"),
    path("policy/<str:version>/", policy.policy_page, name="policy_version"),
    path("policy/<str:version>/policy.json", policy.policy_json, name="policy_version_json"),
    path("policy/<str:version>/answer/", policy_answers.answer, name="policy_answer"),
    path("policy/<str:version>/seen/", policy_answers.seen, name="policy_seen"),
    path("policy/compare/<str:before>/<str:after>/", policy.compare, name="policy_compare"),
    path("ledger/head", ledger.head, name="ledger_head"),
    path("ledger/inclusion", ledger.inclusion, name="ledger_inclusion"),
    path("ledger/consistency", ledger.consistency, name="ledger_consistency"),
    path("receipts/verify/", receipts.verify, name="receipt_verify"),
    path("receipts/<uuid:event>/", receipts.mine, name="receipt"),
    path("receipts/<uuid:event>/receipt.<str:form>", receipts.mine_as, name="receipt_as"),
    path("receipts/link/<str:token>/", receipts.by_link, name="receipt_by_link"),
    path("receipts/link/<str:token>/receipt.<str:form>", receipts.by_link_as, name="receipt_by_link_as"),
]
