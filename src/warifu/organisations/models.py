"""Tables of the room 組織."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from warifu.foundation.actor import Role
from warifu.foundation.ids import new_id
from warifu.foundation.standing import Standing


class Organisation(models.Model):
    """組織・会社: a tenant; a legal person, and so the wall between numbers (P-07).

    An office (事務所) serves customers and issues IDs to its staff and to them. `sign_in_policy` is what 資格 demands
    of each role; that room alone reads its meaning. `standing` and its days are set by ライセンス: `licensed_until` is
    the last day of what was bought, `works_until` the last day on which anything new may be begun.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    corporate_number = models.CharField(max_length=13, blank=True)
    auto_logout_hours = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(8)]
    )
    contact = models.CharField(max_length=200, blank=True)
    is_office = models.BooleanField(default=False)
    is_operator = models.BooleanField(default=False)
    sign_in_policy = models.JSONField(default=dict)
    standing = models.CharField(
        max_length=10, choices=[(one.value, one.label) for one in Standing], default=Standing.FULL.value
    )
    licensed_until = models.DateField(null=True)
    works_until = models.DateField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="organisation_logout_1_to_8_hours",
                condition=models.Q(auto_logout_hours__gte=1, auto_logout_hours__lte=8),
            ),
        )

    def __str__(self) -> str:
        return self.name


class CalendarDay(models.Model):
    """営業日の例外: a day on which an organisation works although the calendar says no, or the other way round."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="calendar_days")
    day = models.DateField()
    is_open = models.BooleanField()
    name = models.CharField(max_length=60)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "day"), name="calendar_day_once"),)


class Member(models.Model):
    """利用者: one person's belonging to an organisation, with the roles held there (P-09, P-15)."""

    class State(models.TextChoices):
        ACTIVE = "active", "在籍"
        LEFT = "left", "退職・退出"

    class Employment(models.TextChoices):
        WORKING = "working", "在職"
        OFFERED = "offered", "内定"
        ON_LEAVE = "on_leave", "休職"
        RETIRED = "retired", "退職"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="members", db_index=False)
    mail = models.CharField(max_length=254, blank=True)
    family_name = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100, blank=True)
    middle_name = models.CharField(max_length=100, blank=True)
    family_kana = models.CharField(max_length=100, blank=True)
    given_kana = models.CharField(max_length=100, blank=True)
    born_on = models.DateField(null=True, blank=True)
    hired_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    employee_code = models.CharField(max_length=40, blank=True)
    department = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    employment = models.CharField(max_length=10, choices=Employment.choices, default=Employment.WORKING)
    roles = models.PositiveSmallIntegerField(default=int(Role.EMPLOYEE))
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    search_text = models.CharField(max_length=600, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "mail"), condition=~models.Q(mail=""), name="member_mail_once"
            ),
            models.UniqueConstraint(
                fields=("organisation", "employee_code"),
                condition=~models.Q(employee_code=""),
                name="member_employee_code_once",
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "department"), name="member_department"),
            models.Index(fields=("organisation", "family_kana", "given_kana", "id"), name="member_by_kana"),
        )

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """The name in the order 姓 名 ミドルネーム, as given (J-01)."""
        return " ".join(part for part in (self.family_name, self.given_name, self.middle_name) if part)

    @property
    def full_kana(self) -> str:
        """The reading, セイ メイ."""
        return " ".join(part for part in (self.family_kana, self.given_kana) if part)

    def holds(self, role: Role) -> bool:
        """Whether the member holds a role."""
        return role in Role(self.roles)


class HandlingPlan(models.Model):
    """取扱いの定め: what the first-run wizard writes down, without which no number is collected (P-15, S-02).

    `purposes` is a list of purpose codes; the wording that persons are shown is a `PurposeNotice` of collection.
    """

    organisation = models.OneToOneField(Organisation, models.PROTECT, primary_key=True, related_name="handling_plan")
    purposes = models.JSONField(default=list)
    files = models.TextField(blank=True)
    area = models.TextField(blank=True)
    report_route = models.TextField(blank=True)
    responsible = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=0)
    completed_at = models.DateTimeField(null=True)


class Appointment(models.Model):
    """任命: a handler's appointment, with the range of tasks and data (P-15 step C, S-02)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="appointments")
    member = models.ForeignKey(Member, models.PROTECT, related_name="appointments")
    purposes = models.JSONField(default=list)
    range = models.CharField(max_length=300)
    from_day = models.DateField()
    until_day = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("member",), condition=models.Q(until_day=None), name="appointment_one_running"
            ),
        )
