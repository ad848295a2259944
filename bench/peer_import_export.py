"""The peer of bench/rosters.py: rows a second with django-import-export in bulk mode, an encrypted number included.

`python peer_import_export.py ROWS`; the file and what is validated are as bench/rosters.py has them, on SQLite.
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
import time

import django
from django.conf import settings

FOLDER = tempfile.mkdtemp()
settings.configure(
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "import_export",
        "encrypted_fields",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": f"{FOLDER}/peer.sqlite3",
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    SECRET_KEY="k" * 50,
    SALT_KEY="s" * 32,
    IMPORT_EXPORT_USE_TRANSACTIONS=True,
)
django.setup()

import tablib  # noqa: E402
from django.db import connection, models  # noqa: E402
from encrypted_fields.fields import EncryptedCharField  # noqa: E402
from import_export import resources  # noqa: E402


class Employee(models.Model):
    """An employee as a plain project would keep one."""

    code = models.CharField(max_length=40, unique=True)
    family_name = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100)
    family_kana = models.CharField(max_length=100)
    given_kana = models.CharField(max_length=100)
    born_on = models.DateField()
    hired_on = models.DateField()
    department = models.CharField(max_length=100, db_index=True)
    mail = models.EmailField(unique=True)
    phone = models.CharField(max_length=20)
    employment = models.CharField(max_length=10)
    number = EncryptedCharField(max_length=12)

    class Meta:
        app_label = "auth"


class EmployeeResource(resources.ModelResource):
    """The fastest way the library has: whole batches, no diff, no validation by the model."""

    class Meta:
        model = Employee
        import_id_fields = ("code",)
        exclude = ("id",)
        use_bulk = True
        batch_size = 1000
        skip_diff = True
        force_init_instance = True


with connection.schema_editor() as schema:
    schema.create_model(Employee)

COUNT = int(sys.argv[1])
NAMES = [field.name for field in Employee._meta.fields if field.name != "id"]
buffer = io.StringIO()
writer = csv.writer(buffer)
writer.writerow(NAMES)
for n in range(COUNT):
    writer.writerow(
        [
            f"{n:06d}",
            "山田",
            "太郎",
            "ヤマダ",
            "タロウ",
            f"{1950 + n % 50}-04-{1 + n % 28:02d}",
            "2015-04-01",
            f"第{n % 40}営業課",
            f"user{n}@example.jp",
            f"090-1234-{n % 10000:04d}",
            "在職",
            "0" * 12,
        ]
    )
started = time.perf_counter()
dataset = tablib.Dataset().load(buffer.getvalue(), format="csv")
EmployeeResource().import_data(dataset, dry_run=False, raise_errors=True)
took = time.perf_counter() - started
if Employee.objects.count() != COUNT:
    raise RuntimeError("the peer lost rows")
print(COUNT / took)
