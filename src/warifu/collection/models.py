"""Tables of the room 収集. Numbers and images appear as references into the vault, never as foreign keys."""

from __future__ import annotations

from django.db import models

from warifu.foundation.ids import new_id


class Policy(models.Model):
    """収集の設定: what an organisation chose for collecting."""

    organisation = models.OneToOneField(
        "organisations.Organisation", models.PROTECT, primary_key=True, related_name="+"
    )
    overdue_days = models.PositiveSmallIntegerField(default=3)
    automatic_reminders = models.BooleanField(default=False)
    reminder_every_days = models.PositiveSmallIntegerField(default=3)
    quiet_from_hour = models.PositiveSmallIntegerField(default=20)
    quiet_until_hour = models.PositiveSmallIntegerField(default=8)
    second_check = models.BooleanField(default=True)
    second_check_off_reason = models.CharField(max_length=300, blank=True)
    image_keep_days = models.PositiveSmallIntegerField(default=7)

    class Meta:
        constraints = (
            models.CheckConstraint(name="policy_image_keep_0_to_30", condition=models.Q(image_keep_days__lte=30)),
            models.CheckConstraint(
                name="policy_second_check_off_has_reason",
                condition=models.Q(second_check=True) | ~models.Q(second_check_off_reason=""),
            ),
        )


class PurposeNotice(models.Model):
    """利用目的のお知らせ: one version of the notice that is shown before the number field (P-03)."""

    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    purposes = models.JSONField(default=list)
    text = models.TextField()
    hash = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "version"), name="purpose_notice_version_once"),)


class Roster(models.Model):
    """従業員名簿: one uploaded file on its way to people. Its bytes lie sealed in the vault under `file_ref`,
    and what the newest check made of a large one under `checked_ref` until it is loaded.

    `mapping` says which column is which field where a person chose; `columns` says how each column is read. `errors`
    and `warnings` count problems; `progress` is rows done so far. `asked_by` is who asked the worker for loading.
    """

    class State(models.TextChoices):
        RECEIVED = "received", "受け取りました"
        CHECKING = "checking", "調べています"
        CHECKED = "checked", "確認してください"
        LOADING = "loading", "取り込んでいます"
        LOADED = "loaded", "取り込みました"
        REFUSED = "refused", "名簿として読めません"
        UNDONE = "undone", "取り消しました"
        DISCARDED = "discarded", "使わないことにしました"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=255)
    file_ref = models.UUIDField()
    file_hash = models.CharField(max_length=64)
    checked_ref = models.UUIDField(null=True)
    preset = models.CharField(max_length=20, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    has_header = models.BooleanField(default=True)
    mapping = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    refusal = models.CharField(max_length=20, blank=True)
    refusal_values = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    warnings = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    progress = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    uploaded_by = models.UUIDField(null=True)
    uploaded_at = models.DateTimeField()
    asked_by = models.JSONField(default=dict)
    loaded_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("organisation", "-id"), name="roster_of_organisation"),)


class RosterProblem(models.Model):
    """名簿の問題: what is the matter with one cell, and what would mend it. `row` counts data rows from 1."""

    roster = models.ForeignKey(Roster, models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=60)
    code = models.CharField(max_length=20)
    severity = models.CharField(max_length=10)
    value = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    suggestion = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (models.Index(fields=("roster", "row", "id"), name="problem_of_roster"),)


class RosterMend(models.Model):
    """名簿の手直し: a cell's value as mended in the browser; the file itself is never changed."""

    roster = models.ForeignKey(Roster, models.CASCADE, related_name="mends")
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=60)
    value = models.CharField(max_length=300)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("roster", "row", "column"), name="mend_once"),)


class RosterChange(models.Model):
    """名簿による変更: the values that a roster changed of somebody who was there already, so that it can be undone."""

    roster = models.ForeignKey(Roster, models.CASCADE, related_name="changes")
    member_id = models.UUIDField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)


class RosterEntry(models.Model):
    """名簿の一人: one person to collect from, and how far the collecting has come.

    `due_on` is the last day before the entry is overdue; counted in calendar days from registration (001-22, C-7).
    `bounced_at` repeats the newest letter's fate, `images` and `unreadable` count the pictures that can and that cannot
    be opened, so that lists need no look-up per row. `stage` follows the state:
    it puts lists into the order of work (those who have to hand in, those to verify, those who are done).
    `next_reminder_on` is the first day of the next automatic reminder, None while none is planned. `brought_member`
    says that the roster also added the member, so that undoing it removes both.
    """

    class State(models.TextChoices):
        LISTED = "listed", "依頼前"
        INVITED = "invited", "提出待ち"
        STARTED = "started", "入力中"
        SUBMITTED = "submitted", "確認待ち"
        CHECKED = "checked", "二人目待ち"
        VERIFIED = "verified", "済"
        SENT_BACK = "sent_back", "差戻し"
        NOT_PROVIDED = "not_provided", "提出なし"
        WITHDRAWN = "withdrawn", "取下げ"
        ENDED = "ended", "退職・退出"

    OPEN = (State.LISTED, State.INVITED, State.STARTED, State.SENT_BACK, State.WITHDRAWN)
    WAITING = (State.SUBMITTED, State.CHECKED)

    class Stage(models.IntegerChoices):
        OPEN = 0
        WAITING = 1
        DONE = 2

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+", db_index=False)
    member = models.OneToOneField("organisations.Member", models.PROTECT, related_name="+")
    roster = models.ForeignKey(Roster, models.PROTECT, null=True, related_name="entries")
    brought_member = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.LISTED)
    registered_on = models.DateField()
    due_on = models.DateField()
    invited_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    confirmed_on = models.DateField(null=True)
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    bounced_at = models.DateTimeField(null=True)
    bounce_reason = models.CharField(max_length=300, blank=True)
    overdue_noted_on = models.DateField(null=True)
    dependents = models.PositiveSmallIntegerField(default=0)
    images = models.PositiveSmallIntegerField(default=0)
    unreadable = models.PositiveSmallIntegerField(default=0)
    next_reminder_on = models.DateField(null=True)
    stage = models.GeneratedField(
        expression=models.Case(
            models.When(state__in=OPEN, then=models.Value(Stage.OPEN)),
            models.When(state__in=WAITING, then=models.Value(Stage.WAITING)),
            default=models.Value(Stage.DONE),
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )

    class Meta:
        indexes = (
            models.Index(fields=("organisation", "state", "due_on", "id"), name="entry_by_state"),
            models.Index(fields=("organisation", "stage", "due_on", "id"), name="entry_by_work"),
            models.Index(fields=("organisation", "registered_on", "id"), name="entry_by_registration"),
            models.Index(
                fields=("organisation", "submitted_at", "id"),
                condition=models.Q(submitted_at__isnull=False),
                name="entry_by_submission",
            ),
            models.Index(
                fields=("due_on", "id"),
                condition=models.Q(stage=0, overdue_noted_on=None),
                name="entry_overdue_to_note",
            ),
            models.Index(
                fields=("next_reminder_on", "id"),
                condition=models.Q(stage=0, next_reminder_on__isnull=False),
                name="entry_to_remind",
            ),
        )


class NoticeShown(models.Model):
    """お知らせの記録: that a person was shown a version of the purpose notice, and when (P-03)."""

    notice = models.ForeignKey(PurposeNotice, models.PROTECT, related_name="+")
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("notice", "member"), name="notice_shown_once"),)


class Submission(models.Model):
    """提出: one round of what a person hands in. The number is `number_ref`; digits are in the vault only."""

    class State(models.TextChoices):
        DRAFT = "draft", "入力中"
        SUBMITTED = "submitted", "提出済み"
        VERIFIED = "verified", "確認済み"
        SENT_BACK = "sent_back", "差戻し"
        WITHDRAWN = "withdrawn", "取下げ"

    class Channel(models.TextChoices):
        SELF = "self", "本人が画面から"
        PAPER = "paper", "書面で受け取って代行入力"
        TELEPHONE = "telephone", "電話で聞いて代行入力"
        IN_PERSON = "in_person", "対面で受け取って代行入力"
        POSTAL = "postal", "郵送で受け取って代行入力"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    entry = models.ForeignKey(RosterEntry, models.PROTECT, related_name="submissions")
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.SELF)
    entered_by = models.UUIDField(null=True)
    entered_reason = models.CharField(max_length=300, blank=True)
    received_on = models.DateField(null=True)
    notice = models.ForeignKey(PurposeNotice, models.PROTECT, null=True, related_name="+")
    family_name = models.CharField(max_length=100, blank=True)
    given_name = models.CharField(max_length=100, blank=True)
    family_kana = models.CharField(max_length=100, blank=True)
    given_kana = models.CharField(max_length=100, blank=True)
    born_on = models.DateField(null=True)
    postal_code = models.CharField(max_length=7, blank=True)
    prefecture = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=60, blank=True)
    street = models.CharField(max_length=200, blank=True)
    building = models.CharField(max_length=200, blank=True)
    number_ref = models.UUIDField(null=True)
    method = models.CharField(max_length=30, blank=True)
    number_paper = models.CharField(max_length=40, blank=True)
    identity_papers = models.JSONField(default=list)
    answers = models.JSONField(default=dict)
    receipt = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    sent_back_reasons = models.JSONField(default=list)
    sent_back_words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("entry", "round"), name="submission_round_once"),
            models.UniqueConstraint(
                fields=("entry",),
                condition=models.Q(state__in=["draft", "submitted"]),
                name="submission_one_open",
            ),
        )


class Dependent(models.Model):
    """扶養親族等: a family member in a submission (001-18). `spouse_path` is agent or entrusted (I-15).

    `subject_id` is the person: a new round copies the row under a new id but keeps whose number it is.
    """

    class Relation(models.TextChoices):
        SPOUSE = "spouse", "配偶者"
        CHILD = "child", "子"
        PARENT = "parent", "父母"
        OTHER = "other", "その他の親族"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="dependents")
    subject_id = models.UUIDField(default=new_id)
    order = models.PositiveSmallIntegerField()
    relation = models.CharField(max_length=10, choices=Relation.choices)
    family_name = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100, blank=True)
    family_kana = models.CharField(max_length=100, blank=True)
    given_kana = models.CharField(max_length=100, blank=True)
    born_on = models.DateField(null=True)
    number_ref = models.UUIDField(null=True)
    is_third_category = models.BooleanField(default=False)
    spouse_path = models.CharField(max_length=10, blank=True)
    checked_by_employee_at = models.DateTimeField(null=True)

    @property
    def full_name(self) -> str:
        """The name in the order 姓 名."""
        return " ".join(part for part in (self.family_name, self.given_name) if part)


class Document(models.Model):
    """書類の画像: one picture of one side of a paper; `image_ref` opens it in the vault only."""

    class State(models.TextChoices):
        RECEIVED = "received", "受け取りました"
        READY = "ready", "整えました"
        UNREADABLE = "unreadable", "画像として読めません"
        DELETED = "deleted", "消しました"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="documents")
    dependent = models.ForeignKey(Dependent, models.SET_NULL, null=True, related_name="documents")
    paper = models.CharField(max_length=40)
    side = models.CharField(max_length=10, default="front")
    slot = models.CharField(max_length=60)
    image_ref = models.UUIDField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    is_masked = models.BooleanField(default=False)
    size = models.PositiveIntegerField()
    lease_until = models.DateTimeField(null=True)
    uploaded_at = models.DateTimeField()
    delete_on = models.DateField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("uploaded_at",), condition=models.Q(state="received"), name="document_to_prepare"),
            models.Index(fields=("delete_on",), condition=~models.Q(state="deleted"), name="document_to_delete"),
        )


class Look(models.Model):
    """閲覧の記録: that a checker opened one attachment of a submission (a confirmation needs all of them)."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="looks")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    member_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("document", "member_id"), name="look_once"),)


class Verification(models.Model):
    """本人確認の記録: who was verified, how, by whom, with what result; no number, no image (I-19)."""

    class Result(models.TextChoices):
        CHECKED = "checked", "一人目が確認"
        CONFIRMED = "confirmed", "済"
        SENT_BACK = "sent_back", "差戻し"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="verifications")
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    method = models.CharField(max_length=30)
    papers = models.JSONField(default=list)
    checklist = models.JSONField(default=dict)
    rule_version = models.CharField(max_length=20)
    channel = models.CharField(max_length=10)
    entered_by = models.UUIDField(null=True)
    checked_by = models.UUIDField(null=True)
    checked_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)
    confirmed_on = models.DateField(null=True)
    result = models.CharField(max_length=10, choices=Result.choices)
    images_deleted_on = models.DateField(null=True)
    created_at = models.DateTimeField()
