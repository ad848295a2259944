"""The index and the search: newcomers find the answer first, the index equals a scan, and who may find what."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest

from tests.cast import Cast
from warifu.help.actions import index
from warifu.help.models import IndexEntry
from warifu.help.queries import search as queries
from warifu.help.queries.search import search
from warifu.help.rules import searching
from warifu.help.rules.documents import ENGLISH, JAPANESE, Document
from warifu.help.rules.searching import Fields
from warifu.help.rules.volumes import Kind, Reader

pytestmark = pytest.mark.django_db

NEWCOMERS = {
    "パスワード 忘れた": "password-forgotten",
    "通知カード": "which-paper",
    "扶養家族": "family",
    "写真 ぼやける": "blurred-picture",
    "提出期限を過ぎてしまった": "past-due",
    "メールが届かない": "mail-missing",
    "暗証番号 ロック": "card-pin",
    "電子証明書の更新": "renew-certificate",
    "廃棄": "disposal",
    "退職した人": "left-person",
    "用意するもの": "what-to-prepare",
    "なぜマイナンバーを出すのか": "why",
    "ログインできない": "cannot-sign-in",
    "確認コードが届かない": "mail-code",
    "スマホをなくした": "phone-lost",
    "名簿 csv": "roster-file",
    "依頼のメールを送る": "send-invitations",
    "代理入力": "proxy-entry",
    "だれが番号を見たか": "own-record",
    "アクセスキー": "device-restriction",
    "引っ越した": "address-changed",
    "番号を出したくない": "not-provide",
    "差し戻し": "sent-back",
    "監査ログ": "trail",
    "職員のIDを発行": "issue-ids",
}
"""What a newcomer would type, and the article that answers."""


IN_ENGLISH = {
    "I forgot my password": "password-forgotten",
    "notification card": "which-paper",
    "my wife's number": "family",
    "blurry photo": "blurred-picture",
    "email did not arrive": "mail-missing",
    "forgot card PIN": "card-pin",
    "renew certificates": "renew-certificate",
    "delete numbers": "disposal",
    "retired employee": "left-person",
    "what do I need to prepare": "what-to-prepare",
    "why do you need my number": "why",
    "cannot log in": "cannot-sign-in",
    "lost my phone": "phone-lost",
    "send invitations": "send-invitations",
    "who has seen my number": "own-record",
    "I moved": "address-changed",
    "refuse to give my number": "not-provide",
    "rejected": "sent-back",
    "audit log": "trail",
    "suspicious e-mail": "suspicious-mail",
    "recovery codes": "recovery-codes",
}
"""The same of an English reader."""


@pytest.fixture
def indexed(db: None, at: datetime) -> None:
    index.refresh_due(at=at)


def keys(query: str, organisation_id: UUID | None = None, **wanted: Reader | Kind | bool) -> list[str]:
    found = search(query=query, organisation_id=organisation_id, **wanted)  # type: ignore[arg-type]
    return [hit.key for hit in found.hits]


@pytest.mark.shows("003-1")
def test_a_newcomer_finds_the_answer_first(indexed: None) -> None:
    found = {query: (keys(query) or ["nothing"])[0].removeprefix("article:") for query in NEWCOMERS}
    assert found == NEWCOMERS


@pytest.mark.shows("003-1")
def test_a_newcomer_who_reads_english_finds_the_answer_first(indexed: None) -> None:
    found = {query: (keys(query, in_english=True) or ["nothing"])[0].removeprefix("article:") for query in IN_ENGLISH}
    assert found == IN_ENGLISH


@pytest.mark.shows("003-1")
def test_one_search_finds_every_kind(indexed: None) -> None:
    assert "refusal:WF-A404" in keys("wf-a404")
    assert "procedure:registration" in keys("製品の利用者登録")
    kinds = {hit.kind for hit in search(query="登録", organisation_id=None).hits}
    assert {Kind.FAQ, Kind.MANUAL, Kind.PROCEDURE} <= kinds


def test_the_index_equals_a_scan(indexed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST", 10_000)
    asked = (
        "番号",
        "本",
        "サーバ",
        "WF-C",
        "電子証明書 期限",
        "ﾊﾟｽﾜｰﾄﾞ",
        "iphone",
        "zzz",
        "々",
        "a 番",
        "2要素",
        "カードa",
    )
    asked_in_english = ("number", "cards", "WF-C", "sign in", "forgot password", "e-mail", "n")
    for language, queries_asked in ((JAPANESE, asked), (ENGLISH, asked_in_english)):
        wish = queries._Wish(organisation_id=None, reader=None, kind=None, language=language)
        rows = [
            (row.id, Fields(title=row.normal_title, head=row.normal_head, text=row.normal_text))
            for row in IndexEntry.objects.filter(language__in=(language, ""))
        ]
        for query in queries_asked:
            terms = searching.terms_of(query, searching.groups_of(queries.synonyms()))
            found, _is_more = queries._candidates(terms, wish, is_any=False)
            assert {row.id for row in found} == {id_ for id_, fields in rows if searching.fits(fields, terms)}, query


@pytest.mark.shows("003-3")
def test_a_hit_has_title_lead_excerpt_and_pictures(indexed: None) -> None:
    hit = search(query="写真 ぼやける", organisation_id=None).hits[0]
    assert "ぼやける" in "".join(piece.words for piece in hit.title if piece.is_hit)
    assert hit.lead
    assert hit.excerpt[0].words == "…"
    assert hit.pictures == 1
    assert (hit.volume, hit.chapter) == ("submitting", "pictures")


def test_readers_and_kinds_narrow(indexed: None) -> None:
    assert "article:trail" in keys("監査", reader=Reader.OPERATOR)
    assert "article:send-invitations" not in keys("依頼", reader=Reader.EMPLOYEE)
    assert {key.partition(":")[0] for key in keys("番号", kind=Kind.REFUSAL)} == {"refusal"}


def test_words_that_nothing_holds_together_find_what_holds_some(indexed: None) -> None:
    found = search(query="通知カード ペンギン", organisation_id=None)
    assert found.is_partial
    assert found.hits[0].key == "article:which-paper"


def shown(pieces: tuple[searching.Piece, ...]) -> str:
    return "".join(piece.words for piece in pieces)


def test_english_words_find_and_show_english(indexed: None) -> None:
    hit = search(query="Flash", organisation_id=None, in_english=True).hits[0]
    assert hit.key == "article:blurred-picture"
    assert shown(hit.title).startswith("The picture is blurred")
    assert not searching.is_japanese(shown(hit.title) + shown(hit.lead) + shown(hit.excerpt))
    assert "flash" in {piece.words.lower() for piece in hit.excerpt if piece.is_hit}
    assert "article:blurred-picture" not in keys("flash")


def test_japanese_words_of_an_english_reader_find_japanese(indexed: None) -> None:
    hit = search(query="写真 ぼやける", organisation_id=None, in_english=True).hits[0]
    assert hit.key == "article:blurred-picture"
    assert shown(hit.title).startswith("The picture is blurred")
    assert "写真" in {piece.words for piece in hit.excerpt if piece.is_hit}


def test_what_is_only_japanese_is_found_by_an_english_reader_where_nothing_english_answers(indexed: None) -> None:
    documents = [
        Document(key="written:a", kind=Kind.TIP, reader=Reader.EVERYBODY, title="Zyxel の設定", lead="", text="日本語"),
        Document(
            key="written:b",
            kind=Kind.TIP,
            reader=Reader.EVERYBODY,
            title="両方",
            lead="",
            title_en="Zyxels",
            text_en="x",
        ),
    ]
    index.put(documents=documents[:1])
    assert keys("zyxel", in_english=True) == ["written:a"]
    index.put(documents=documents)
    assert keys("zyxel", in_english=True) == ["written:b", "written:a"]


def test_an_organisations_own_articles_are_for_its_people_only(cast: Cast, indexed: None) -> None:
    document = Document(
        key="written:x",
        kind=Kind.FAQ,
        reader=Reader.EMPLOYEE,
        title="青葉商会のマイナンバー窓口",
        lead="三階です。",
        organisation_id=cast.aoba,
    )
    index.put(documents=[document])
    assert keys("青葉商会", cast.aoba) == ["written:x"]
    assert keys("青葉商会", cast.ueda) == keys("青葉商会") == []


def test_a_document_takes_the_place_of_its_former_self(indexed: None) -> None:
    before = IndexEntry.objects.count()
    document = Document(key="written:y", kind=Kind.TIP, reader=Reader.EVERYBODY, title="あかね", lead="")
    for title in ("あかねいろ", "むらさき"):
        index.put(documents=[Document(**{**document.__dict__, "title": title})])
    assert keys("あかね") == []
    assert keys("むらさき") == ["written:y"]
    index.drop(key="written:y")
    assert keys("むらさき") == []
    assert IndexEntry.objects.count() == before


def test_the_index_is_made_once_for_the_same_documents(indexed: None, at: datetime) -> None:
    assert index.refresh_due(at=at) == 0


def test_no_question_breaks_it(indexed: None) -> None:
    for query in ("", "　、。", '"', "a" * 500, "(OR) * NEAR", "'; DROP TABLE help_tokens; --", "%_\\", "\x00"):
        search(query=query, organisation_id=None)


def test_queries_have_an_end(indexed: None, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        search(query="番号 ペンギン", organisation_id=None)
