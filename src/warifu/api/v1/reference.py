"""The API's description: as OpenAPI for programs, as a page for people. Open to everybody; it holds no data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from warifu.api.v1.api import api


@dataclass(frozen=True, kw_only=True)
class Value:
    """One value that goes in or comes out: its name, its type in words, whether it is needed."""

    name: str
    kind: str
    is_needed: bool
    words: str


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation as the page shows it."""

    method: str
    path: str
    summary: str
    words: str
    takes: tuple[Value, ...]
    gives: tuple[Value, ...]


@require_GET
def openapi(request: HttpRequest) -> JsonResponse:
    """The description for programs (OpenAPI 3.1)."""
    return JsonResponse(schema(), json_dumps_params={"ensure_ascii": False, "indent": 1})


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The description for people, without a script."""
    return render(request, "shared/api_reference.html", {"operations": operations(), "about": schema()["info"]})


@cache
def schema() -> dict[str, Any]:
    """The OpenAPI document, made once for each process."""
    return dict(api.get_openapi_schema(path_prefix="/api/v1"))


def operations() -> list[Operation]:
    """The operations of the document, one after another."""
    document = schema()
    return [
        Operation(
            method=method.upper(),
            path=path,
            summary=found.get("summary", ""),
            words=found.get("description", ""),
            takes=(*_parameters(found), *_values(document, _body(found))),
            gives=tuple(_values(document, _answer(found))),
        )
        for path, methods in document["paths"].items()
        for method, found in methods.items()
    ]


def _parameters(operation: dict[str, Any]) -> list[Value]:
    return [
        Value(
            name=one["name"],
            kind=_kind(one.get("schema", {})),
            is_needed=one.get("required", False),
            words=one.get("description", one.get("schema", {}).get("description", "")),
        )
        for one in operation.get("parameters", [])
    ]


def _body(operation: dict[str, Any]) -> dict[str, Any]:
    contents = operation.get("requestBody", {}).get("content", {})
    return next((one["schema"] for one in contents.values()), {})


def _answer(operation: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = next((one for code, one in operation["responses"].items() if str(code).startswith("2")), {})
    return next((one["schema"] for one in good.get("content", {}).values()), {})


def _values(document: dict[str, Any], found: dict[str, Any]) -> list[Value]:
    found = _resolved(document, found)
    needed = set(found.get("required", []))
    return [
        Value(name=name, kind=_kind(one), is_needed=name in needed, words=one.get("description", ""))
        for name, one in found.get("properties", {}).items()
    ]


def _resolved(document: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in found:
        return found
    resolved: dict[str, Any] = document["components"]["schemas"][found["$ref"].rpartition("/")[2]]
    return resolved


def _kind(found: dict[str, Any]) -> str:
    if "$ref" in found:
        return str(found["$ref"].rpartition("/")[2])
    if "anyOf" in found:
        return " | ".join(_kind(one) for one in found["anyOf"])
    if found.get("type") == "array":
        return f"[{_kind(found.get('items', {}))}]"
    return str(found.get("format") or found.get("type") or "object")
