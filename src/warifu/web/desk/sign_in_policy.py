"""だれが何を示してサインインするか: each role's demands as a table, and what the doors demand besides (L-14, L-19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.forms.boundfield import BoundField
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from warifu.credentials.actions import policy as verbs
from warifu.credentials.rules import policy as rules
from warifu.credentials.rules.policy import DEFAULTS, Demands
from warifu.foundation.actor import Role
from warifu.foundation.refusals import Refused
from warifu.organisations import queries as organisations
from warifu.organisations.rules import LEVEL_TWO, Permission, roles_for
from warifu.web.shared import screens
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.refusals import in_words
from warifu.web.shared.words import PERMISSION_WORDS, ROLE_NAMES

DEMAND_WORDS = {
    "mail_code": _("メール確認コード"),
    "second_factor": _("もう一つの確認"),
    "certificate": _("電子証明書"),
}
_WITHOUT_DESK = Role.EMPLOYEE | Role.CUSTOMER


class PolicyForm(forms.Form):
    """A box for each role and demand; what concerns the desk is not asked of those who never enter it."""

    accepts_lower = forms.BooleanField(label=_("弱くなることを承知しました"), required=False)

    def __init__(self, data: QueryDict | None, *, roles: list[Role], policy: dict[str, Any]) -> None:
        super().__init__(data)
        self.roles = roles
        for role in roles:
            demands = rules.of_role(policy=policy, role=role)
            for name in demands_on(role):
                words = f"{gettext(ROLE_NAMES[role])}: {gettext(str(DEMAND_WORDS[name]))}"
                self.fields[_name(role, name)] = forms.BooleanField(
                    required=False,
                    initial=getattr(demands, name),
                    widget=forms.CheckboxInput({"aria-label": words}),
                )

    def chosen(self) -> dict[Role, Demands]:
        """The demands that were ticked; call it after `is_valid`."""
        return {
            role: Demands(**{name: self.cleaned_data[_name(role, name)] for name in demands_on(role)})
            for role in self.roles
        }

    def rows(self) -> Iterator[Row]:
        """The table: a row for each role, a box or nothing for each demand, and what the default is."""
        for role in self.roles:
            offered = demands_on(role)
            yield Row(
                name=gettext(ROLE_NAMES[role]),
                cells=tuple(
                    (words, self[_name(role, name)] if name in offered else None)
                    for name, words in DEMAND_WORDS.items()
                ),
                default="・".join(
                    gettext(str(words)) for name, words in DEMAND_WORDS.items() if getattr(DEFAULTS[role], name)
                ),
            )


@dataclass(frozen=True, kw_only=True)
class Row:
    """One role of the table."""

    name: str
    cells: tuple[tuple[Any, BoundField | None], ...]
    default: str


@dataclass(frozen=True, kw_only=True)
class DoorLine:
    """One permission, and its screens by what each of them demands."""

    sentence: str
    by_role: tuple[str, ...]
    second: tuple[str, ...]
    recent: tuple[str, ...]


@door(Permission.SECURITY_MANAGE, recent=True)
def page(request: Visit) -> HttpResponse:
    """Show the tables, or decide; lowering needs a word, locking oneself out is refused."""
    organisation = organisations.organisation(organisation_id=request.organisation_id)
    given = roles_for(is_office=organisation.is_office, is_operator=organisation.is_operator)
    roles = [role for role in ROLE_NAMES if role in given]
    form = PolicyForm(request.POST or None, roles=roles, policy=organisation.sign_in_policy)
    refusal: Refused | None = None
    lowered: dict[Role, frozenset[str]] = {}
    if request.method == "POST" and form.is_valid():
        kept = {role: rules.of_role(policy=organisation.sign_in_policy, role=role) for role in ROLE_NAMES}
        chosen = kept | form.chosen()
        try:
            verbs.decide(
                organisation_id=request.organisation_id,
                session_id=request.session_id,
                chosen=chosen,
                accepts_lower=form.cleaned_data["accepts_lower"],
                by=request.actor,
                at=request.at,
            )
        except verbs.LowersDefault as refused:
            refusal, lowered = refused, rules.lowered(chosen)
        except (verbs.LocksOutEditor, verbs.CodeHasNoMailbox) as refused:
            refusal = refused
        else:
            messages.success(request, gettext("サインインの決まりを変えました。次の操作から有効です。"))
            return redirect("desk:sign_in_policy.page")
    context = {
        "form": form,
        "rows": list(form.rows()),
        "demands": DEMAND_WORDS.values(),
        "refusal": in_words(refusal) if refusal else None,
        "lowered": [_lowered_words(role, names) for role, names in lowered.items()],
        "doors": _doors(),
    }
    return render(request, "desk/sign_in_policy/page.html", context, status=refusal.status if refusal else 200)


def demands_on(role: Role) -> tuple[str, ...]:
    """What can be demanded of a role."""
    return ("mail_code",) if role in _WITHOUT_DESK else tuple(DEMAND_WORDS)


def _name(role: Role, demand: str) -> str:
    return f"{str(role.name).lower()}.{demand}"


def _lowered_words(role: Role, names: frozenset[str]) -> tuple[str, str]:
    words = "・".join(gettext(str(text)) for name, text in DEMAND_WORDS.items() if name in names)
    return gettext(ROLE_NAMES[role]), words


def _doors() -> list[DoorLine]:
    found: dict[Permission, tuple[list[str], list[str], list[str]]] = {}
    for address, rule in screens.demands():
        if rule.permission is not None:
            by_role, second, recent = found.setdefault(rule.permission, ([], [], []))
            is_second = rule.level_two or rule.permission in LEVEL_TWO
            (recent if rule.recent else second if is_second else by_role).append(address)
    return [
        DoorLine(
            sentence=gettext(PERMISSION_WORDS[permission]),
            by_role=tuple(sorted(found[permission][0])),
            second=tuple(sorted(found[permission][1])),
            recent=tuple(sorted(found[permission][2])),
        )
        for permission in PERMISSION_WORDS
        if permission in found
    ]


routes = [path("sign-in-policy/", page, name="sign_in_policy.page")]
