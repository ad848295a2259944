"""The peer of bench/vault.py: numbers written and read a second in a field of django-fernet-encrypted-fields.

Run with a count; prints JSON with `writes`, `reads` and `bytes` a value. The field writes no use record.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time

import django
from django.conf import settings

FOLDER = tempfile.mkdtemp()
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": f"{FOLDER}/peer.sqlite3",
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    SECRET_KEY="peer-" + "k" * 50,
    SALT_KEY="s" * 32,
)
django.setup()

from django.db import connection, models, transaction  # noqa: E402
from encrypted_fields.fields import EncryptedCharField  # noqa: E402


class Number(models.Model):
    """A person and the number."""

    person = models.CharField(max_length=36)
    number = EncryptedCharField(max_length=12)

    class Meta:
        app_label = "contenttypes"
        db_table = "peer_number"


COUNT = int(sys.argv[1])
with connection.schema_editor() as editor:
    editor.create_model(Number)
rows = [Number(person=f"{index:036d}", number=f"{index:012d}") for index in range(COUNT)]
started = time.perf_counter()
with transaction.atomic():
    Number.objects.bulk_create(rows, batch_size=1000)
wrote = time.perf_counter()
numbers = [row.number for row in Number.objects.iterator(2000)]
read = time.perf_counter()
if numbers[1] != f"{1:012d}":
    raise RuntimeError("the peer did not read what it wrote")
with connection.cursor() as cursor:
    cursor.execute("SELECT avg(length(number)) FROM peer_number")
    size = cursor.fetchone()[0]
print(json.dumps({"writes": COUNT / (wrote - started), "reads": COUNT / (read - wrote), "bytes": size}))
