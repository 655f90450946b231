"""Ways to break the policy in its own words, and in what is handed over."""

from __future__ import annotations

import random
import re

from tests.campaigns.violations.tree import Tree, violation


def _policy(tree: Tree) -> str:
    return max(p.name for p in (tree.root / "privacy/policy").glob("????-??-??.toml"))


def _state(tree: Tree, old: str, new: str) -> None:
    tree.replace(f"privacy/policy/{_policy(tree)}", old, new)


@violation("a collection point that no code stands at", "W013")
def idle_point(tree: Tree, rng: random.Random) -> str:
    point = rng.choice(["web.fair", "api.profile", "event.raffle", "mail.shop", "staff.telephone"])
    _state(
        tree, "[surface]\n", f'[surface]\n"{point}" = {{ channel = "{point.split(".")[0]}", shows_notice = true }}\n'
    )
    return point


@violation("a purpose that no code serves", "W013")
def idle_purpose(tree: Tree, rng: random.Random) -> str:
    purpose = rng.choice(["finance", "essential.fraud_detection", "functional.service.improve"])
    _state(tree, "[purpose]\n", f'[purpose]\n"{purpose}" = {{ clause = "use.service", legal_basis = "contract" }}\n')
    return purpose


@violation("a purpose that the code does not know", "start")
def unknown_purpose(tree: Tree, rng: random.Random) -> str:
    purpose = rng.choice(["sale", "credit_scoring", "personalize.profiling"])
    _state(tree, "[purpose]\n", f'[purpose]\n"{purpose}" = {{ clause = "use.service", legal_basis = "contract" }}\n')
    return purpose


@violation("a retention that nothing is kept for", "W013")
def idle_retention(tree: Tree, rng: random.Random) -> str:
    _state(tree, "[retention]\n", '[retention]\nbasket = { counts_from = "x", period = "P30D" }\n')
    return "basket"


@violation("a recipient whom nothing is handed to", "W013")
def idle_recipient(tree: Tree, rng: random.Random) -> str:
    name = rng.choice(["advertiser", "insurer", "customs_broker"])
    _state(
        tree,
        "[recipient.mailer]\n",
        f'[recipient.{name}]\nkind = "processor"\ncountry = "US"\n[recipient.{name}.receives]\n'
        '"essential.service.operations.support" = ["user.contact.email"]\n\n[recipient.mailer]\n',
    )
    return name


@violation("a statement that no declaration keeps", "W013")
def wide_statement(tree: Tree, rng: random.Random) -> str:
    category = rng.choice(["user.social", "user.demographic", "user.device.cookie_id", "user.account.username"])
    _state(
        tree,
        "[never_stored]",
        f'[[statement]]\nclause = "use.service"\ncategories = ["{category}"]\npurposes = ["essential.service"]\n'
        'retention = ["account"]\n\n[never_stored]',
    )
    return category


@violation("a statement that says more uses than there are", "W013")
def wider_use(tree: Tree, rng: random.Random) -> str:
    category, purpose, keep = rng.choice(
        [
            ("user.name", "marketing.communications.email", "account"),
            ("user.contact.phone_number", "essential.service.authentication", "account"),
            ("user.behavior.purchase_history", "essential.service.operations.support", "contract"),
            ("user.name", "essential.service", "payment"),
        ]
    )
    _state(
        tree,
        "[never_stored]",
        f'[[statement]]\nclause = "use.service"\ncategories = ["{category}"]\npurposes = ["{purpose}"]\n'
        f'retention = ["{keep}"]\n\n[never_stored]',
    )
    return f"{category} for {purpose}, {keep}"


@violation("a recipient that receives more than is declared", "W013")
def greedy_recipient(tree: Tree, rng: random.Random) -> str:
    category = rng.choice(["user.content.private", "user.payment", "user.demographic", "user.contact.email"])
    _state(
        tree,
        '"essential.service.operations.delivery" = [\n',
        f'"essential.service.operations.delivery" = [\n    "{category}",\n',
    )
    return f"courier: {category}"


@violation("a statement that is dropped while the code goes on", "E006", "E012")
def dropped_statement(tree: Tree, rng: random.Random) -> str:
    path = f"privacy/policy/{_policy(tree)}"
    blocks = tree.text(path).split("[[statement]]")
    at = rng.randrange(1, len(blocks) - 1)
    dropped = blocks.pop(at)
    tree.write(path, "[[statement]]".join(blocks))
    return " ".join(dropped.split())[:90]


@violation("a hand-over that is dropped from the policy", "E012")
def dropped_recipient(tree: Tree, rng: random.Random) -> str:
    purpose = rng.choice(["essential.service.authentication", "essential.service.notifications.email"])
    line = f'"{purpose}" = ["user.contact.email"]\n'
    _state(tree, line, "")
    return line


@violation("a collection point that is dropped while a form stands there", "E011")
def dropped_point(tree: Tree, rng: random.Random) -> str:
    path = f"privacy/policy/{_policy(tree)}"
    points = [
        "web.sign_up",
        "web.account",
        "web.checkout",
        "web.subscribe",
        "api.addresses",
        "provider.payment",
        "staff.admin",
    ]
    point = rng.choice(points)
    tree.write(path, re.sub(rf'^"{point}" = .*\n', "", tree.text(path), flags=re.MULTILINE))
    return point


@violation("a collection point that shows no notice any more", "E011")
def silent_point(tree: Tree, rng: random.Random) -> str:
    path = f"privacy/policy/{_policy(tree)}"
    point = rng.choice(["web.sign_up", "web.address_book", "web.subscribe", "api.addresses"])
    tree.write(path, re.sub(rf'^("{point}" = .*), shows_notice = true', r"\1", tree.text(path), flags=re.MULTILINE))
    return point


@violation("words that are missing in one language", "E007")
def missing_words(tree: Tree, rng: random.Random) -> str:
    version = _policy(tree).removesuffix(".toml")
    path = rng.choice(
        sorted(p.relative_to(tree.root).as_posix() for p in (tree.root / "privacy/policy").glob(f"{version}.*.toml"))
    )
    text = tree.text(path)
    keys = ["essential.service", "user.name", "courier", "contract"]
    key = rng.choice([k for k in keys if re.search(rf'^"?{re.escape(k)}"? = ', text, re.MULTILINE)])
    tree.write(path, re.sub(rf'^"?{re.escape(key)}"? = .*\n', "", text, flags=re.MULTILINE))
    return f"{path}: {key}"


@violation("a form at a collection point that the policy does not name", "E011")
def unnamed_point(tree: Tree, rng: random.Random) -> str:
    found = [(path, name) for path, name in tree.classes("PersonalForm") if "    surface = " in tree.text(path)]
    path, name = rng.choice(found)
    text = tree.text(path)
    start = text.index(f"class {name}(")
    point = f"web.{rng.choice(['raffle', 'popup', 'quiz', 'chat'])}"
    tree.write(path, text[:start] + re.sub(r'    surface = "[^"]*"', f'    surface = "{point}"', text[start:], count=1))
    return f"{path}: {name} at {point}"


@violation("a door opened at a collection point that the policy does not name", "E011")
def unnamed_door(tree: Tree, rng: random.Random) -> str:
    point = rng.choice(['"web.popup"', "where"])
    tree.append(
        "marketing/domain/subscribing.py",
        f"\n\ndef take(subject, where):\n    with collecting(surface={point}, subject=subject, fields=[]):\n        pass\n",
    )
    return point


@violation("a hand-over that the policy does not state", "E012")
def unstated_hand_over(tree: Tree, rng: random.Random) -> str:
    path = rng.choice(["orders/domain/shipping.py", "marketing/queries.py", "accounts/queries.py", "orders/queries.py"])
    to, purpose = rng.choice(
        [
            ('"advertiser"', "Purpose.ADVERTISING"),
            ('"courier"', "Purpose.MARKETING_EMAIL"),
            ('"mailer"', "Purpose.DELIVERY"),
            ('"kita"', "Purpose.MARKETING_EMAIL"),
            ("whom", "Purpose.DELIVERY"),
            ('"courier"', "why"),
        ]
    )
    tree.append(
        path,
        f"""

def hand_on(record, whom, why):
    from privacy.declaration import Purpose
    from privacy.gate import disclose

    return disclose(record, to={to}, purpose={purpose})
""",
    )
    return f"{path}: {to} for {purpose}"


@violation("a letter for a purpose that the policy does not state", "E012")
def unstated_letter(tree: Tree, rng: random.Random) -> str:
    path = rng.choice(["marketing/effects.py", "accounts/effects.py"])
    purpose = rng.choice(["ADVERTISING", "STATISTICS", "IMPROVE", "PERSONALISE"])
    text = tree.text(path)
    tree.write(path, re.sub(r"purpose=Purpose\.\w+", f"purpose=Purpose.{purpose}", text, count=1))
    return f"{path}: {purpose}"
