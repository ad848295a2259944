"""Tables of the room 顧問先."""

from __future__ import annotations

from django.db import models

from warifu.foundation.ids import new_id


class Customer(models.Model):
    """顧問先: a company or a single person whom an office serves; `client` is its own organisation here, once both
    sides have agreed on an entrustment."""

    class Kind(models.TextChoices):
        COMPANY = "company", "法人"
        PERSON = "person", "個人"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    office = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    client = models.ForeignKey("organisations.Organisation", models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.COMPANY)
    code = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=200)
    kana = models.CharField(max_length=200, blank=True)
    corporate_number = models.CharField(max_length=13, blank=True)
    postal_code = models.CharField(max_length=7, blank=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    mail = models.CharField(max_length=254, blank=True)
    closing_month = models.PositiveSmallIntegerField(null=True)
    served_from = models.DateField(null=True)
    note = models.TextField(blank=True)
    search_text = models.CharField(max_length=700, blank=True)
    created_at = models.DateTimeField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("office", "code"), condition=~models.Q(code=""), name="customer_code_once_in_an_office"
            ),
            models.UniqueConstraint(
                fields=("office", "client"),
                condition=models.Q(client__isnull=False, ended_on=None),
                name="customer_client_once_in_an_office",
            ),
        )
        indexes = (models.Index(fields=("office", "kana", "id"), name="customer_by_kana"),)

    def __str__(self) -> str:
        return self.name


class CustomerPerson(models.Model):
    """顧問先の担当者: a person of a customer; `member` holds their 顧客ID, and one ID may serve several customers."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="persons")
    member = models.ForeignKey("organisations.Member", models.PROTECT, null=True, related_name="+")
    family_name = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100, blank=True)
    family_kana = models.CharField(max_length=100, blank=True)
    given_kana = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    mail = models.CharField(max_length=254, blank=True)
    menus = models.JSONField(default=list)
    created_at = models.DateTimeField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "member"),
                condition=models.Q(member__isnull=False, ended_on=None),
                name="customer_person_once_with_an_id",
            ),
        )
        indexes = (models.Index(fields=("member", "id"), name="customer_person_of_member"),)

    @property
    def full_name(self) -> str:
        """The name in the order 姓 名, as given (J-01)."""
        return " ".join(part for part in (self.family_name, self.given_name) if part)


class CustomerCharge(models.Model):
    """担当: a member of the office who looks after a customer; one of them is the main one (B3-5)."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="charges")
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    is_main = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("customer", "member"), name="customer_charge_once"),
            models.UniqueConstraint(
                fields=("customer",), condition=models.Q(is_main=True), name="customer_charge_one_main"
            ),
        )


class CustomerChange(models.Model):
    """変更履歴: one field of a customer or of one of their persons, before and after; never changed, never deleted
    (003-10 (a))."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="changes")
    person = models.ForeignKey(CustomerPerson, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)
    field = models.CharField(max_length=30)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=("customer", "-id"), name="customer_change_newest"),)


class Entrustment(models.Model):
    """委託: what a client lets its office do, with the clauses of the contract that were ticked (S-14; Act 10, 11)."""

    class State(models.TextChoices):
        OFFERED = "offered", "申し出中"
        AGREED = "agreed", "同意済み"
        DECLINED = "declined", "断られた"
        WITHDRAWN = "withdrawn", "取り下げ"
        ENDED = "ended", "終了"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="entrustments")
    office = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    client = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    tasks = models.JSONField(default=list)
    clauses = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFFERED)
    offered_at = models.DateTimeField()
    offered_by = models.CharField(max_length=200)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("office", "client"),
                condition=models.Q(state__in=("offered", "agreed")),
                name="entrustment_one_living_between_two",
            ),
        )
        indexes = (
            models.Index(fields=("office", "state"), name="entrustment_of_office"),
            models.Index(fields=("client", "-id"), name="entrustment_of_client"),
        )


class Inquiry(models.Model):
    """届出・お問い合わせ: a change of address or name, or a question, followed to its end (003-15).

    `values` are what shall hold from now on; they are written down when the request is accepted.
    """

    class Kind(models.TextChoices):
        ADDRESS = "address", "住所の変更"
        NAME = "name", "名称の変更"
        QUESTION = "question", "お問い合わせ"

    class State(models.TextChoices):
        OPEN = "open", "受付待ち"
        TAKEN = "taken", "対応中"
        DONE = "done", "完了"
        REFUSED = "refused", "お断り"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=12, unique=True)
    sender = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    addressee = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    values = models.JSONField(default=dict)
    words = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    sent_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    taken_by = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("addressee", "state", "id"), name="inquiry_queue"),
            models.Index(fields=("member", "-id"), name="inquiry_of_member"),
        )
