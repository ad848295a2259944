"""Tables of the room ライセンス. No code stands in them: what proves possession is derived when it is shown."""

from __future__ import annotations

from django.db import models

from warifu.foundation.ids import new_id


class Product(models.Model):
    """製品: what is licensed; `edition` says what start of use provides (with or without collecting)."""

    class Edition(models.TextChoices):
        COLLECTING = "collecting", "収集と保管"
        KEEPING = "keeping", "保管だけ"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    edition = models.CharField(max_length=12, choices=Edition.choices, default=Edition.COLLECTING)
    licence_months = models.PositiveSmallIntegerField(default=12)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class Terms(models.Model):
    """利用規約: one document of a product in one version; ticked one by one, versions are kept (000-9)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="terms")
    code = models.SlugField(max_length=40)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=100)
    body = models.TextField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("product", "code", "version"), name="terms_once"),)


class CardBatch(models.Model):
    """登録カードの束: cards that are made together, for one product, to be sent by mail or in a box (000-5)."""

    class Channel(models.TextChoices):
        MAIL = "mail", "電子納品メール"
        BOX = "box", "同梱のカード"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="batches")
    name = models.CharField(max_length=60)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    register_until = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True)


class RegistrationCard(models.Model):
    """製品登録番号カード: a number and two confirmation numbers, one for registering, one for the support contract
    (000-4, 000-8). The confirmation numbers are derived from the row's id with a key."""

    class State(models.TextChoices):
        ISSUED = "issued", "未登録"
        REGISTERED = "registered", "登録済み"
        REVOKED = "revoked", "取消"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(CardBatch, models.PROTECT, related_name="cards")
    number = models.CharField(max_length=16, unique=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.ISSUED)
    sent_to = models.CharField(max_length=254, blank=True)
    printed_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (models.Index(fields=("batch", "-id"), name="card_of_batch"),)


class Registration(models.Model):
    """利用者登録: a customer's way from card to licence; its token is known to one browser only (000-6 … 000-15)."""

    class State(models.TextChoices):
        DRAFT = "draft", "登録の途中"
        REGISTERED = "registered", "登録済み"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    card = models.ForeignKey(RegistrationCard, models.PROTECT, related_name="registrations")
    token_hash = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    accepted_terms = models.JSONField(default=list)
    company = models.JSONField(default=dict)
    support_confirmed_at = models.DateTimeField(null=True)
    support_id = models.CharField(max_length=16, null=True, unique=True)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    registered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("card",), condition=models.Q(state="registered"), name="registration_one_for_each_card"
            ),
        )


class Licence(models.Model):
    """ライセンス: what was bought until when. Its key is derived and mailed; it starts one organisation."""

    class State(models.TextChoices):
        ACTIVE = "active", "利用開始前"
        STARTED = "started", "利用中"
        REVOKED = "revoked", "取消"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    registration = models.ForeignKey(Registration, models.PROTECT, related_name="licences")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.ACTIVE)
    from_day = models.DateField()
    until_day = models.DateField()
    reminded_days = models.PositiveSmallIntegerField(null=True)
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)


class SupportContract(models.Model):
    """保守契約 (OMSS): a term of support; each renewal is a row of its own (000-7)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    registration = models.ForeignKey(Registration, models.PROTECT, related_name="contracts")
    card = models.ForeignKey(RegistrationCard, models.PROTECT, related_name="+")
    from_day = models.DateField()
    until_day = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("card",), name="support_contract_one_for_each_card"),)


class StartOfUse(models.Model):
    """利用開始のお申込み: turns a licence into a running organisation (000-17 … 000-24)."""

    licence = models.OneToOneField(Licence, models.PROTECT, primary_key=True, related_name="start")
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    is_shared = models.BooleanField()
    issued_to = models.CharField(max_length=100)
    administrator = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    at = models.DateTimeField()
