"""Tokens on PostgreSQL as text search vectors: arrays were looked through one by one wherever the index was not used."""

from django.db import migrations

COLUMNS = ("title", "head", "body")


def make(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for column in COLUMNS:
        schema_editor.execute(f"DROP INDEX help_tokens_{column}")
        schema_editor.execute(
            f"ALTER TABLE help_tokens ALTER COLUMN {column} TYPE tsvector USING array_to_tsvector({column})"
        )
        schema_editor.execute(f"CREATE INDEX help_tokens_{column} ON help_tokens USING gin ({column})")


def remove(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for column in COLUMNS:
        schema_editor.execute(f"DROP INDEX help_tokens_{column}")
        schema_editor.execute(
            f"ALTER TABLE help_tokens ALTER COLUMN {column} TYPE text[] USING tsvector_to_array({column})"
        )
        schema_editor.execute(f"CREATE INDEX help_tokens_{column} ON help_tokens USING gin ({column})")


class Migration(migrations.Migration):

    dependencies = [("help", "0003_english")]

    operations = [migrations.RunPython(make, remove)]
