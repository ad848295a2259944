"""The table of tokens beside the index: FTS5 on SQLite, arrays with a GIN index on PostgreSQL.

Neither has a foreign key: the room writes both tables together, and tables of tests are emptied apart.
"""

from django.db import migrations


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE TABLE help_tokens (entry_id bigint PRIMARY KEY,"
            " title text[] NOT NULL, head text[] NOT NULL, body text[] NOT NULL)"
        )
        for column in ("title", "head", "body"):
            schema_editor.execute(f"CREATE INDEX help_tokens_{column} ON help_tokens USING gin ({column})")
        return
    schema_editor.execute(
        "CREATE VIRTUAL TABLE help_tokens USING fts5"
        "(title, head, body, tokenize = 'unicode61 remove_diacritics 0', columnsize = 0)"
    )


def remove(apps, schema_editor):
    schema_editor.execute("DROP TABLE help_tokens")


class Migration(migrations.Migration):

    dependencies = [("help", "0001_initial")]

    operations = [migrations.RunPython(make, remove)]
