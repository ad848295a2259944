"""Tables of the room 電子帳簿保存フォルダ. No row of a record or a correction is ever deleted; triggers see to it."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from warifu.folders.rules.fields import GIB, MIB, Channel, Direction, Kind
from warifu.foundation.ids import new_id


class NeverDeleted(models.QuerySet[Any]):
    """Rows that stay: what would delete them is a fault of the program (D-03)."""

    def delete(self) -> NoReturn:
        """Raises TypeError."""
        raise TypeError("records and their history are never deleted")


class Folder(models.Model):
    """電子帳簿保存フォルダ: one customer's folder at an office, or a company's own.

    `organisation` looks after it now; `customer_id` is the office's 顧問先 that it is for; `keeper` is the customer's
    organisation where it is known here: the customer is the 保存義務者 and takes the folder along to another office
    (D-21).
    """

    class State(models.TextChoices):
        OPEN = "open", "利用中"
        ENDING = "ending", "今夜利用終了"
        ENDED = "ended", "利用終了"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    keeper = models.ForeignKey("organisations.Organisation", models.PROTECT, null=True, related_name="+")
    keeper_since = models.DateTimeField(null=True)
    customer_id = models.UUIDField(null=True)
    customer_name = models.CharField(max_length=200)
    customer_key = models.CharField(max_length=400)
    customer_code = models.CharField(max_length=40, blank=True)
    registration_number = models.CharField(max_length=14, blank=True)
    capacity = models.BigIntegerField(default=10 * GIB)
    file_limit = models.BigIntegerField(default=100 * MIB)
    used = models.BigIntegerField(default=0)
    count = models.BigIntegerField(default=0)
    year_end_month = models.PositiveSmallIntegerField(default=12)
    keeping_years = models.PositiveSmallIntegerField(default=10)
    extension_months = models.PositiveSmallIntegerField(default=0)
    is_sole_trader = models.BooleanField(default=False)
    has_rules = models.BooleanField(default=False)
    mail_code = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField()
    ending_since = models.DateTimeField(null=True)
    ending_by = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    handed_over_from = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "customer_code"), condition=~models.Q(customer_code=""), name="folder_code_once"
            ),
            models.UniqueConstraint(
                fields=("organisation", "customer_id"),
                condition=models.Q(customer_id__isnull=False) & ~models.Q(state="ended"),
                name="folder_one_of_a_customer",
            ),
            models.CheckConstraint(name="folder_used_not_negative", condition=models.Q(used__gte=0)),
        )
        indexes = (models.Index(fields=("organisation", "customer_key", "id"), name="folder_by_customer"),)


class Counterparty(models.Model):
    """取引先: a name that records of a folder carry, and its code if there is one (D-12)."""

    id = models.BigAutoField(primary_key=True)
    folder = models.ForeignKey(Folder, models.PROTECT, related_name="counterparties", db_index=False)
    name = models.CharField(max_length=200)
    key = models.CharField(max_length=400)
    code = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("folder", "name", "code"), name="counterparty_once"),)


class TransactionRecord(models.Model):
    """電子取引データ: one file as it came, with its fields once a person has confirmed them."""

    class State(models.TextChoices):
        RECEIVED = "received", "確認待ち"
        FILED = "filed", "保存済み"
        WITHDRAWN = "withdrawn", "取消"
        DISPOSED = "disposed", "保存期間後に廃棄"

    class Scan(models.TextChoices):
        WAITING = "waiting", "検査待ち"
        CLEAN = "clean", "検査済み"
        SKIPPED = "skipped", "検査なし"
        INFECTED = "infected", "ウイルスの疑い"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    folder = models.ForeignKey(Folder, models.PROTECT, related_name="records", db_index=False)
    number = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    version = models.PositiveIntegerField(default=0)
    traded_on = models.DateField(null=True)
    amount = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, default="JPY")
    counterparty = models.ForeignKey(Counterparty, models.PROTECT, null=True, related_name="records", db_index=False)
    registration_number = models.CharField(max_length=14, blank=True)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.label) for kind in Kind], blank=True)
    direction = models.CharField(max_length=10, choices=[(one.value, one.label) for one in Direction], blank=True)
    document_number = models.CharField(max_length=100, blank=True)
    ledger_link = models.CharField(max_length=100, blank=True)
    memo = models.CharField(max_length=500, blank=True)
    channel = models.CharField(max_length=8, choices=[(one.value, one.label) for one in Channel])
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=60)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=120)
    opening_word = models.CharField(max_length=100, blank=True)
    scan = models.CharField(max_length=10, choices=Scan.choices, default=Scan.WAITING)
    suggested = models.JSONField(default=dict)
    pages = models.PositiveIntegerField(default=0)
    is_locked = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    faulty_since = models.DateTimeField(null=True)
    disposed_on = models.DateField(null=True)

    objects = NeverDeleted.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("folder", "number"), name="record_number_once"),
            models.CheckConstraint(
                name="record_filed_with_fields",
                condition=models.Q(state="received")
                | models.Q(traded_on__isnull=False, counterparty__isnull=False)
                & ~models.Q(kind="")
                & ~models.Q(direction="")
                | models.Q(state="withdrawn", traded_on__isnull=True),
            ),
        )
        indexes = (
            models.Index(fields=("folder", "-traded_on", "-id"), name="record_by_day"),
            models.Index(fields=("folder", "amount", "-traded_on", "-id"), name="record_by_amount"),
            models.Index(fields=("counterparty", "-traded_on", "-id"), name="record_by_counterparty"),
            models.Index(
                fields=("folder", "-traded_on", "-id"),
                name="record_without_amount",
                condition=models.Q(amount=None) | models.Q(amount=0),
            ),
            models.Index(fields=("folder", "sha256"), name="record_by_hash"),
            models.Index(fields=("folder", "-id"), name="record_to_confirm", condition=models.Q(state="received")),
            models.Index(fields=("id",), name="record_to_read", condition=models.Q(read_at=None)),
            models.Index(fields=("folder", "id"), name="record_faulty", condition=models.Q(faulty_since__isnull=False)),
        )

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Raises TypeError (D-03)."""
        raise TypeError("records are never deleted")


class Correction(models.Model):
    """訂正・取消の履歴: what one change of a record did, before and after, why and by whom (D-02, D-04)."""

    class Act(models.TextChoices):
        FILED = "filed", "確認して保存"
        CORRECTED = "corrected", "訂正"
        WITHDRAWN = "withdrawn", "取消"
        RESTORED = "restored", "取消を戻した"
        DISPOSED = "disposed", "保存期間後に廃棄"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.ForeignKey(TransactionRecord, models.PROTECT, related_name="corrections", db_index=False)
    folder = models.ForeignKey(Folder, models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveIntegerField()
    act = models.CharField(max_length=10, choices=Act.choices)
    at = models.DateTimeField()
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    search_text = models.TextField(blank=True)

    objects = NeverDeleted.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("record", "version"), name="correction_once"),)
        indexes = (models.Index(fields=("folder", "-id"), name="correction_of_folder"),)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Raises TypeError (D-03)."""
        raise TypeError("the history is never deleted")


class Upload(models.Model):
    """送信中のファイル: what has come of a file so far; a broken upload goes on at `received` (B2).

    `parts` are the stored pieces, `[name, size]` each.
    """

    class State(models.TextChoices):
        OPEN = "open", "送信中"
        DONE = "done", "受け取り済み"
        GIVEN_UP = "given_up", "取りやめ"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    folder = models.ForeignKey(Folder, models.PROTECT, related_name="+")
    link = models.ForeignKey("FolderLink", models.PROTECT, null=True, related_name="+")
    owner_id = models.UUIDField(null=True)
    file_name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    parts = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    record = models.ForeignKey(TransactionRecord, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(db_index=True)


class FolderLink(models.Model):
    """提出リンク: lets somebody without an ID hand files in, until a day and up to a number of files."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    folder = models.ForeignKey(Folder, models.PROTECT, related_name="links")
    name = models.CharField(max_length=100)
    mail = models.CharField(max_length=254, blank=True)
    valid_until = models.DateTimeField()
    most_files = models.PositiveIntegerField(default=50)
    files = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)


class FolderAccess(models.Model):
    """フォルダを見られる人: a customer's ID that may put in and see, or an auditor's with a period and kinds (D-14)."""

    class Way(models.TextChoices):
        CUSTOMER = "customer", "顧客（入れる・見る）"
        AUDITOR = "auditor", "監査・調査（見る・書き出す）"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    folder = models.ForeignKey(Folder, models.PROTECT, related_name="accesses")
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    way = models.CharField(max_length=8, choices=Way.choices)
    traded_from = models.DateField(null=True)
    traded_until = models.DateField(null=True)
    kinds = models.JSONField(default=list)
    valid_until = models.DateField(null=True)
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("folder", "member"), condition=models.Q(ended_at=None), name="folder_access_one_running"
            ),
        )


class TimeStamp(models.Model):
    """タイムスタンプ: an RFC 3161 token that came with a record or was asked for, and what checking it said (D-05)."""

    class Verdict(models.TextChoices):
        VALID = "valid", "有効"
        UNKNOWN_ISSUER = "unknown_issuer", "内容は一致（発行元は未登録）"
        INVALID = "invalid", "無効"
        UNREADABLE = "unreadable", "読み取れない"

    class Source(models.TextChoices):
        IN_FILE = "in_file", "ファイルの中"
        BESIDE = "beside", "ファイルの横（.tsr）"
        ASKED = "asked", "この製品が取得"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.ForeignKey(TransactionRecord, models.PROTECT, related_name="stamps")
    source = models.CharField(max_length=8, choices=Source.choices)
    token = models.BinaryField()
    covered = models.JSONField(default=list)
    verdict = models.CharField(max_length=14, choices=Verdict.choices)
    issuer = models.CharField(max_length=300, blank=True)
    stamped_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField()

    objects = NeverDeleted.as_manager()
