"""The rules of the house that imports cannot show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

import warifu
from tests.house.lints import ROOMS, SOURCE
from warifu.foundation.refusals import Refused

ROOT = SOURCE.parents[1]
ROOM_FILES = {"__init__", "apps", "models", "rules", "actions", "queries", "migrations", "templates"}
SECRETS = {
    "audit": {"events"},
    "organisations": set(),
    "notices": {"kinds", "links", "carriers", "texting", "wording", "checks", "returned", "papers"},
    "credentials": {"federation", "passwords", "sealing", "authority"},
    "cards": {"anchors", "codes", "examining", "revocation"},
    "vault": {"sealing", "masters", "pictures"},
    "collection": set(),
    "licences": set(),
    "customers": set(),
    "applications": set(),
    "folders": {"storage", "scanning", "reading", "timestamps"},
    "help": {"articles", "office_file"},
}


def named_patterns(patterns: list[URLPattern | URLResolver], space: str = "") -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found += named_patterns(pattern.url_patterns, pattern.namespace or space)
        else:
            found.append((space, pattern))
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_only_the_files_of_a_room(room: str) -> None:
    names = {path.stem for path in (SOURCE / room).iterdir() if path.name != "__pycache__"}
    assert names <= ROOM_FILES | SECRETS[room]


def test_no_one_walks_back_from_another_room() -> None:
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and field.related_model is not None:
                crosses = field.related_model._meta.app_label != model._meta.app_label
                hidden = field.remote_field.related_name == "+"
                assert hidden or not crosses, f"{model.__name__}.{field.name} can be walked back"


@pytest.mark.shows("P-06")
def test_no_relation_leads_into_the_vault() -> None:
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and model._meta.app_label != "vault":
                assert field.related_model._meta.app_label != "vault", f"{model.__name__}.{field.name}"


def test_every_model_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = set(re.findall(r"^\| (\w+) \|", glossary, re.M))
    models = {model.__name__ for model in apps.get_models() if model.__module__.startswith("warifu.")}
    assert models - words == set()


@pytest.mark.shows("L-27")
def test_levels_are_named_by_the_guideline_in_force_and_none_is_claimed() -> None:
    texts = [*(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("*.html"), *(ROOT / "docs" / "flows").glob("*.md")]
    words = "\n".join(path.read_text(encoding="utf-8") for path in texts)
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert "当人認証保証レベル of デジタル庁 DS-511" in glossary
    assert "DS-500" not in words + glossary
    assert "eKYC" not in words


def test_every_refusal_has_its_own_code_and_words() -> None:
    refusals = [refusal for refusal in Refused.catalogue() if refusal.__module__.startswith("warifu.")]
    codes = [refusal.code for refusal in refusals]
    assert len(codes) == len(set(codes)), sorted(code for code in codes if codes.count(code) > 1)
    for refusal in refusals:
        assert re.fullmatch(r"WF-[A-Z]\d{3}", refusal.code), refusal
        assert re.search(r"。(\{\w+\})?$", refusal.sentence), refusal.code
        assert refusal.remedy.endswith("。"), refusal.code


def test_a_name_runs_through() -> None:
    """URL name `desk:rosters.upload` = view `web/desk/rosters.py::upload`."""
    for space, pattern in named_patterns(get_resolver().url_patterns):
        if space in {"entrance", "mypage", "desk", "helpcentre", "demo"}:
            module, _, view = str(pattern.name).partition(".")
            callback = pattern.callback
            assert callback.__module__ == f"warifu.web.{space}.{module}", pattern.name
            assert callback.__name__ == view, pattern.name


def test_every_template_lies_at_the_path_of_a_module() -> None:
    templates = SOURCE / "web" / "templates"
    for path in templates.rglob("*.html"):
        wing, *rest = path.relative_to(templates).parts
        if wing == "shared":
            continue
        module = SOURCE / "web" / wing / f"{rest[0].removesuffix('.html')}.py"
        assert module.exists(), f"{path.relative_to(templates)} has no {wing}/{rest[0]}.py"


def test_the_version_is_the_changelogs() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\d+\.\d+\.\d+)", changelog, re.M)
    assert versions[0] == warifu.__version__


def test_links_between_documents_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
PUBLISHED = {"621498320257", "983205673214", "123456789018", "000000000000"}


def is_true_number(digits: str) -> bool:
    remainder = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=False)) % 11
    return int(digits[11]) == (0 if remainder <= 1 else 11 - remainder)


@pytest.mark.shows("N-05")
def test_no_file_of_the_project_holds_a_number_that_could_be_real() -> None:
    suffixes = {".py", ".md", ".html", ".js", ".css", ".svg", ".txt", ".csv", ".json", ".toml", ".po"}
    found = []
    for folder in ("src", "tests", "tools", "docs", "bench"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix not in suffixes or not path.is_file() or "node_modules" in path.parts:
                continue
            text = path.read_text(encoding="utf-8")
            for run in re.findall(r"(?<![0-9A-Za-z.])(\d{12}|\d{4}[ -]\d{4}[ -]\d{4})(?![0-9A-Za-z.])", text):
                digits = re.sub(r"\D", "", run)
                published = digits in PUBLISHED and path.parent.name in {"vault", "house"}
                if is_true_number(digits) and not published and len(set(digits)) > 2:
                    found.append(f"{path.relative_to(ROOT)}: {digits[:4]}…")
    assert found == []


def test_no_machine_path_or_index_address_is_written_down() -> None:
    found = []
    for path in [
        *ROOT.glob("requirements/*"),
        *ROOT.glob("*.toml"),
        ROOT / "Makefile",
        *ROOT.glob("tools/*.*"),
    ]:
        text = path.read_text(encoding="utf-8")
        if re.search(r"--index-url|--extra-index|--find-links |(?<![\w.])/(?:work|root)/", text):
            found.append(str(path.relative_to(ROOT)))
    assert [name for name in found if not name.startswith("tools/lock")] == []


def test_the_page_of_what_works_knows_every_id() -> None:
    import importlib.util

    spec = importlib.util.spec_from_file_location("coverage_map", Path(ROOT / "tools" / "coverage_map.py"))
    assert spec
    assert spec.loader
    coverage_map = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(coverage_map)
    wanted = coverage_map.requirements()
    assert len([key for key in wanted if key[:3].isdigit()]) == 141
    assert set(coverage_map.shown()) <= set(wanted)
