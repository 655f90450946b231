"""Starting: once, in private, off the network, and not at all where servers of one's own are named."""

import os
import socket
import stat
import subprocess
from pathlib import Path

import psycopg2
import pytest
import redis

from tests.engines.conftest import PROJECT, Installation


def test_many_first_starts_at_once_make_one_cluster(installation: Installation) -> None:
    starts = [installation.begin("-m", "kmall24.engines", "start") for _ in range(5)]
    said = sorted(start.communicate(timeout=60)[0].strip() for start in starts)
    assert said == ["Started: nothing, all is up."] * 4 + ["Started: postgres, valkey."]
    assert len(list(installation.directory.glob("postgres*/PG_VERSION"))) == 1
    assert installation.sql("SELECT 1") == [(1,)]


def test_named_servers_are_left_alone_and_nothing_is_started(installation: Installation) -> None:
    named = {"DATABASE_URL": "postgres://shop@db/shop", "REDIS_URL": "redis://broker/0"}
    assert installation.engines("start", **named) == "Started: nothing, all is up."
    assert installation.engines("status") == "postgres: down\nvalkey: down"


def test_a_broker_of_ones_own_still_gets_an_embedded_database(installation: Installation) -> None:
    assert installation.engines("start", REDIS_URL="redis://broker/0") == "Started: postgres."


def test_everything_is_readable_by_the_owner_alone(started: Installation) -> None:
    started.begin("-c", "from kmall24 import engines; engines.installation_secret()").communicate(timeout=60)
    for directory in (started.state, started.state / "secrets", started.directory, started.sockets):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700, directory
    for file in (started.state / "secrets").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    for path in started.directory.rglob("*"):
        open_to_others = stat.S_IMODE(path.lstat().st_mode) & 0o077
        assert not open_to_others or path.is_symlink() or started.directory / "postgres" not in path.parents, path


def test_no_server_listens_on_the_network(started: Installation) -> None:
    assert started.sql("SHOW listen_addresses") == [("",)]
    assert redis.Redis.from_url(started.redis_url).config_get("port") == {"port": "0"}


def test_valkey_keeps_nothing_on_disk_and_evicts_nothing(started: Installation) -> None:
    client = redis.Redis.from_url(started.redis_url)
    found = client.config_get("save", "appendonly", "maxmemory-policy")
    assert found == {"save": "", "appendonly": "no", "maxmemory-policy": "noeviction"}
    client.set("visitor", "someone")
    started.engines("stop")
    assert not [path for path in started.directory.rglob("*") if path.suffix in (".rdb", ".aof")]


def test_the_store_works_under_a_role_that_owns_nothing(started: Installation) -> None:
    rights = "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    assert started.sql(rights, role="kmall24_app") == [(False, False, False)]
    assert started.sql(rights, role="kmall24_owner") == [(False, True, False)]
    for statement in ("SET ROLE kmall24_owner", "CREATE TABLE mine (id int)", "SET session_replication_role = replica"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            started.sql(statement, role="kmall24_app")
    with pytest.raises(psycopg2.OperationalError, match="rejects connection"):
        started.sql("SELECT 1", role="kmall24_cluster")


def test_words_sort_the_same_on_every_machine(started: Installation) -> None:
    found = started.sql("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'kmall24'")
    assert found == [("b", "C.UTF-8")]
    assert started.sql("SELECT lower('ÄÉ')") == [("äé",)]


def test_an_order_written_is_an_order_on_disk(started: Installation) -> None:
    assert started.sql("SHOW fsync") + started.sql("SHOW synchronous_commit") == [("on",), ("on",)]


def test_no_personal_value_reaches_the_servers_log(started: Installation) -> None:
    started.sql("CREATE TABLE people (email text PRIMARY KEY)")
    started.sql("INSERT INTO people VALUES ('mina@example.com')")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        started.sql("INSERT INTO people VALUES ('mina@example.com')")
    log = (started.directory / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "mina" not in log


@pytest.mark.parametrize(
    "name", ["a shop with spaces", "가게", 'quote\'s "shop"', "deep/" + "long-directory-name/" * 9]
)
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    installation = Installation(tmp_path / name / "state", tmp_path)
    try:
        assert installation.engines("start") == "Started: postgres, valkey."
        assert len(os.fsencode(installation.sockets / ".s.PGSQL.5432")) < 104
        assert installation.sql("SELECT 1") == [(1,)]
        assert installation.engines("start") == "Started: nothing, all is up."
    finally:
        installation.engines("erase")


def test_a_directory_of_somebody_else_is_refused(installation: Installation) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a directory that belongs to somebody else")
    installation.state.mkdir()
    os.chown(installation.state, 12345, 12345)
    refused = installation.begin("-m", "kmall24.engines", "start")
    said, _ = refused.communicate(timeout=60)
    os.chown(installation.state, 0, 0)
    assert refused.returncode == 1
    assert "belongs to another user (number 12345)" in said
    assert len(said.strip().splitlines()) == 1


def test_the_addresses_need_the_standard_library_only(installation: Installation) -> None:
    bare = [
        "/usr/bin/env",
        "-i",
        f"KMALL24_STATE_DIR={installation.state}",
        "PATH=/usr/bin:/bin",
        subprocess.check_output(["which", "python3"], text=True).strip(),
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(PROJECT / 'kmall24')!r}); import types\n"
        f"root = types.ModuleType('kmall24'); root.__path__ = [{str(PROJECT / 'kmall24')!r}]\n"
        "sys.modules['kmall24'] = root\n"
        "from kmall24 import engines; print(engines.app_database_url())",
    ]
    assert subprocess.check_output(bare, text=True).startswith("postgres://kmall24_app@/kmall24?host=/")


def test_an_address_asked_for_starts_nothing(installation: Installation) -> None:
    assert installation.app_url
    assert installation.engines("status") == "postgres: down\nvalkey: down"
    with pytest.raises(OSError, match="No such file"), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(installation.sockets / "valkey.sock"))


def test_secrets_are_made_once_even_by_many_first_starts(installation: Installation) -> None:
    ask = "from kmall24 import engines; print(engines.installation_secret('webhook'))"
    asked = [installation.begin("-c", ask) for _ in range(6)]
    answers = {process.communicate(timeout=60)[0].strip() for process in asked}
    assert len(answers) == 1
    assert len(answers.pop()) > 40
