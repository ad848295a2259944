"""Records and corrections cannot be deleted, nor what came changed, whoever writes the statement (D-03, D-06)."""

from django.db import migrations

FIXED = ("folder_id", "number", "sha256", "size", "stored_as", "received_at", "received_by", "file_name", "channel")
ROWS = ("folders_transactionrecord", "folders_correction")


def _sqlite() -> list[str]:
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in FIXED if name != "folder_id")
    return [
        *(
            f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table}: rows are never deleted'); END"
            for table in ROWS
        ),
        "CREATE TRIGGER folders_correction_fixed BEFORE UPDATE ON folders_correction "
        "BEGIN SELECT RAISE(ABORT, 'folders_correction: the history is never changed'); END",
        f"CREATE TRIGGER folders_record_fixed BEFORE UPDATE ON folders_transactionrecord WHEN {changed} "
        "BEGIN SELECT RAISE(ABORT, 'folders_transactionrecord: what came is never changed'); END",
    ]


def _postgresql() -> list[str]:
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in FIXED if name != "folder_id")
    return [
        "CREATE FUNCTION folders_never() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%: rows are never deleted or rewritten', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$",
        *(
            f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION folders_never()"
            for table in ROWS
        ),
        "CREATE TRIGGER folders_correction_fixed BEFORE UPDATE ON folders_correction "
        "FOR EACH ROW EXECUTE FUNCTION folders_never()",
        "CREATE TRIGGER folders_record_fixed BEFORE UPDATE ON folders_transactionrecord "
        f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION folders_never()",
    ]


def forwards(apps, schema_editor):
    for statement in _postgresql() if schema_editor.connection.vendor == "postgresql" else _sqlite():
        schema_editor.execute(statement, params=None)


def backwards(apps, schema_editor):
    on = schema_editor.connection.vendor == "postgresql"
    for name, table in (
        *((f"{table}_stays", table) for table in ROWS),
        ("folders_correction_fixed", "folders_correction"),
        ("folders_record_fixed", "folders_transactionrecord"),
    ):
        schema_editor.execute(f"DROP TRIGGER {name} ON {table}" if on else f"DROP TRIGGER {name}", params=None)
    if on:
        schema_editor.execute("DROP FUNCTION folders_never()", params=None)


class Migration(migrations.Migration):
    dependencies = [("folders", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
