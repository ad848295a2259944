"""Tables of the room ヘルプ. The index has a table of tokens beside it, which the database itself searches."""

from __future__ import annotations

from django.db import models

from warifu.foundation.ids import new_id
from warifu.help.rules.articles import State
from warifu.help.rules.volumes import Kind, Reader

_KINDS = [(one.value, one.label) for one in Kind]
_READERS = [(one.value, one.label) for one in Reader]


class Article(models.Model):
    """ヘルプの記事: what an organisation's editors write; its words are in its versions."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=_KINDS)
    reader = models.CharField(max_length=14, choices=_READERS)
    volume = models.CharField(max_length=20)
    chapter = models.CharField(max_length=20)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)


class ArticleVersion(models.Model):
    """記事の版: one wording of an article; what was published is never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=[(one.value, one.label) for one in State], default="draft")
    title = models.CharField(max_length=100)
    lead = models.CharField(max_length=200)
    body = models.TextField()
    title_en = models.CharField(max_length=100, blank=True)
    lead_en = models.CharField(max_length=200, blank=True)
    body_en = models.TextField(blank=True)
    written_by = models.UUIDField(null=True)
    written_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("article", "number"), name="help_version_once"),
            models.UniqueConstraint(
                fields=("article",), condition=models.Q(state="published"), name="help_one_published_version"
            ),
            models.UniqueConstraint(
                fields=("article",),
                condition=models.Q(state__in=("draft", "reviewing", "sent_back")),
                name="help_one_version_at_work",
            ),
        )


class ArticlePicture(models.Model):
    """記事の画像: drawn anew by the child process, so that nothing of the file that came is left."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="pictures")
    alt = models.CharField(max_length=200)
    content = models.BinaryField()
    added_at = models.DateTimeField()


class IndexEntry(models.Model):
    """索引の見出し: one document of help as the search finds it; `organisation` is None for what everybody may read.

    A document in two languages has an entry in each; one in Japanese alone has an entry without a language.
    """

    key = models.CharField(max_length=120)
    language = models.CharField(max_length=2, blank=True)
    kind = models.CharField(max_length=12, choices=_KINDS)
    reader = models.CharField(max_length=14, choices=_READERS)
    volume = models.CharField(max_length=20, blank=True)
    chapter = models.CharField(max_length=20, blank=True)
    order = models.PositiveIntegerField(default=0)
    organisation = models.ForeignKey("organisations.Organisation", models.CASCADE, null=True, related_name="+")
    title = models.CharField(max_length=300)
    lead = models.CharField(max_length=600)
    title_en = models.CharField(max_length=300, blank=True)
    lead_en = models.CharField(max_length=600, blank=True)
    text = models.TextField(blank=True)
    pictures = models.PositiveSmallIntegerField(default=0)
    normal_title = models.TextField()
    normal_head = models.TextField()
    normal_text = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("key", "language"), name="help_entry_once"),)


class IndexState(models.Model):
    """索引の版: which wording of the product's own documents the index was made from."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    fingerprint = models.CharField(max_length=64)
    made_at = models.DateTimeField()


class SynonymGroup(models.Model):
    """言い換え: words that mean the same to the search, beside those of the repository; the operator keeps them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    words = models.JSONField(default=list)
    changed_at = models.DateTimeField()


class UnansweredQuestion(models.Model):
    """答えのなかった質問: words that found nothing, and how often; never who asked, never long digits."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    normal = models.CharField(max_length=120, unique=True)
    words = models.CharField(max_length=60)
    count = models.PositiveIntegerField(default=1)
    first_on = models.DateField()
    last_on = models.DateField()
    is_settled = models.BooleanField(default=False)


class Verdict(models.Model):
    """役に立ったか: how many readers found a document helpful, and how many did not."""

    key = models.CharField(max_length=120, unique=True)
    helpful = models.PositiveIntegerField(default=0)
    unhelpful = models.PositiveIntegerField(default=0)


class EmployeeManual(models.Model):
    """従業員向けマニュアル: what an organisation chose for the manual for its employees (000-42, 000-43)."""

    organisation = models.OneToOneField(
        "organisations.Organisation", models.PROTECT, primary_key=True, related_name="+"
    )
    choices = models.JSONField(default=dict)
    changed_at = models.DateTimeField()
