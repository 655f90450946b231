"""Ways to let a value run out beside the doors: logs, answers, sessions, queues, letters, cookies."""

from __future__ import annotations

import random

from tests.campaigns.violations.tree import NAMES, Tree, violation

# Expressions for a value about a person, as they stand in code that means no harm.
VALUES = (
    "order.contact.email",
    "address.recipient",
    "profile.phone",
    "contact.email",
    "subscription.email",
    "message.sender",
    'form.cleaned_data["name"]',
    "form.cleaned_data",
    "request.POST",
    'request.META["REMOTE_ADDR"]',
    "email",
    "customer_name",
    "user.email",
    "review.author_email",
    "instrument.cardholder",
    "delivery.city",
    "serializer.validated_data",
    "profile.__dict__",
)
_KEYS = (
    "email",
    "phone",
    "customer_name",
    "recipient",
    "birth_date",
    "ip_address",
    "buyer",
    "full_name",
    "postal_code",
)


def _somewhere(tree: Tree, rng: random.Random, *rooms: str) -> str:
    return rng.choice([p for p in tree.modules(*rooms) if tree.functions(p)])


@violation("a log line with a value in it", "E017")
def log_line(tree: Tree, rng: random.Random) -> str:
    path = _somewhere(tree, rng, "domain", "views", "effects", "tasks", "api", "queries")
    line = rng.choice(
        [
            'logger.info("Done for %s", {v})',
            'logger.warning(f"No answer for {{{v}}}")',
            'logger.debug("It was {{}}".format({v}))',
            'logger.error("Failed", extra={{"what": {v}}})',
            'logging.getLogger(__name__).info("Seen: %s", {v})',
            "print({v})",
            'logger.exception("Could not write to " + str({v}))',
            'logger.info("%(who)s", {{"who": {v}}})',
            'log.info("Done", extra={{"email": 1}})',
        ]
    )
    value = rng.choice(VALUES).replace('"', "'")
    tree.into_function(path, rng, line.format(v=value))
    return f"{path}: {line.format(v=value)}"


@violation("an answer that names a value", "E021")
def json_key(tree: Tree, rng: random.Random) -> str:
    path = _somewhere(tree, rng, "views", "api")
    key = rng.choice(_KEYS)
    lines = rng.choice(
        [
            'return JsonResponse({{"{k}": 1}})',
            'return Response({{"results": [{{"{k}": 1}}]}})',
            'found = {{}}\nfound["{k}"] = 1\nreturn JsonResponse(found)',
            "return JsonResponse(dict({k}=1, ok=True))",
            'rows = people.values("pk", "{k}")',
            'rows = orders.values_list("contact__email")',
        ]
    ).format(k=key)
    tree.into_function(path, rng, lines)
    return f"{path}: {lines!r}"


@violation("an address that carries a value", "E021")
def address(tree: Tree, rng: random.Random) -> str:
    path = _somewhere(tree, rng, "views", "domain", "effects", "queries")
    key = rng.choice(_KEYS)
    line = rng.choice(
        ['link = "/thanks/?{k}=" + str(x)', 'link = f"/next?step=2&{k}={{x}}"', 'link = urlencode({{"{k}": x}})']
    )
    tree.into_function(path, rng, line.format(k=key))
    return f"{path}: {line.format(k=key)}"


@violation("a session or a cache that keeps a value", "E026")
def kept_beside(tree: Tree, rng: random.Random) -> str:
    path = _somewhere(tree, rng, "views", "domain")
    value = rng.choice(VALUES)
    line = rng.choice(
        [
            'request.session["{k}"] = 1',
            'request.session["seen"] = {v}',
            'cache.set("last", {v}, 60)',
            'cache.set(f"seen:{{contact.email}}", 1)',
            'caches["default"].add("k", {v})',
        ]
    ).format(k=rng.choice(_KEYS), v=value)
    tree.into_function(path, rng, line)
    return f"{path}: {line}"


@violation("a queue that carries a value", "E026")
def queued(tree: Tree, rng: random.Random) -> str:
    path = _somewhere(tree, rng, "domain", "views")
    line = rng.choice(
        [
            "relay.delay({v})",
            "relay.apply_async(args=[{v}])",
            'enqueue("orders.confirmation_mail", key="k", {k}="x")',
            'enqueue("orders.confirmation_mail", key=f"k:{{contact.email}}", order_id=1)',
            'app.send_task("privacy.relay", kwargs={{"{k}": {v}}})',
        ]
    ).format(k=rng.choice(_KEYS), v=rng.choice(VALUES))
    tree.into_function(path, rng, line)
    return f"{path}: {line}"


@violation("a JSON column that takes a value", "E026")
def json_column(tree: Tree, rng: random.Random) -> str:
    path = _somewhere(tree, rng, "domain")
    key = rng.choice(_KEYS)
    line = rng.choice(
        [
            'Effect.objects.create(kind="x", ids={{"{k}": 1}})',
            'variant.options = {{"{k}": 1}}',
            'variant.options["{k}"] = 1',
            'product.names.update({{"{k}": 1}})',
            "Variant(options=dict({k}=1))",
        ]
    ).format(k=key)
    tree.into_function(path, rng, line)
    return f"{path}: {line}"


@violation("a task or an effect that takes a value", "E020")
def task_parameter(tree: Tree, rng: random.Random) -> str:
    name = rng.choice([*NAMES, "order", "payload", "text", "to"])
    if rng.random() < 0.5:
        path = rng.choice(["orders/tasks.py", "privacy/tasks.py", "cookies/tasks.py"])
        tree.append(
            path, f'\n\n@shared_task(name="x.more")\ndef more(order_id: int, {name}: str) -> None:\n    """More."""\n'
        )
    else:
        path = rng.choice(["orders/effects.py", "accounts/effects.py", "marketing/effects.py"])
        tree.append(
            path, f'\n\n@effect("x.more")\ndef more(order_id: int, {name}: str = "") -> None:\n    """More."""\n'
        )
    return f"{path}: {name}"


@violation("a mail that is sent past the door", "E018")
def mail(tree: Tree, rng: random.Random) -> str:
    path = _somewhere(tree, rng, "domain", "views", "effects", "tasks")
    lines = rng.choice(
        [
            "from django.core.mail import send_mail\nsend_mail('Hello', 'x', None, ['a@b.example'])",
            "from django.core.mail import EmailMessage\nEmailMessage('Hello', to=['a@b.example']).send()",
            "from django.core import mail\nmail.mail_admins('Hello', 'x')",
            "import smtplib\nsmtplib.SMTP('localhost')",
            "request.user.email_user('Hello', 'x')",
            "import django.core.mail\ndjango.core.mail.send_mass_mail([])",
        ]
    )
    tree.into_function(path, rng, lines)
    return f"{path}: {lines.splitlines()[0]}"


@violation("a cookie that is not declared", "E019")
def cookie(tree: Tree, rng: random.Random) -> str:
    if rng.random() < 0.2:
        tree.append("kmall24/static/kmall24/quiet.js", "\ndocument.cookie = 'visitor=1';\n")
        return "quiet.js"
    path = _somewhere(tree, rng, "views", "middleware")
    line = rng.choice(
        [
            'response.set_cookie("visitor", "1")',
            'response.set_signed_cookie("_ga", "1")',
            "response.set_cookie(name, '1')",
            'response.set_cookie(key="last_seen", value="1", max_age=60)',
            'response.cookies["ab_test"] = "1"',
            'response["Set-Cookie"] = "visitor=1"',
        ]
    )
    tree.into_function(path, rng, line)
    return f"{path}: {line}"


@violation("a log line with a value under another name", "E017")
def renamed_and_logged(tree: Tree, rng: random.Random) -> str:
    path = _somewhere(tree, rng, "domain", "views", "effects", "tasks", "api", "queries")
    value = rng.choice([v for v in VALUES if "cleaned_data" not in v and "request." not in v and "serializer" not in v])
    lines = rng.choice(
        [
            'who = {v}\nlogger.info("Done for %s", who)',
            'what = "for " + str({v})\nlogger.warning(what)',
            'a = {v}.strip().lower()\nb = "it was " + a\nlogging.getLogger("x").error(b)',
            "rows = [1, {v}]\nprint(rows)",
        ]
    ).format(v=value)
    tree.into_function(path, rng, lines)
    return f"{path}: {lines!r}"


@violation("an answer with a value under a name that says nothing", "E021")
def answered_under_another_name(tree: Tree, rng: random.Random) -> str:
    path = _somewhere(tree, rng, "views", "api")
    value = rng.choice(
        ["order.contact.email", "profile.phone", "address.recipient", "review.author_email", "delivery.city"]
    )
    lines = rng.choice(
        [
            'return JsonResponse({{"to": {v}}})',
            'return Response([{{"x": {v}}}])',
            'found = {{"to": {v}}}\nreturn JsonResponse(found)',
            'who = {v}\nreturn JsonResponse({{"w": who}})',
        ]
    ).format(v=value)
    tree.into_function(path, rng, lines)
    return f"{path}: {lines!r}"
