"""Verbs of records: confirm, correct, withdraw, restore; each leaves before, after, reason and person (D-01 … D-04)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Folders as Events
from warifu.folders.models import Correction, Counterparty, TransactionRecord
from warifu.folders.queries import search as queries
from warifu.folders.queries.access import reach
from warifu.folders.rules import fields, search
from warifu.folders.rules.fields import Fields
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import NotPermitted, Permission

State = TransactionRecord.State
Act = Correction.Act


class NotNow(Refused):
    """The record's state does not allow this, or somebody else was quicker."""

    code = "WF-F203"
    sentence = _("この記録は、ほかの人が先に変えたか、いまの状態ではこの操作ができません。")
    remedy = _("画面を読み込み直して、いまの内容と履歴を確かめてください。")


class ReasonMissing(Refused):
    """Every correction says why (D-04)."""

    code = "WF-F204"
    sentence = _("理由を入れてください。")
    remedy = _("あとから見た人に分かるように、何がどう違っていたかを書いてください。500文字までです。")
    status = 422


class NothingChanged(Refused):
    """The fields are what they were."""

    code = "WF-F205"
    sentence = _("変わったところがありません。")
    remedy = _("直す欄を書き換えてから、「訂正を保存する」を押してください。")
    status = 422


class NeverDeleted(Refused):
    """Nobody deletes a record (D-03)."""

    code = "WF-F206"
    sentence = _("電子取引データは、削除できません。")
    remedy = _(
        "誤って入れたものは、理由を添えて「取消」にしてください。取消の記録とファイルは、保存期間が終わるまで残ります。"
    )
    status = 405


def confirm(*, organisation_id: UUID, folder_id: UUID, record_id: UUID, given: Fields, by: Actor, at: datetime) -> None:
    """File a record that was received, with the fields that a person has confirmed.

    Raises `NotPermitted`, `NotFound`, `FieldsWrong`, `RegistrationNumberWrong`, `NotNow`.
    """
    row = _reached(organisation_id, folder_id, record_id, by, at)
    given = fields.checked(given)
    with transaction.atomic():
        after = {**fields.as_values(given), "state": State.FILED.value}
        _write(row, {State.RECEIVED}, {**_columns(row, given), "state": State.FILED})
        _note(row, Act.FILED, {"state": State.RECEIVED.value}, after, "", by, at)
        _record(Events.FILED, row, by, at)


def correct(
    *,
    organisation_id: UUID,
    folder_id: UUID,
    record_id: UUID,
    given: Fields,
    reason: str,
    version: int,
    by: Actor,
    at: datetime,
) -> None:
    """Correct the fields of a filed record; `version` is the one that the person saw.

    Raises `NotPermitted`, `NotFound`, `FieldsWrong`, `RegistrationNumberWrong`, `ReasonMissing`, `NothingChanged`,
    `NotNow`.
    """
    row = _reached(organisation_id, folder_id, record_id, by, at)
    given = fields.checked(given)
    reason = _reason(reason)
    before, after = values_of(row=row), fields.as_values(given)
    changed = [name for name in after if before.get(name) != after[name]]
    if not changed:
        raise NothingChanged
    if row.version != version:
        raise NotNow
    with transaction.atomic():
        _write(row, {State.FILED}, _columns(row, given))
        _note(
            row,
            Act.CORRECTED,
            {name: before.get(name) for name in changed},
            {name: after[name] for name in changed},
            reason,
            by,
            at,
        )
        _record(Events.CORRECTED, row, by, at, reason=reason)


def withdraw(*, organisation_id: UUID, folder_id: UUID, record_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Mark a record as put in by mistake; it stays, is found and can be restored.

    Raises `NotPermitted`, `NotFound`, `ReasonMissing`, `NotNow`.
    """
    row = _reached(organisation_id, folder_id, record_id, by, at)
    reason = _reason(reason)
    with transaction.atomic():
        _write(row, {State.FILED, State.RECEIVED}, {"state": State.WITHDRAWN})
        _note(row, Act.WITHDRAWN, {"state": row.state}, {"state": State.WITHDRAWN.value}, reason, by, at)
        _record(Events.WITHDRAWN, row, by, at, reason=reason)


def restore(*, organisation_id: UUID, folder_id: UUID, record_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Take a withdrawal back. Raises `NotPermitted`, `NotFound`, `ReasonMissing`, `NotNow`."""
    row = _reached(organisation_id, folder_id, record_id, by, at)
    reason = _reason(reason)
    state = State.FILED if row.traded_on else State.RECEIVED
    with transaction.atomic():
        _write(row, {State.WITHDRAWN}, {"state": state})
        _note(row, Act.RESTORED, {"state": State.WITHDRAWN.value}, {"state": state.value}, reason, by, at)
        _record(Events.RESTORED, row, by, at, reason=reason)


def set_opening_word(
    *, organisation_id: UUID, folder_id: UUID, record_id: UUID, word: str, by: Actor, at: datetime
) -> None:
    """Keep the password of a locked file beside it, so that it opens for an auditor; the bytes stay (D-07).

    Raises `NotPermitted`, `NotFound`, `NotNow`.
    """
    row = _reached(organisation_id, folder_id, record_id, by, at)
    with transaction.atomic():
        rows = TransactionRecord.objects.filter(id=row.id, is_locked=True).exclude(state=State.DISPOSED)
        if rows.update(opening_word=word[:100], read_at=None) != 1:
            raise NotNow
        _record(Events.OPENING_WORD_KEPT, row, by, at)


def refuse_to_delete(*, organisation_id: UUID, folder_id: UUID, record_id: UUID, by: Actor, at: datetime) -> NoReturn:
    """Note that somebody asked for a deletion, and refuse it (D-03).

    Raises `NotPermitted`, `NotFound`, `NeverDeleted`.
    """
    reached = reach(
        organisation_id=organisation_id, folder_id=folder_id, permission=Permission.FOLDERS_READ, by=by, at=at
    )
    row = queries.record_of(reached=reached, record_id=record_id)
    with transaction.atomic():
        _record(Events.DELETION_REFUSED, row, by, at)
    raise NeverDeleted


def values_of(*, row: TransactionRecord) -> dict[str, Any]:
    """A row's fields as JSON values, as `rules.fields.as_values` writes them."""
    return {
        "traded_on": row.traded_on.isoformat() if row.traded_on else None,
        "counterparty": row.counterparty.name if row.counterparty else "",
        "kind": row.kind,
        "direction": row.direction,
        "amount": f"{row.amount:.2f}" if row.amount is not None else None,
        "currency": row.currency,
        "registration_number": row.registration_number,
        "counterparty_code": row.counterparty.code if row.counterparty else "",
        "document_number": row.document_number,
        "ledger_link": row.ledger_link,
        "memo": row.memo,
    }


def note_disposal(*, row: TransactionRecord, reason: str, by: Actor, at: datetime) -> None:
    """Write the history's line of a disposal after the end of keeping, in the caller's transaction."""
    _note(row, Act.DISPOSED, {"state": row.state}, {"state": State.DISPOSED.value}, reason, by, at)


def _reached(organisation_id: UUID, folder_id: UUID, record_id: UUID, by: Actor, at: datetime) -> TransactionRecord:
    permission = Permission.FOLDERS_FILE
    reached = reach(organisation_id=organisation_id, folder_id=folder_id, permission=permission, by=by, at=at)
    if reached.limits != search.NO_LIMITS:
        raise NotPermitted
    return queries.record_of(reached=reached, record_id=record_id)


def _reason(reason: str) -> str:
    plain = fields.visible(reason).strip()
    if not plain or len(plain) > 500:
        raise ReasonMissing
    return plain


def _write(row: TransactionRecord, states: set[Any], columns: dict[str, Any]) -> None:
    rows = TransactionRecord.objects.filter(id=row.id, version=row.version, state__in=states)
    if rows.update(version=row.version + 1, **columns) != 1:
        raise NotNow


def _columns(row: TransactionRecord, given: Fields) -> dict[str, Any]:
    return {
        "traded_on": given.traded_on,
        "amount": given.amount,
        "currency": given.currency,
        "counterparty_id": _counterparty(row.folder_id, given.counterparty, given.counterparty_code),
        "registration_number": given.registration_number,
        "kind": given.kind.value,
        "direction": given.direction.value,
        "document_number": given.document_number,
        "ledger_link": given.ledger_link,
        "memo": given.memo,
    }


def _counterparty(folder_id: UUID, name: str, code: str) -> int:
    named = {"folder_id": folder_id, "name": name, "code": code}
    found = Counterparty.objects.filter(**named).first()
    if found is None:
        try:
            with transaction.atomic():
                found = Counterparty.objects.create(key=search.folded(name), **named)
        except IntegrityError:
            found = Counterparty.objects.get(**named)
    return found.id


def _note(
    row: TransactionRecord,
    act: Correction.Act,
    before: dict[str, Any],
    after: dict[str, Any],
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    told = [str(value) for values in (before, after) for value in values.values() if value]
    Correction.objects.create(
        record=row,
        folder_id=row.folder_id,
        version=row.version + 1,
        act=act,
        at=at,
        by_id=by.id,
        by_name=by.label,
        reason=reason,
        before=before,
        after=after,
        search_text="\n".join(search.folded(text) for text in (*told, reason, by.label, row.file_name)),
    )


def _record(event: Events, row: TransactionRecord, by: Actor, at: datetime, **values: Any) -> None:
    audit.record(
        event=event,
        by=by,
        at=at,
        organisation_id=row.folder.organisation_id,
        subject_id=row.folder_id,
        number=row.number,
        **values,
    )
