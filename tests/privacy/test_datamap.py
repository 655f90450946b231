"""What is generated from the declarations is fresh, is valid, and refuses a column that no version of the policy states."""

import csv
from io import StringIO

import pytest
import yaml
from django.core.management import CommandError, call_command

from privacy.declaration import Category, Purpose
from privacy.internal import datamap, policy
from privacy.internal.checks import columns as column_checks
from privacy.internal.datamap import activities, columns, entries, fides


def test_every_generated_file_is_fresh():
    assert datamap.stale() == [], "run manage.py data_map and commit what it wrote"


def test_a_stale_file_fails_the_check(monkeypatch):
    monkeypatch.setattr(datamap, "stale", lambda: ["docs/data-map.md"])
    with pytest.raises(CommandError, match=r"docs/data-map\.md"):
        call_command("data_map", "--check")


def test_fideslang_knows_every_key_or_we_declare_it():
    assert fides.dangling(fides.manifest()) == []
    data = yaml.safe_load(fides.manifest())
    ours = {row["fides_key"] for row in data["data_category"]} | {row["fides_key"] for row in data["data_use"]}
    assert ours == {*map(str, fides.OUR_CATEGORIES), *map(str, fides.OUR_USES)}


@pytest.mark.parametrize(
    "old", ["user.contact.email", "essential.service.authentication", "customer", "the_store_orders"]
)
def test_a_key_that_nobody_declares_is_found(old):
    data = yaml.safe_load(fides.manifest())
    text = (
        yaml.safe_dump(data)
        .replace(f"- {old}\n", "- user.shoe_size\n")
        .replace(f"data_use: {old}\n", "data_use: sale\n")
    )
    assert fides.dangling(text)


def test_every_key_of_ours_is_fideslangs_or_declared_as_an_extension():
    from fideslang.default_taxonomy import DEFAULT_TAXONOMY

    known = {c.fides_key for c in DEFAULT_TAXONOMY.data_category} | {u.fides_key for u in DEFAULT_TAXONOMY.data_use}
    assert {str(c) for c in Category} - known == set(map(str, fides.OUR_CATEGORIES))
    assert {str(p) for p in Purpose} - known == set(map(str, fides.OUR_USES))


def test_the_record_of_processing_has_a_row_for_each_purpose_and_all_that_the_law_asks():
    rows = list(csv.DictReader(StringIO(activities.record())))
    assert len(rows) == len(policy.load(policy.files()[-1]).purposes)
    for letter in "abcdefg":
        assert any(f"({letter})" in heading for heading in activities.HEADINGS), letter
    delivery = next(row for row in rows if Purpose.DELIVERY in row["purpose (b)"])
    assert "user.contact.address.street" in delivery["categories of personal data (c)"]
    assert "(KR)" in delivery["recipients (d)"]
    assert "web.checkout" in delivery["collection points"]


def test_the_record_for_an_authority_names_this_installation(settings, capsys):
    settings.OPERATOR_NAME = "Mirae Mall"
    call_command("data_map", "--record")
    printed = capsys.readouterr().out
    assert "Mirae Mall" in printed
    assert "{operator}" not in printed


@pytest.fixture
def manifest(tmp_path, monkeypatch):
    """The manifest of columns, in a copy that a test may change."""
    place = tmp_path / "columns.toml"
    place.write_text(columns.manifest(), encoding="utf-8")
    monkeypatch.setattr(columns, "SOURCE", place)
    return place


def a_new_column(monkeypatch):
    every = entries.entries()
    new = entries.Entry(every[0].model, every[0].model._meta.pk, every[0].declared, ())
    monkeypatch.setattr(columns, "entries", lambda: [*every, new])
    monkeypatch.setattr(column_checks, "entries", lambda: [*every, new])
    return new.column


def test_a_column_is_stated_by_the_newest_version_until_it_is_sealed(manifest, monkeypatch):
    column = a_new_column(monkeypatch)
    assert column in columns.manifest()
    manifest.write_text(columns.manifest(seal=False).replace(f'    "{column}",\n', ""), encoding="utf-8")
    assert [m.id for m in column_checks.columns_are_stated_first()] == ["privacy.E023"]
    monkeypatch.undo()
    monkeypatch.setattr(columns, "SOURCE", manifest)
    manifest.write_text(columns.manifest(seal=True), encoding="utf-8")
    assert not any(row.is_broken for row in columns.stated())
    a_new_column(monkeypatch)
    with pytest.raises(columns.Sealed, match="released"):
        columns.manifest()
    with pytest.raises(CommandError, match="Draft the next version"):
        call_command("data_map", "--check")


def test_a_column_slipped_into_a_sealed_version_is_found(manifest):
    sealed = columns.manifest(seal=True)
    manifest.write_text(sealed, encoding="utf-8")
    assert list(column_checks.columns_are_stated_first()) == []
    manifest.write_text(sealed.replace("columns = [\n", 'columns = [\n    "orders_order.email",\n'), encoding="utf-8")
    assert [m.id for m in column_checks.columns_are_stated_first()] == ["privacy.E023"]
