"""How questions and texts are compared: kana, width and long marks do not matter, two letters are enough (003-1).

A text's normal form has one space where there was punctuation. Runs of Japanese letters become overlapping pairs and
their last letter, other words stay whole; so an index of tokens finds exactly what a scan of normal forms finds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from warifu.foundation.masking import mask_numbers

LONGEST_QUERY = 100
MOST_TERMS = 8
PREFIX = 12
"""Letters of a word that an index of prefixes keeps."""

_JAPANESE = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〆〇\U00020000-\U0003ffff"
_RUNS = re.compile(f"[{_JAPANESE}]+|[^{_JAPANESE} ]+")
_LETTER = re.compile(f"[{_JAPANESE}]")
_JAPANESE_RUNS = re.compile(f"([{_JAPANESE}]+)")
_BETWEEN_SCRIPTS = re.compile(f" (?:(?<=[{_JAPANESE}] )(?=[^{_JAPANESE} ])|(?<=[^{_JAPANESE} ] )(?=[{_JAPANESE}]))")
_MARKS = "ﾞﾟ\u3099\u309a"
_LONG = "ーｰ"
_PUNCTUATION = r"\W_ﾞﾟ"
_VOICES = ("\u3099ﾞ", "\u309aﾟ")
_FOLDING = ((0x41, 0x5A), (0xAA, 0x24F), (0x2460, 0x2473), (0x3041, 0x30FF), (0xFF10, 0xFF9D))
"""Where letters are that fold to another one."""
_VOICED = re.compile(f"[ｦ-ﾝうか-ヿ][{_MARKS}]")


class _Fold(dict[int, str]):
    def __missing__(self, place: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(place)).casefold()
        letters = (_katakana(letter) for letter in folded)
        self[place] = found = "".join(" " if not letter.isalnum() else letter for letter in letters if letter != "ー")
        return found


def _katakana(letter: str) -> str:
    return chr(ord(letter) + 0x60) if "ぁ" <= letter <= "ゖ" else letter


_FOLD = _Fold()


def normal(text: str) -> str:
    """The form of a text for comparing: folded width, case and kana, no long marks, one space for punctuation."""
    if any(mark in text for mark in _MARKS):
        text = _VOICED.sub(lambda pair: unicodedata.normalize("NFKC", pair[0]), text)
    return _BETWEEN_SCRIPTS.sub("", " ".join(text.translate(_FOLD).split()))


def is_japanese(text: str) -> bool:
    """Whether a text has a Japanese letter."""
    return _LETTER.search(text) is not None


class _Twice(dict[int, str]):
    def __missing__(self, place: int) -> str:
        self[place] = found = f"{chr(place)} {chr(place)}"
        return found


_TWICE = _Twice()


def tokens(normal_text: str) -> str:
    """The tokens of a normal form, in order: pairs and the last letter of Japanese runs, whole other words."""
    words_and_runs = _JAPANESE_RUNS.split(normal_text)
    words_and_runs[1::2] = [run.translate(_TWICE)[2:] for run in words_and_runs[1::2]]
    return " ".join(words_and_runs)


def grams(normal_text: str) -> set[str]:
    """The tokens of a normal form for an index without order: pairs, letters, words and beginnings of words."""
    words_and_runs = _JAPANESE_RUNS.split(normal_text)
    found: set[str] = set()
    for run in words_and_runs[1::2]:
        found.update(run.translate(_TWICE).split())
        found.update(run)
    for word in " ".join(words_and_runs[::2]).split():
        found.update(word[:length] for length in range(1, min(len(word), PREFIX) + 1))
    return found


def phrase(wanted: str) -> tuple[list[str], bool]:
    """The tokens that stand side by side where a normal form is held, and whether the last is only a beginning."""
    listed: list[str] = []
    runs = [run[0] for run in _RUNS.finditer(wanted)]
    is_beginning = False
    for place, word in enumerate(runs, start=1):
        is_last = place == len(runs)
        if not _LETTER.match(word):
            listed.append(word)
            is_beginning = is_last
        elif is_last and len(word) > 1:
            listed += [word[start : start + 2] for start in range(len(word) - 1)]
        else:
            listed += tokens(word).split()
            is_beginning = is_last
    return listed, is_beginning


def wanted_grams(wanted: str) -> list[str]:
    """What `grams` of a text must have for it to hold a normal form; the text itself has to be looked at as well."""
    found: list[str] = []
    for run in _RUNS.finditer(wanted):
        word = run[0]
        if not _LETTER.match(word):
            found.append(word[:PREFIX])
        else:
            found += [word[place : place + 2] for place in range(len(word) - 1)] or [word]
    return found


def holds(normal_text: str, wanted: str) -> bool:
    """Whether a normal form holds another; words of Latin letters and digits are held from their beginning on."""
    if wanted not in normal_text:
        return False
    return _LETTER.match(wanted) is not None or _begins(normal_text, wanted)


def _begins(normal_text: str, wanted: str) -> bool:
    place = normal_text.find(wanted)
    while place > 0 and normal_text[place - 1] != " " and not _LETTER.match(normal_text[place - 1]):
        place = normal_text.find(wanted, place + 1)
    return place >= 0


@dataclass(frozen=True, kw_only=True)
class Term:
    """One word of a question: the forms that answer it, the closest first, each with its weight.

    A term that is not required only lifts what holds it.
    """

    forms: tuple[tuple[str, float], ...]
    is_required: bool = True


_SPLIT = re.compile(r"[\s、。，．,？?！!「」『』（）()【】・:：;；/／]+")
_PARTICLE = re.compile(
    r"(?<=[^ぁ-ん])(?:から|まで|って|とは|には|では|[をがはにでのともへ])(?=[^ぁ-ん]|[ぁ-ん]{2,})|(?<=..)[をの](?=[^ぁ-ん])"
)
_VERB = re.compile(r"(?<=[^ぁ-ん])[がを]?(でき(?:ない|ません|る|ます)|し(?:たい|ました|ます|た|て)|する)$")
_ASKING = re.compile(r"^(なぜ|どうして|だれが|誰が|どこで|どこに|いつ|どうやって|何を|なにを)(?=.)")
_TAIL = re.compile(
    r"(?<=.)(?:の)?(?:か|とき(?:は)?|時は|場合(?:は)?|方法|やり方|仕方|しかた|手順|ですか|です|ますか|ください)$"
)
WEAK = frozenset(
    normal(word)
    for line in (
        "できない,できません,できる,したい,します,した,して,する,しました,とき,場合,方法,やり方,手順,どう,どこ,いつ,なに",
        "なぜ,何,教えて,ください,どうすれば,いい,よい,こと,もの,ある,ない,いる,です,ます,わからない,分からない",
        "cannot,can't,don't,doesn't,didn't,isn't,won't,not,no,why,who,problem,problems,trouble,happens",
    )
    for word in line.split(",")
)
"""Words that say little: they lift what holds them and are not demanded."""
_SILENT = frozenset(
    normal(word)
    for line in (
        "a,an,and,are,as,at,be,been,by,can,could,did,do,does,for,from,get,had,has,have,he,help,her,his,how,i,i'm,i've,if",
        "in,is,it,its,make,me,must,my,need,of,on,or,our,out,she,should,so,that,the,their,them,there,they,this,to,up,us",
        "use,using,want,was,we,were,what,when,where,which,will,with,would,you,your",
    )
    for word in line.split(",")
)
"""English words that say nothing; they are left out where others remain."""
_SCRIPTS = re.compile(r"[一-鿿々]+[ぁ-ん]?|[ァ-ヺー]+|[A-Za-z0-9]+")
_ENGLISH = re.compile("[a-z]{4,}")
_WITHIN_WORD = re.compile("[A-Za-z0-9]{2}")
_STEM = re.compile(r"([^ぁ-ん]+)([ぁ-ん]{1,6})$")


def terms_of(query: str, synonyms: Mapping[str, Iterable[str]], *, in_parts: bool = False) -> list[Term]:
    """The terms of a question. `synonyms` gives for a normal form the normal forms that mean the same.

    With `in_parts`, words put together of several scripts (監査ログ) are taken apart.
    """
    words: list[str] = []
    for chunk in _SPLIT.split(mask_numbers(query[:LONGEST_QUERY])):
        bare = _ASKING.sub("", _TAIL.sub("", chunk))
        verb = _VERB.search(bare)
        words += _PARTICLE.split(bare[: verb.start()] if verb else bare)
        words += [verb[1]] if verb else []
    if in_parts:
        words = [part for word in words for part in _parts(word)]
    told = [word for word in words if normal(word)]
    found = [_term(word, synonyms) for word in told if normal(word) not in _SILENT] or [
        _term(word, synonyms) for word in told
    ]
    unique = list(dict.fromkeys(found))[:MOST_TERMS]
    if not any(term.is_required for term in unique):
        return [replace(term, is_required=True) for term in unique]
    return unique


def _parts(word: str) -> list[str]:
    found = [part for part in _SCRIPTS.findall(word) if len(part) > 1]
    return found or [word]


def _term(word: str, synonyms: Mapping[str, Iterable[str]]) -> Term:
    own = normal(word)
    forms: dict[str, float] = {own: 1.0}
    stem = _STEM.match(word)
    near = [normal(stem[1] + stem[2][0]), normal(stem[1])] if stem else _english_stems(own)
    for other in synonyms.get(own, ()):
        forms.setdefault(other, 0.8)
    for form, weight in zip(near, (0.6, 0.4), strict=False):
        forms.setdefault(form, weight)
        for other in synonyms.get(form, ()):
            forms.setdefault(other, 0.5)
    return Term(forms=tuple(forms.items()), is_required=own not in WEAK)


def _english_stems(word: str) -> list[str]:
    """Where an English word in the plural or with an ending begins; words are held from their beginning on."""
    if not _ENGLISH.fullmatch(word):
        return []
    found = word
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        found = word[:-2]
    elif word.endswith("ies"):
        found = word[:-3]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        found = word[:-1]
    for ending in ("ing", "ed", "y", "e") if found == word else ():
        if found.endswith(ending) and len(found) - len(ending) >= 4:
            found = found[: -len(ending)]
            break
    if len(found) > 4 and found[-1] == found[-2] and found != word and found[-1] not in "sl":
        found = found[:-1]
    return [found] if found != word else []


def groups_of(lines: Iterable[Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Synonyms as `terms_of` takes them, from groups of words that mean the same."""
    found: dict[str, dict[str, None]] = {}
    for line in lines:
        forms = [form for word in line if (form := normal(word))]
        for form in forms:
            found.setdefault(form, {}).update(dict.fromkeys(other for other in forms if other != form))
    return {form: tuple(others) for form, others in found.items()}


class Fields(NamedTuple):
    """The normal forms of a document, the weightiest first."""

    title: str
    head: str
    text: str


def fits(fields: Fields, terms: Iterable[Term]) -> bool:
    """Whether a document answers every required term, in any of its fields: the scan that the index must equal."""
    return all(
        any(holds(field, form) for form, _weight in term.forms for field in (fields.title, fields.head, fields.text))
        for term in terms
        if term.is_required
    )


def score(fields: Fields, terms: Iterable[Term]) -> float:
    """How well a document answers: titles first, then lead and keywords, then the text; nothing for what it lacks."""
    whole = "\n".join(fields)
    return sum(
        max((weight * _worth(fields, form) for form, weight in term.forms if form in whole), default=0.0)
        for term in terms
    )


def _worth(fields: Fields, form: str) -> float:
    worth = 0.0
    if form in fields.title and holds(fields.title, form):
        worth = 10.0 + 6.0 * len(form) / max(len(fields.title), 1) + (2.0 if fields.title.startswith(form) else 0.0)
    if form in fields.head and holds(fields.head, form):
        worth += 4.0
    if form in fields.text and holds(fields.text, form):
        worth += 1.0 + min(fields.text.count(form), 5) / 5
    return worth


class Piece(NamedTuple):
    """A piece of an excerpt, and whether it is what was asked for."""

    words: str
    is_hit: bool


def marked(text: str, terms: Iterable[Term], *, folded: str, width: int = 0) -> list[Piece]:
    """A text in pieces, with what was asked for marked; `folded` is its normal form, or a longer one that holds it.

    With `width`, it is cut around the first hit by "…" (003-3).
    """
    spans = sorted(_spans(text, folded, terms, width or len(text)))
    start, end = 0, len(text)
    if width and len(text) > width:
        first = spans[0][0] if spans else 0
        start = max(0, min(first - width // 4, len(text) - width))
        end = start + width
        while 0 < start < first and _WITHIN_WORD.match(text, start - 1):
            start += 1
        while end > first + width // 2 and _WITHIN_WORD.match(text, end - 1):
            end -= 1
    pieces = [Piece(words="…", is_hit=False)] if start else []
    here = start
    for begin, stop in spans:
        begin, stop = max(begin, here), min(stop, end)  # noqa: PLW2901
        if begin >= stop:
            continue
        if begin > here:
            pieces.append(Piece(words=text[here:begin], is_hit=False))
        pieces.append(Piece(words=text[begin:stop], is_hit=True))
        here = stop
    if here < end:
        pieces.append(Piece(words=text[here:end], is_hit=False))
    return [*pieces, Piece(words="…", is_hit=False)] if end < len(text) else pieces


def _spans(text: str, folded: str, terms: Iterable[Term], width: int) -> Iterator[tuple[int, int]]:
    """Where each term stands, from its first place on as far as an excerpt can reach."""
    for term in terms:
        for form, _weight in term.forms:
            pattern = _written(form) if holds(folded, form) else None
            first = pattern.search(text) if pattern else None
            if pattern and first:
                yield from (hit.span() for hit in pattern.finditer(text, first.start(), first.start() + width))
                break


@lru_cache(maxsize=2_000)
def _written(form: str) -> re.Pattern[str]:
    """All the ways in which a normal form may be written in a text; a word of Latin letters goes on to its end."""
    parts = ["" if _LETTER.match(form) else f"(?<![^{_PUNCTUATION}{_JAPANESE}ｦ-ﾝ])", _ways(form[0])]
    for one, following in pairwise(form):
        if following == " ":
            parts.append(f"[{_LONG}]*[{_PUNCTUATION}][{_PUNCTUATION}{_LONG}]*")
            continue
        if one != " ":
            is_border = is_japanese(one) != is_japanese(following)
            parts.append(f"[{_PUNCTUATION}{_LONG}]*" if is_border else f"[{_LONG}]*")
        parts.append(_ways(following))
    rest = f"[{_LONG}]*" if is_japanese(form[-1]) else f"[^{_PUNCTUATION}\\d{_JAPANESE}ｦ-ﾝ]*"
    return re.compile("".join([*parts, rest]))


@cache
def _ways(letter: str) -> str:
    """A pattern for the letters and pairs of letters that fold to a letter."""
    single = "".join(map(re.escape, [letter, *_unfolded().get(letter, ())]))
    base = unicodedata.normalize("NFD", letter)
    found = f"[{single}]" + "".join(
        f"(?![{marks}])" for marks in _VOICES if len(unicodedata.normalize("NFC", letter + marks[0])) == 1
    )
    marks = next((marks for marks in _VOICES if base[1:] == marks[0]), "")
    return f"(?:{found}|[{''.join([base[0], *_unfolded().get(base[0], ())])}][{marks}])" if marks else found


@cache
def _unfolded() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for start, stop in _FOLDING:
        for place in range(start, stop + 1):
            letter = _FOLD[place]
            if len(letter) == 1 and letter not in (" ", chr(place)):
                found.setdefault(letter, []).append(chr(place))
    return found


def worth_keeping(query: str) -> str:
    """What authors may be shown of a question without answer, or nothing.

    Questions with four digits or more, with an address, or too long are not kept: they may hold personal data.
    """
    words = " ".join(query.split())[: LONGEST_QUERY + 1]
    digits = sum(letter.isdigit() for letter in words)
    if not normal(words) or len(words) > 40 or digits >= 4 or "@" in unicodedata.normalize("NFKC", words):
        return ""
    return words
