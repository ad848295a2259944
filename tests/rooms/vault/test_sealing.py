"""The format, the keys, and what happens to bytes that were touched."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warifu.foundation.ids import new_id
from warifu.vault import rules, sealing
from warifu.vault.sealing import FileMasterKeys, Key, OrganisationSecret

PLACE = sealing.place(UUID(int=1), UUID(int=2), "number")
KEY = Key(7, b"k" * 32)


@pytest.mark.shows("S-12", "S-17")
@given(st.binary(max_size=2000))
def test_what_is_sealed_opens_again(content: bytes) -> None:
    assert KEY.open(KEY.seal(content, PLACE), PLACE) == content


@given(st.binary(min_size=1, max_size=60), st.data())
def test_any_flipped_bit_is_refused(content: bytes, data: st.DataObject) -> None:
    box = bytearray(KEY.seal(content, PLACE))
    where = data.draw(st.integers(0, len(box) - 1))
    box[where] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(rules.SealBroken):
        KEY.open(bytes(box), PLACE)


@given(st.integers(0, 44))
def test_a_cut_box_is_refused(length: int) -> None:
    with pytest.raises(rules.SealBroken):
        KEY.open(KEY.seal(b"123456789012", PLACE)[:length], PLACE)


def test_a_number_takes_45_bytes_and_names_version_and_key() -> None:
    box = KEY.seal(b"x" * 12, PLACE)
    assert len(box) == 45
    assert box[0] == sealing.VERSION
    assert int.from_bytes(box[1:5], "big") == 7


def test_no_two_boxes_share_a_nonce() -> None:
    assert len({KEY.seal(b"same", PLACE)[5:17] for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "elsewhere",
    [
        sealing.place(UUID(int=9), UUID(int=2), "number"),
        sealing.place(UUID(int=1), UUID(int=9), "number"),
        sealing.place(UUID(int=1), UUID(int=2), "number-key"),
    ],
    ids=["organisation", "record", "field"],
)
def test_a_box_opens_in_its_own_place_only(elsewhere: bytes) -> None:
    with pytest.raises(rules.SealBroken):
        KEY.open(KEY.seal(b"x", PLACE), elsewhere)


@given(st.binary(max_size=100))
def test_data_keys_are_fresh_and_open_under_their_organisation_only(content: bytes) -> None:
    ours, theirs = OrganisationSecret(1, b"a" * 32), OrganisationSecret(1, b"b" * 32)
    key, wrapped = ours.fresh_data_key(PLACE)
    other, other_wrapped = ours.fresh_data_key(PLACE)
    assert wrapped != other_wrapped
    box = key.seal(content, PLACE)
    assert ours.data_key(wrapped, PLACE).open(box, PLACE) == content
    with pytest.raises(rules.SealBroken):
        other.open(box, PLACE)
    with pytest.raises(rules.SealBroken):
        theirs.data_key(wrapped, PLACE)


def test_rewrapping_keeps_the_data_key() -> None:
    older, newer = OrganisationSecret(1, b"a" * 32), OrganisationSecret(2, b"b" * 32)
    key, wrapped = older.fresh_data_key(PLACE)
    box = key.seal(b"content", PLACE)
    rewrapped = newer.rewrap(wrapped, PLACE, under=older)
    assert newer.data_key(rewrapped, PLACE).open(box, PLACE) == b"content"
    assert int.from_bytes(rewrapped[1:5], "big") == 2


@pytest.mark.shows("P-06")
def test_tags_of_the_same_number_differ_between_organisations() -> None:
    ours, theirs = OrganisationSecret(1, b"a" * 32), OrganisationSecret(1, b"b" * 32)
    assert ours.tag("000000000005") == ours.tag("000000000005")
    assert ours.tag("000000000005") != theirs.tag("000000000005")


class TestMasterKeyFile:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "keys" / "master.key"
        FileMasterKeys.create(path)
        return path

    def test_is_made_for_its_owner_alone_and_never_over_another(self, file: Path) -> None:
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
        before = file.read_text()
        with pytest.raises(FileExistsError):
            FileMasterKeys.create(file)
        assert file.read_text() == before

    def test_wraps_with_the_newest_and_unwraps_with_all(self, file: Path) -> None:
        masters = FileMasterKeys(file)
        first = masters.wrap(b"s" * 32, PLACE)
        assert masters.renew() == "2"
        second = masters.wrap(b"s" * 32, PLACE)
        assert (first[0], second[0], masters.current()) == ("1", "2", "2")
        assert masters.unwrap(*first, PLACE) == masters.unwrap(*second, PLACE) == b"s" * 32
        assert file.stat().st_mode & 0o777 == 0o600

    def test_refuses_a_file_that_others_may_read(self, file: Path) -> None:
        file.chmod(0o640)
        with pytest.raises(sealing.MasterKeyExposed):
            FileMasterKeys(file).current()

    @pytest.mark.parametrize("text", ["", "1\n", "one " + "0" * 64, "1 " + "0" * 62, "1 " + "z" * 64, "-1 " + "0" * 64])
    def test_refuses_a_file_that_holds_no_keys(self, file: Path, text: str) -> None:
        file.write_text(text)
        with pytest.raises(sealing.MasterKeyMissing):
            FileMasterKeys(file).current()

    def test_says_so_when_the_key_that_is_needed_is_gone(self, file: Path) -> None:
        masters = FileMasterKeys(file)
        with pytest.raises(sealing.MasterKeyMissing):
            masters.unwrap("9", masters.wrap(b"s", PLACE)[1], PLACE)
        file.unlink()
        with pytest.raises(sealing.MasterKeyMissing):
            masters.current()

    @settings(max_examples=50)
    @given(data=st.data())
    def test_a_flipped_bit_of_a_wrapped_key_is_refused(self, data: st.DataObject) -> None:
        secret = OrganisationSecret(3, os.urandom(32))
        place = sealing.place(new_id(), new_id(), "file-key")
        _, wrapped = secret.fresh_data_key(place)
        touched = bytearray(wrapped)
        touched[data.draw(st.integers(0, len(touched) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        with pytest.raises(rules.SealBroken):
            secret.data_key(bytes(touched), place)
