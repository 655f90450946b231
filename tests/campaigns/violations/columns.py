"""Ways to break the policy in the models and their migrations."""

from __future__ import annotations

import random
import re

from tests.campaigns.violations.tree import NAMES, Tree, violation

_TYPES = (
    "models.CharField(max_length=120, blank=True)",
    "models.TextField(blank=True)",
    "models.EmailField(blank=True)",
    "models.JSONField(default=dict)",
    "models.CharField(max_length=40, null=True)",
    "models.GenericIPAddressField(null=True)",
    "models.URLField(blank=True)",
)
_NAMELESS = ("remark", "extra", "note_2", "more", "details", "tag", "answer", "value_3")
_CATEGORIES = (
    "NAME",
    "EMAIL",
    "PHONE",
    "SOCIAL",
    "SELF_IMAGE",
    "DEMOGRAPHIC",
    "INTERESTS",
    "SURVEY_RESPONSE",
    "BROWSING_HISTORY",
)


def _plain(tree: Tree, rng: random.Random) -> tuple[str, str]:
    """A model that says it holds nothing personal."""
    found = [
        (path, name)
        for path, name in tree.classes("Model")
        if "/models/" in path
        and re.search(rf"class {name}\(models\.Model\):.*?no_personal_data = ", tree.text(path), re.DOTALL)
    ]
    return rng.choice(found)


def _personal_import(tree: Tree, path: str) -> None:
    tree.import_into(path, "from privacy.declaration import Category, Keep, Origin, Purpose, personal")


@violation("an undeclared field in a record about a person", "E004")
def undeclared_field(tree: Tree, rng: random.Random) -> str:
    path, name = rng.choice(tree.classes("PersonalRecord"))
    field = rng.choice(NAMES + _NAMELESS).lower() + "_x"
    tree.into_class(path, name, f"{field} = {rng.choice(_TYPES)}")
    return f"{path}: {name}.{field}"


@violation("a personal field in a model that says it holds none", "E004")
def telling_field(tree: Tree, rng: random.Random) -> str:
    path, name = _plain(tree, rng)
    field = re.sub(r"(?<!^)(?=[A-Z])", "_", rng.choice(NAMES)).lower()
    kind = "models.DateField(null=True)" if "birth" in field or field == "dob" else rng.choice(_TYPES[:3])
    tree.into_class(path, name, f"{field} = {kind}")
    return f"{path}: {name}.{field}"


@violation("a model that takes no position", "E001")
def no_position(tree: Tree, rng: random.Random) -> str:
    path, name = _plain(tree, rng)
    text = tree.text(path)
    start = text.index(f"class {name}(")
    at = text.index("    no_personal_data = ", start)
    end = text.index("\n", at)
    if text[at:end].endswith("("):
        end = text.index("\n    )\n", at) + 6
    tree.write(path, text[:at] + text[end + 1 :])
    return f"{path}: {name}"


@violation("a new model of people that says it holds nothing", "E004")
def new_table(tree: Tree, rng: random.Random) -> str:
    path, _ = _plain(tree, rng)
    field = re.sub(r"(?<!^)(?=[A-Z])", "_", rng.choice(NAMES)).lower()
    tree.append(
        path,
        f'''

class Raffle(models.Model):
    """Who takes part."""

    no_personal_data = "A raffle."

    {field} = models.CharField(max_length=200)

    class Meta:
        app_label = "{path.split("/")[0]}"

    def __str__(self) -> str:
        return "raffle"
''',
    )
    return f"{path}: Raffle.{field}"


@violation("a personal value outside a record", "E002")
def outside_a_record(tree: Tree, rng: random.Random) -> str:
    path, name = _plain(tree, rng)
    _personal_import(tree, path)
    tree.into_class(
        path,
        name,
        "reader = personal(models.CharField(max_length=90), Category.NAME, purposes=[Purpose.SERVICE], keep=Keep.ACCOUNT)",
    )
    return f"{path}: {name}.reader"


@violation("a record of mixed lifetimes", "E005")
def mixed_lifetimes(tree: Tree, rng: random.Random) -> str:
    path, name = rng.choice(tree.classes("PersonalRecord"))
    _personal_import(tree, path)
    for keep in rng.sample(["ACCOUNT", "CONTRACT", "REVIEW", "SUBSCRIPTION"], 2):
        tree.into_class(
            path,
            name,
            f"told_{keep.lower()} = personal(models.CharField(max_length=9), Category.NAME, purposes=[Purpose.SERVICE], "
            f"keep=Keep.{keep})",
        )
    return f"{path}: {name}"


def _declared(tree: Tree, rng: random.Random, category: str, purpose: str, keep: str, more: str = "") -> str:
    path, name = rng.choice(tree.classes("PersonalRecord"))
    _personal_import(tree, path)
    tree.into_class(
        path,
        name,
        f"told = personal(models.CharField(max_length=90), Category.{category}, purposes=[Purpose.{purpose}], "
        f"keep=Keep.{keep}{more})",
    )
    return f"{path}: {name}.told as {category} for {purpose}, kept as {keep}{more}"


@violation("a use that the policy does not state", "E006")
def unstated_purpose(tree: Tree, rng: random.Random) -> str:
    purpose = rng.choice(["ADVERTISING", "PERSONALISE", "STATISTICS", "MARKETING_SMS", "FINANCE", "FRAUD_DETECTION"])
    return _declared(tree, rng, rng.choice(["NAME", "EMAIL", "PHONE", "CITY"]), purpose, "ACCOUNT")


@violation("a category that the policy does not state", "E006")
def unstated_category(tree: Tree, rng: random.Random) -> str:
    return _declared(
        tree, rng, rng.choice(["SOCIAL", "USERNAME", "DEMOGRAPHIC", "INTERESTS", "COOKIE_ID"]), "SERVICE", "ACCOUNT"
    )


@violation("a retention that the policy does not state", "E006")
def unstated_retention(tree: Tree, rng: random.Random) -> str:
    return _declared(tree, rng, "NAME", "SERVICE", rng.choice(["BASKET", "SUBSCRIPTION", "REQUEST", "PAYMENT"]))


@violation("a record that is kept longer than stated", "E006")
def kept_longer(tree: Tree, rng: random.Random) -> str:
    path, was, now = rng.choice(
        [
            ("accounts/models/address.py", "Keep.ACCOUNT", "Keep.PAYMENT"),
            ("accounts/models/profile.py", "Keep.ACCOUNT", "Keep.CONTRACT"),
            ("marketing/models/subscription.py", "Keep.SUBSCRIPTION", "Keep.ACCOUNT"),
            ("catalogue/models/review.py", "Keep.REVIEW", "Keep.CONTRACT"),
        ]
    )
    tree.replace(path, was, now)
    return f"{path}: {now}"


@violation("a person's value that is said to be the store's", "E025")
def said_to_be_made(tree: Tree, rng: random.Random) -> str:
    return _declared(
        tree, rng, rng.choice(["NAME", "EMAIL", "PHONE", "STREET"]), "SERVICE", "ACCOUNT", ", origin=Origin.SYSTEM"
    )


@violation("a new column without a new version", "E023")
def unstated_column(tree: Tree, rng: random.Random) -> str:
    path, name, category, purpose, keep = rng.choice(
        [
            ("accounts/models/profile.py", "Profile", "NAME", "SERVICE", "ACCOUNT"),
            ("accounts/models/address.py", "SavedAddress", "PHONE", "DELIVERY", "ACCOUNT"),
            ("orders/models/personal.py", "DeliveryAddress", "PHONE", "DELIVERY", "CONTRACT"),
            ("catalogue/models/review.py", "Review", "PUBLIC_CONTENT", "SERVICE", "REVIEW"),
        ]
    )
    _personal_import(tree, path)
    column = rng.choice(["second_phone", "nickname", "maiden_name", "alias"])
    tree.into_class(
        path,
        name,
        f"{column} = personal(models.CharField(max_length=90, blank=True), Category.{category}, purposes=[Purpose.{purpose}], "
        f"keep=Keep.{keep})",
    )
    return f"{path}: {name}.{column}"


@violation("columns added to a version that was released", "E023")
def sealed_version(tree: Tree, rng: random.Random) -> str:
    text = tree.text("privacy/columns.toml")
    tree.write(
        "privacy/columns.toml", re.sub(r'seal = "[^"]*"', f'seal = "{rng.getrandbits(256):064x}"', text, count=1)
    )
    return "privacy/columns.toml"


@violation("a migration that brings a column which no model declares", "E024")
def migrated_column(tree: Tree, rng: random.Random) -> str:
    room, model = rng.choice(
        [("orders", "order"), ("accounts", "user"), ("catalogue", "product"), ("marketing", "subscription")]
    )
    field = re.sub(r"(?<!^)(?=[A-Z])", "_", rng.choice(NAMES)).lower()
    last = max(p.stem for p in (tree.root / room / "migrations").glob("0*.py"))
    if rng.random() < 0.5:
        step = f'migrations.AddField("{model}", "{field}", models.CharField(max_length=80, null=True))'
    else:
        step = f'migrations.RunSQL("ALTER TABLE {room}_{model} ADD COLUMN {field} text")'
    tree.write(
        f"{room}/migrations/0900_more.py",
        f"""from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("{room}", "{last}")]
    operations = [{step}]
""",
    )
    return f"{room}: {step}"


@violation("a model of another package without a position", "E001", "E008")
def unlisted_model(tree: Tree, rng: random.Random) -> str:
    label = rng.choice(["admin.LogEntry", "auth.Group", "cookie_consent.LogItem", "contenttypes.ContentType"])
    tree.replace("kmall24/third_party.py", f'"{label}"', f'"{label}s"')
    return label


@violation("a column whose name says nothing and whose words say all", "E004")
def wordy_column(tree: Tree, rng: random.Random) -> str:
    path, name = _plain(tree, rng)
    words = rng.choice(
        ["phone number", "customer's e-mail", "date of birth", "home address", "passport number", "buyer"]
    )
    kind = rng.choice(
        [f'models.CharField("{words}", max_length=90)', "models.EmailField()", "models.GenericIPAddressField()"]
    )
    tree.into_class(path, name, f"value_3 = {kind}")
    return f"{path}: {name}.value_3 = {kind}"


@violation("a record that does not know its day", "E030")
def without_a_clock(tree: Tree, rng: random.Random) -> str:
    found = [
        (path, name)
        for path, name in tree.classes("PersonalRecord")
        if re.search(rf"class {name}\(PersonalRecord\):.*?\n    keep_from = ", tree.text(path), re.DOTALL)
    ]
    path, name = rng.choice(found)
    text = tree.text(path)
    start = text.index(f"class {name}(")
    tree.write(path, text[:start] + re.sub(r"\n    keep_from = [^\n(]*(\([^)]*\))?", "", text[start:], count=1))
    return f"{path}: {name}"
