"""The worker makes pictures ready; the daily round deletes those whose day has come."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from tests.cast import MORNING, Cast
from tests.rooms.collection.submitted import CARD_ANSWERS, Waiting, waiting
from warifu.audit.models import Entry
from warifu.collection.actions import documents, verification
from warifu.collection.models import Document, Verification
from warifu.collection.queries import people
from warifu.collection.rules.overdue import Reason, Step
from warifu.foundation.actor import SYSTEM
from warifu.foundation.days import jst_day
from warifu.vault.actions import files
from warifu.vault.models import SealedFile

pytestmark = pytest.mark.django_db


def events(prefix: str) -> int:
    return Entry.objects.filter(event__startswith=prefix).count()


def received(case: Waiting) -> None:
    Document.objects.filter(submission_id=case.submission_id).update(state="received")


def states() -> set[str]:
    return set(Document.objects.values_list("state", flat=True))


def sealed_files() -> list[Path]:
    return [path for path in (settings.WARIFU.data_dir / "sealed").rglob("*") if path.is_file()]


def test_received_pictures_are_made_ready_once(cast: Cast) -> None:
    case = waiting(cast)
    received(case)

    assert documents.prepare_due(at=MORNING) == 2
    assert documents.prepare_due(at=MORNING) == 0

    assert states() == {"ready"}
    assert set(SealedFile.objects.values_list("generation", flat=True)) == {2}


def test_a_picture_under_lease_is_left_to_its_worker_until_that_ends(cast: Cast) -> None:
    case = waiting(cast)
    received(case)
    Document.objects.update(lease_until=MORNING + timedelta(minutes=5))

    assert documents.prepare_due(at=MORNING) == 0
    assert documents.prepare_due(at=MORNING + timedelta(minutes=6)) == 2


def test_what_cannot_be_read_is_marked_told_and_not_counted(cast: Cast) -> None:
    case = waiting(cast)
    received(case)
    bad = files.seal(
        content=b"\xff\xd8\xff but no picture",
        media_type="image/jpeg",
        organisation_id=cast.aoba,
        subject_id=case.member_id,
        by=SYSTEM,
        at=MORNING,
    )
    Document.objects.filter(id=case.document_ids[0]).update(image_ref=bad)

    assert documents.prepare_due(at=MORNING) == 2

    assert Document.objects.get(id=case.document_ids[0]).state == "unreadable"
    assert Document.objects.get(id=case.document_ids[1]).state == "ready"
    row = people.person(organisation_id=cast.aoba, entry_id=case.entry_id, today=jst_day(MORNING))
    assert (row.images, row.reason, row.step) == (1, Reason.UNREADABLE, Step.SEND_BACK)
    assert events("collection.document.unreadable") == 1


def confirmed(cast: Cast) -> Waiting:
    case = waiting(cast)
    for document_id in case.document_ids:
        verification.look(
            organisation_id=cast.aoba,
            submission_id=case.submission_id,
            document_id=document_id,
            by=cast.eto,
            at=MORNING,
        )
    verification.confirm(
        organisation_id=cast.aoba,
        submission_id=case.submission_id,
        checklist=CARD_ANSWERS,
        confirmed_on=jst_day(MORNING),
        by=cast.eto,
        at=MORNING,
    )
    return case


@pytest.mark.shows("I-20")
def test_pictures_go_on_their_day_and_the_record_stays(cast: Cast) -> None:
    confirmed(cast)

    assert documents.delete_due(at=MORNING + timedelta(days=6)) == 0
    assert len(sealed_files()) == 2
    assert documents.delete_due(at=MORNING + timedelta(days=7)) == 2
    assert documents.delete_due(at=MORNING + timedelta(days=8)) == 0

    assert states() == {"deleted"}
    assert not SealedFile.objects.exclude(wrapped_key=None).exists()
    assert Verification.objects.get().images_deleted_on == jst_day(MORNING + timedelta(days=7))
    assert events("collection.images.deleted") == 1


@pytest.mark.shows("I-20")
def test_pictures_that_were_not_confirmed_stay(cast: Cast) -> None:
    waiting(cast)

    assert documents.delete_due(at=MORNING + timedelta(days=400)) == 0
    assert states() == {"ready"}


@pytest.mark.shows("I-20")
def test_deleted_pictures_open_no_more(cast: Cast) -> None:
    case = confirmed(cast)
    documents.delete_due(at=MORNING + timedelta(days=7))

    with pytest.raises(verification.PictureNotReady):
        verification.look(
            organisation_id=cast.aoba,
            submission_id=case.submission_id,
            document_id=case.document_ids[0],
            by=cast.eto,
            at=MORNING + timedelta(days=7),
        )


def test_a_fault_changes_nothing_and_the_next_round_tries_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = confirmed(cast)
    later = MORNING + timedelta(days=7)

    def broken(**_: object) -> None:
        raise OSError("disk")

    with monkeypatch.context() as patch:
        patch.setattr(files, "destroy", broken)
        with pytest.raises(OSError, match="disk"):
            documents.delete_due(at=later)
    assert states() == {"ready"}

    assert documents.delete_due(at=later) == len(case.document_ids)
