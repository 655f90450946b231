"""Ways to break the policy in what people and staff see: forms, serializers, pages, the admin."""

from __future__ import annotations

import random
import re

from tests.campaigns.violations.tree import LABELS, NAMES, Tree, violation

_PLAIN_FORMS = (
    ("orders/forms.py", "QuantityForm"),
    ("orders/forms.py", "AddForm"),
    ("privacy/page_forms.py", "ChoicesForm"),
    ("cookies/forms.py", "GroupsForm"),
)


def _form_field(rng: random.Random, name: str) -> str:
    kind = "EmailField" if "mail" in name.lower() else rng.choice(["CharField", "CharField", "RegexField"])
    more = 'regex=".*", ' if kind == "RegexField" else ""
    return f'{name} = forms.{kind}({more}label="{rng.choice(LABELS)}", required=False)'


@violation("a field of a form with a notice that the notice does not speak of", "E016")
def uncollected_field(tree: Tree, rng: random.Random) -> str:
    path, name = rng.choice(tree.classes("PersonalForm"))
    field = rng.choice([*NAMES, "remark", "anything_else", "how_did_you_hear"])
    tree.into_class(path, name, _form_field(rng, field))
    return f"{path}: {name}.{field}"


@violation("a personal field in a form without a notice", "E015")
def field_without_notice(tree: Tree, rng: random.Random) -> str:
    path, name = rng.choice(_PLAIN_FORMS)
    field = rng.choice(NAMES)
    tree.into_class(path, name, _form_field(rng, field))
    return f"{path}: {name}.{field}"


@violation("a new form about people without a notice", "E015")
def form_without_notice(tree: Tree, rng: random.Random) -> str:
    path = rng.choice(["orders/forms.py", "marketing/forms.py", "accounts/forms.py", "privacy/page_forms.py"])
    field = rng.choice(NAMES)
    tree.append(path, f'\n\nclass RaffleForm(forms.Form):\n    """Take part."""\n\n    {_form_field(rng, field)}\n')
    return f"{path}: RaffleForm.{field}"


@violation("a form that leaves the adapter", "E015")
def form_leaves_adapter(tree: Tree, rng: random.Random) -> str:
    path, name = rng.choice(
        [pair for pair in tree.classes("PersonalForm") if pair[1] not in ("SignUpForm", "AddEmailForm")]
    )
    tree.write(path, re.sub(rf"(class {name}\([^)]*)PersonalForm\b", r"\1forms.Form", tree.text(path), count=1))
    return f"{path}: {name}"


@violation("another package's form in the place of ours", "E015")
def form_of_another_package(tree: Tree, rng: random.Random) -> str:
    line = rng.choice(['"signup": "accounts.forms.SignUpForm",', '"add_email": "accounts.forms.AddEmailForm",'])
    tree.replace("kmall24/settings.py", line, "")
    return line


@violation("a model form over a record about a person", "E015")
def model_form(tree: Tree, rng: random.Random) -> str:
    model, fields = rng.choice(
        [("Profile", '["name"]'), ("SavedAddress", '["city", "street"]'), ("Profile", '"__all__"')]
    )
    tree.append(
        "accounts/forms.py",
        f"""

class QuickForm(forms.ModelForm):
    class Meta:
        model = __import__("accounts.models", fromlist=["x"]).{model}
        fields = {fields}
""",
    )
    return f"QuickForm over {model} {fields}"


@violation("a serializer with a personal field and no notice", "E015")
def serializer_field(tree: Tree, rng: random.Random) -> str:
    path, name = rng.choice(tree.classes("Serializer"))
    field = rng.choice(NAMES)
    more = rng.choice(["", "read_only=True", "required=False"])
    tree.into_class(path, name, f"{field} = serializers.CharField({more})")
    return f"{path}: {name}.{field}"


@violation("a plain serializer over a record about a person", "E015")
def model_serializer(tree: Tree, rng: random.Random) -> str:
    model, fields = rng.choice(
        [("accounts.models.SavedAddress", '["id", "city"]'), ("accounts.models.Profile", '"__all__"')]
    )
    where, _, name = model.rpartition(".")
    tree.append(
        "accounts/api.py",
        f"""

class RawSerializer(serializers.ModelSerializer):
    class Meta:
        model = __import__("{where}", fromlist=["x"]).{name}
        fields = {fields}
""",
    )
    return f"RawSerializer over {model} {fields}"


@violation("a serializer without its box or its notice", "E016")
def serializer_without_box(tree: Tree, rng: random.Random) -> str:
    name = rng.choice(["notice", "no_marketing"])
    tree.replace("accounts/api.py", f', "{name}"', "")
    return name


@violation("a serializer that asks more than its record holds", "E016")
def serializer_asks_more(tree: Tree, rng: random.Random) -> str:
    field = rng.choice([*NAMES, "remark"])
    tree.into_class("accounts/api.py", "AddressSerializer", f"{field} = serializers.CharField(required=False)")
    tree.replace("accounts/api.py", 'fields = ["id", ', f'fields = ["id", "{field}", ')
    return field


@violation("an input written into a template by hand", "E022")
def template_input(tree: Tree, rng: random.Random) -> str:
    path = rng.choice(
        [
            "orders/templates/orders/basket.html",
            "kmall24/templates/home.html",
            "catalogue/templates/catalogue/product.html",
        ]
    )
    tag = rng.choice(
        [
            '<input type="email" name="x">',
            '<input name="{name}">',
            '<textarea name="{name}"></textarea>',
            '<input name="t" autocomplete="tel">',
            '<input type="text" name="q2" autocomplete="shipping street-address">',
        ]
    ).replace("{name}", rng.choice(NAMES))
    tree.append(path, f"{{% block more %}}<form method='post'>{tag}</form>{{% endblock %}}\n")
    return f"{path}: {tag}"


@violation("a value that a view takes out of a request by hand", "E022")
def read_by_hand(tree: Tree, rng: random.Random) -> str:
    path = rng.choice([p for p in tree.modules("views", "api") if tree.functions(p)])
    name = rng.choice(NAMES)
    line = rng.choice(
        [
            'who = request.POST["{n}"]',
            'who = request.POST.get("{n}", "")',
            'who = request.data["{n}"]',
            'who = request.GET.get("{n}")',
        ]
    ).replace("{n}", name)
    tree.into_function(path, rng, line)
    return f"{path}: {line}"


def _admin(tree: Tree, rng: random.Random, base: str) -> tuple[str, str]:
    return rng.choice([(path, name) for path, name in tree.classes(base) if path.endswith("admin.py")])


@violation("a plain admin over a record about a person", "E009")
def plain_admin(tree: Tree, rng: random.Random) -> str:
    path, name = _admin(tree, rng, "PersonalAdmin")
    text = tree.text(path)
    tree.write(
        path, re.sub(rf"class {name}\(([^)]*)PersonalAdmin\)", rf"class {name}(\1admin.ModelAdmin)", text, count=1)
    )
    return f"{path}: {name}"


@violation("a plain inline over a record about a person", "E009")
def plain_inline(tree: Tree, rng: random.Random) -> str:
    path, name = _admin(tree, rng, "PersonalInline")
    text = tree.text(path)
    tree.write(
        path, re.sub(rf"class {name}\(([^)]*)PersonalInline\)", rf"class {name}(\1admin.StackedInline)", text, count=1)
    )
    return f"{path}: {name}"


@violation("an admin that shows a value unmasked", "E009")
def unmasked(tree: Tree, rng: random.Random) -> str:
    path, column = rng.choice(
        [
            ("accounts/admin.py", "masked_phone"),
            ("accounts/admin.py", "masked_city"),
            ("orders/admin.py", "masked_recipient"),
            ("orders/admin.py", "masked_email"),
            ("marketing/admin.py", "masked_email"),
            ("catalogue/admin.py", "masked_author_email"),
        ]
    )
    tree.replace(path, f'"{column}"', f'"{column.removeprefix("masked_")}"')
    return f"{path}: {column}"


@violation("an admin that lists people by a value", "E009")
def filtered(tree: Tree, rng: random.Random) -> str:
    path, name, column = rng.choice(
        [
            ("accounts/admin.py", "SavedAddressAdmin", "city"),
            ("orders/admin.py", "DeliveryAddressAdmin", "country"),
            ("orders/admin.py", "OrderAdmin", "delivery_address__postal_code"),
            ("accounts/admin.py", "UserAdmin", "emailaddress__email"),
        ]
    )
    text = tree.text(path)
    start = text.index(f"class {name}(")
    end = text.find("\n@admin.register", start)
    body = text[start : end if end > 0 else len(text)]
    if "list_filter = [" in body:
        changed = body.replace("list_filter = [", f'list_filter = ["{column}", ', 1)
    else:
        changed = body.replace("    list_display", f'    list_filter = ["{column}"]\n    list_display', 1)
    tree.write(path, text.replace(body, changed, 1))
    return f"{path}: {name} by {column}"


@violation("a column or an export of the staff's pages that gives values out", "E027")
def given_out(tree: Tree, rng: random.Random) -> str:
    name, lines = rng.choice(
        [
            ("OrderAdmin", "def buyer(self, order):\n    return order.contact.email"),
            (
                "OrderAdmin",
                'def ships_to(self, order):\n    return f"{order.delivery_address.city} {order.delivery_address.street}"',
            ),
            (
                "OrderAdmin",
                "def export(self, request, chosen):\n    import csv\n    out = csv.writer(request)\n    for order in chosen:\n"
                "        out.writerow([order.number, order.contact.email])",
            ),
            ("PaymentAdmin", "def card(self, payment):\n    return payment.instrument.cardholder"),
        ]
    )
    tree.into_class("orders/admin.py", name, lines)
    return f"{name}: {lines.splitlines()[0]}"


@violation("a question of a plain form whose name says nothing and whose words say all", "E015")
def wordy_question(tree: Tree, rng: random.Random) -> str:
    path, name = rng.choice(_PLAIN_FORMS)
    field = rng.choice(
        [
            'forms.CharField(label="Your phone number")',
            'forms.CharField(label="Date of birth")',
            'forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "email"}))',
            "forms.EmailField()",
            'forms.CharField(label="Your full name", required=False)',
            "forms.ImageField()",
        ]
    )
    tree.into_class(path, name, f"q7 = {field}")
    return f"{path}: {name}.q7 = {field}"
