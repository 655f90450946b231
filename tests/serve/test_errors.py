"""What goes wrong before the API is reached is told to programs as a problem, and to people as a page."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def break_it(monkeypatch):
    def fails(*_args, **_said):
        raise RuntimeError("broken")

    monkeypatch.setattr("catalogue.api.ProductViewSet.list", fails)


@pytest.mark.parametrize(
    ("path", "said", "status"),
    [
        ("/api/v1/nothing/", {}, 404),
        ("/api/v1/products/", {"content_type": "application/json; charset=utf-16"}, 400),
    ],
)
def test_a_program_reads_a_problem(path, said, status):
    answer = Client().post(path, b"{}", **said) if said else Client().get(path)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]


def test_a_program_reads_a_problem_of_ours_too(monkeypatch):
    break_it(monkeypatch)
    answer = Client(raise_request_exception=False).get("/api/v1/products/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["status"] == 500


def test_a_reader_reads_a_page():
    answer = Client().get("/nothing-here/")
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (404, "text/html")
