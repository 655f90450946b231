"""`flush` empties the tables as the owner, on a connection of its own: the application role may not truncate."""

from typing import Any

import psycopg2
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.color import no_style
from django.core.management.commands.flush import Command as Flush
from django.core.management.sql import emit_post_migrate_signal, sql_flush
from django.db import connections


class Command(Flush):
    help = Flush.help

    def handle(self, **options: Any) -> None:
        if options["database"] != "default" or "owner" not in settings.DATABASES:
            super().handle(**options)
            return
        default = connections["default"]
        statements = sql_flush(
            no_style(),
            default,
            reset_sequences=options.get("reset_sequences", True),
            allow_cascade=options.get("allow_cascade", False),
        )
        if options["interactive"]:
            name = default.settings_dict["NAME"]
            if input(f"This empties every table of {name!r} and cannot be undone. Type 'yes' to go on: ") != "yes":
                self.stdout.write("Nothing was changed.")
                return
        # The same database as `default`, which in a test is the test's, with the owner's name and password.
        parameters = {
            **default.get_connection_params(),
            **{
                key: value
                for key, value in connections["owner"].get_connection_params().items()
                if key in ("user", "password", "host", "port")
            },
        }
        parameters.pop("cursor_factory", None)
        parameters.pop("context", None)
        try:
            with psycopg2.connect(**parameters) as owner, owner.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                # Not one of Django's tables, and full of people all the same.
                cursor.execute("SELECT to_regclass('law_archive.kept')")
                if statements and cursor.fetchone() != (None,):
                    cursor.execute("TRUNCATE law_archive.kept")
        except psycopg2.Error as error:
            raise CommandError(f"The tables could not be emptied: {error}") from error
        finally:
            if "owner" in locals():
                owner.close()
        if statements and not options.get("inhibit_post_migrate", False):
            emit_post_migrate_signal(options["verbosity"], options["interactive"], "default")
