"""Tables of the room 申込."""

from __future__ import annotations

from django.db import models

from warifu.foundation.ids import new_id


class Scheme(models.Model):
    """ID体系: how the operator's user codes and identification numbers look (`rules.allotment`); L a letter, D a digit,
    everything else stands for itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    code_pattern = models.CharField(max_length=12)
    net_pattern = models.CharField(max_length=8)
    general_pattern = models.CharField(max_length=8)
    avoids_look_alikes = models.BooleanField(default=False)
    next_code = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()


class UserCode(models.Model):
    """利用者コード: allotted once for ever; a row stays, so that no code is used twice."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="user_codes")
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    text = models.CharField(max_length=12)
    allotted_at = models.DateTimeField()
    from_day = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("scheme", "text"), name="user_code_once_for_ever"),)


class Identification(models.Model):
    """識別番号: three signs after the user code; with it they make the user ID of the operator's network. `member` is
    whom the user ID lets in."""

    class Method(models.TextChoices):
        NET = "net", "netNACCS"
        GENERAL = "general", "一般"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_code = models.ForeignKey(UserCode, models.PROTECT, related_name="identifications")
    text = models.CharField(max_length=8)
    method = models.CharField(max_length=8, choices=Method.choices)
    industries = models.JSONField(default=list)
    application = models.ForeignKey("applications.Application", models.PROTECT, related_name="identifications")
    member = models.ForeignKey("organisations.Member", models.PROTECT, null=True, related_name="+")
    from_day = models.DateField()
    ended_on = models.DateField(null=True)
    shut_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user_code", "text"), name="identification_once_for_ever"),)
        indexes = (
            models.Index(
                fields=("ended_on",),
                condition=models.Q(ended_on__isnull=False, shut_at=None),
                name="identification_to_shut",
            ),
        )


class Gap(models.Model):
    """欠番: a place of the sequence that was skipped, and why."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="gaps")
    text = models.CharField(max_length=12)
    reason = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("scheme", "text"), name="gap_once"),)


class Application(models.Model):
    """申込: a request with a review. `form` is what the wizard's steps hold; `version` counts saves, so that two tabs
    do not overwrite each other."""

    class Procedure(models.TextChoices):
        USER_CODES = "user_codes", "利用者コードの追加・変更・削除"
        IDENTIFICATIONS = "identifications", "識別番号の追加・削除"

    class State(models.TextChoices):
        DRAFT = "draft", "下書き"
        SUBMITTED = "submitted", "受付済み"
        IN_REVIEW = "in_review", "審査中"
        SENT_BACK = "sent_back", "差戻し"
        ON_HOLD = "on_hold", "保留"
        APPROVED = "approved", "承認"
        REJECTED = "rejected", "不承認"
        WITHDRAWN = "withdrawn", "取下げ"
        VOID = "void", "無効"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+")
    procedure = models.CharField(max_length=20, choices=Procedure.choices)
    operation = models.CharField(max_length=10, default="add")
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    form = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    receipt = models.CharField(max_length=12, null=True, unique=True)
    made_by = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    copied_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    reviewer = models.ForeignKey("organisations.Member", models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_on = models.DateField(null=True)
    confirmed_start = models.DateField(null=True)
    settings_deadline = models.DateField(null=True)
    settings_done_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    window_letter_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("organisation", "-id"), name="application_of_organisation"),
            models.Index(fields=("state", "-id"), name="application_of_state"),
            models.Index(
                fields=("settings_deadline",),
                condition=models.Q(state="approved", settings_done_at=None),
                name="application_settings_due",
            ),
        )


class Comment(models.Model):
    """審査のことば: what a reviewer asks about one field, and the applicant's answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="comments")
    field = models.CharField(max_length=60, blank=True)
    words = models.TextField()
    by = models.UUIDField(null=True)
    by_name = models.CharField(max_length=310)
    is_reviewer = models.BooleanField()
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)


class ReceiptCounter(models.Model):
    """受付番号の連番: one a year (1200001A: two-digit year, five digits, letter)."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)


class PlanTerm(models.Model):
    """料金プラン: the plan of an organisation from a month on; plans change by months (seeds.md B2.7)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+")
    from_month = models.DateField()
    plan = models.CharField(max_length=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "scheme", "from_month"), name="plan_term_once_a_month"),
        )


class CodeOption(models.Model):
    """有料項目: what a user code pays for from a month on: statistics, and keeping of bonded data (seeds.md B2.6)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_code = models.ForeignKey(UserCode, models.PROTECT, related_name="options")
    from_month = models.DateField()
    paid_statistics = models.BooleanField()
    keeps_bonded_data = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user_code", "from_month"), name="code_option_once_a_month"),)


class Price(models.Model):
    """料金: what an item costs in a plan from a month on, in yen without tax, and where the figure is from."""

    class Item(models.TextChoices):
        BASE = "base", "基本料"
        STATISTICS = "statistics", "管理統計資料（有料）"
        KEEPING = "keeping", "保税管理資料の保存"
        USE = "use", "利用1件の単価"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="prices")
    item = models.CharField(max_length=12, choices=Item.choices)
    plan = models.CharField(max_length=1)
    from_month = models.DateField()
    amount = models.PositiveIntegerField()
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("scheme", "item", "plan", "from_month"), name="price_once_a_month"),
        )


class Charge(models.Model):
    """追加の請求額: what the operator charges for a month besides what follows from plan and codes; yen without
    tax."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    month = models.DateField()
    item = models.CharField(max_length=60)
    detail = models.CharField(max_length=100, blank=True)
    amount = models.IntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "month", "item", "detail"), name="charge_once"),)


class Paper(models.Model):
    """書面: a notice of approval or an application form that was given out as a PDF; with its number and `check_code`
    anybody can see that it is authentic. A form that is changed and sent again makes a new one (`version`)."""

    class Kind(models.TextChoices):
        APPROVAL = "approval", "契約内容変更承諾通知書"
        FORM = "form", "契約内容変更申込書"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    version = models.PositiveIntegerField()
    number = models.CharField(max_length=24, unique=True)
    check_code = models.CharField(max_length=12)
    issuer = models.CharField(max_length=200)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("application", "kind", "version"), name="paper_once"),)


class PaperCopy(models.Model):
    """書面の控え: the SHA-256 of bytes that were given out for a paper; more than one after a change of fonts."""

    paper = models.ForeignKey(Paper, models.PROTECT, related_name="copies")
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("paper", "sha256"), name="paper_copy_once"),)


class CalendarLink(models.Model):
    """日程の配信: lets a calendar program read an application's days without signing in, until it is revoked; the table
    keeps the token's SHA-256 only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="calendar_links")
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("application",), condition=models.Q(revoked_at=None), name="calendar_link_one_living"
            ),
        )


class Tick(models.Model):
    """済の印: what the applicant says was done after the decision and the system cannot see."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="ticks")
    item = models.CharField(max_length=20)
    by = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("application", "item"), name="tick_once"),)
