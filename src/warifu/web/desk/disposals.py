"""保存と廃棄: what is kept until when, what may go, who said so, and the record of what went (R-02 … R-09)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from warifu.collection.actions import disposals
from warifu.collection.queries import subjects
from warifu.collection.queries.subjects import Subject
from warifu.foundation.days import jst_day
from warifu.foundation.purposes import CHOOSABLE
from warifu.foundation.refusals import NotFound, Refused
from warifu.notices import papers
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, may
from warifu.vault.actions import disposing, keepings
from warifu.vault.queries import keepings as queries
from warifu.vault.queries.keepings import KeepingView
from warifu.vault.rules.keeping import BATCH_MONTHS
from warifu.web.shared import csv_files
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.refusals import said

TABS = {
    "proposed": _("廃棄の候補"),
    "approved": _("責任者の確認待ち"),
    "planned": _("保存中"),
    "done": _("廃棄済み"),
}
"""The list's tabs, by the state that each shows."""

WORD = "廃棄"
"""What the responsible person types before anything is destroyed; `dispose` does as well."""


class ConfirmForm(forms.Form):
    """The word, so that nothing is destroyed by a slip of the hand."""

    word = forms.CharField(
        label=_("確認のため「廃棄」と入力"),
        max_length=10,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
    )

    def clean_word(self) -> str:
        """Accept the word in either language."""
        word: str = self.cleaned_data["word"].strip()
        if word.lower() not in (WORD, "dispose"):
            raise forms.ValidationError(gettext("「廃棄」と入力してください。"))
        return word


class SendBackForm(forms.Form):
    """Why the responsible person does not agree."""

    reason = forms.CharField(label=_("差戻す理由"), max_length=300, widget=forms.Textarea({"rows": 2}))


class PolicyForm(forms.Form):
    """How often disposals are carried out, and who decides."""

    every_months = forms.TypedChoiceField(
        label=_("廃棄を行う間隔"),
        coerce=int,
        choices=[
            (1, _("毎月1日")),
            *((n, _("%(n)sか月ごとの1日") % {"n": n}) for n in BATCH_MONTHS[1:-1]),
            (12, _("年に1回、1月1日")),
        ],
        help_text=_(
            "候補になったものは、次のこの日までに廃棄します。過ぎると「期限を過ぎた廃棄」として「きょうの仕事」に出ます。"
        ),
    )
    is_small = forms.BooleanField(
        label=_("小さな会社なので、責任者だけで決める"),
        required=False,
        help_text=_(
            "従業員100人以下で、ほかから番号の仕事を引き受けていない組織だけが選べます。ふだんは、担当者が承認し、別の責任者が確認します。"
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row with the person's name."""

    keeping: KeepingView
    subject: Subject | None


@door(Permission.DISPOSALS_READ)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """What waits, what is kept, what is gone; the earliest end of keeping first."""
    tab = request.GET.get("tab", "proposed")
    tab = tab if tab in TABS else "proposed"
    text, code = request.GET.get("q", "").strip()[:100], request.GET.get("purpose", "")
    purpose = next((one for one in CHOOSABLE if one.value == code), None)
    late = request.GET.get("late") == "on"
    page = queries.page(
        organisation_id=request.organisation_id,
        states=(tab,),
        today=jst_day(request.at),
        subject_ids=subjects.found(organisation_id=request.organisation_id, text=text) if text else None,
        purpose=purpose,
        is_overdue=late and tab in ("proposed", "approved"),
        cursor=request.GET.get("at", ""),
    )
    counts = _counts(request)
    policy = queries.policy(organisation_id=request.organisation_id)
    kept = {"q": text, "purpose": code, **({"late": "on"} if late else {})}
    query = urlencode({"tab": tab, **kept})
    context = {
        "lines": _lines(request, page.rows),
        "tabs": [(name, words, counts[name], urlencode({"tab": name, **kept})) for name, words in TABS.items()],
        "tab": tab,
        "counts": counts,
        "text": text,
        "late": late,
        "purpose": purpose,
        "purposes": CHOOSABLE,
        "policy": policy,
        "before": f"?{query}&at={page.before}" if page.before else "",
        "after": f"?{query}&at={page.after}" if page.after else "",
        "holds": [
            hold
            for hold in queries.holds(organisation_id=request.organisation_id, today=jst_day(request.at))
            if hold.is_running
        ],
        **_rights(request),
    }
    return render(request, "desk/disposals/listing.html", context)


@door(Permission.DISPOSALS_APPROVE)
@require_POST
def approve(request: Visit) -> HttpResponse:
    """Approve the chosen candidates, as a handler."""
    return _step(
        request,
        lambda ids: disposing.approve(
            organisation_id=request.organisation_id, keeping_ids=ids, by=request.actor, at=request.at
        ),
        _("%(count)s件の廃棄を承認しました。責任者が確認すると、実行されます。"),
        "proposed",
    )


@door(Permission.DISPOSALS_CONFIRM, recent=True)
@require_http_methods(["GET", "POST"])
def check(request: Visit) -> HttpResponse:
    """Show once more what is chosen, before it is destroyed or sent back."""
    ids = _picked(request)
    if request.method == "GET" or not ids:
        return redirect(f"{reverse('desk:disposals.listing')}?tab=approved")
    return _checked(request, ids, ConfirmForm(), SendBackForm())


@door(Permission.DISPOSALS_CONFIRM, recent=True)
@require_POST
def confirm(request: Visit) -> HttpResponse:
    """Destroy what was chosen."""
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _checked(request, _picked(request), form, SendBackForm())
    try:
        done = disposals.confirm(
            organisation_id=request.organisation_id, keeping_ids=_picked(request), by=request.actor, at=request.at
        )
    except Refused as refusal:
        return _refused(request, refusal, "approved")
    words = gettext("%(count)s件を廃棄しました。証明書は「廃棄済み」の一覧から取り出せます。") % {"count": done.count}
    messages.success(request, words)
    return redirect(f"{reverse('desk:disposals.listing')}?tab=done")


@door(Permission.DISPOSALS_CONFIRM)
@require_POST
def send_back(request: Visit) -> HttpResponse:
    """Send approvals back to the handler, with a reason."""
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return _checked(request, _picked(request), ConfirmForm(), form)
    return _step(
        request,
        lambda ids: disposing.send_back(
            organisation_id=request.organisation_id,
            keeping_ids=ids,
            reason=form.cleaned_data["reason"],
            by=request.actor,
            at=request.at,
        ),
        _("%(count)s件の承認を差戻しました。"),
        "approved",
    )


@door(Permission.DISPOSALS_READ, recent=True)
@require_GET
def export(request: Visit) -> HttpResponseBase:
    """The whole ledger as a file; it holds names and days, never a number (S-04, R-06)."""
    disposing.record_export(organisation_id=request.organisation_id, by=request.actor, at=request.at)
    header = (
        _("だれの番号か"),
        _("社員番号"),
        _("続柄"),
        _("書類"),
        _("根拠"),
        _("必要が終わった日"),
        _("保存期限"),
        _("状態"),
        _("承認した人"),
        _("承認した日時"),
        _("確認した人"),
        _("廃棄した日時"),
        _("消した番号"),
        _("消した写真"),
        _("控えからも無くなる日"),
    )
    return csv_files.answer(file_name="disposals.csv", header=[str(word) for word in header], rows=_ledger(request))


@door(Permission.DISPOSALS_READ, recent=True)
@require_GET
def certificate(request: Visit, batch: UUID) -> HttpResponse:
    """廃棄の証明書: what was destroyed at once, by whose decision, how, as a paper without any number (R-06)."""
    today = jst_day(request.at)
    rows = queries.batch(organisation_id=request.organisation_id, batch=batch, today=today)
    if not rows:
        raise NotFound
    paper = papers.pdf(
        "desk/disposals/certificate.html",
        {
            "organisation": organisations.organisation(organisation_id=request.organisation_id),
            "lines": _lines(request, rows),
            "first": rows[0],
            "numbers": sum(row.numbers for row in rows),
            "pictures": sum(row.pictures for row in rows),
            "made_on": today,
        },
        title="個人番号 廃棄の証明書",
    )
    disposing.record_certificate(organisation_id=request.organisation_id, batch=batch, by=request.actor, at=request.at)
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="disposal-{batch.hex[-8:]}.pdf"'
    return answer


@door(Permission.DISPOSALS_CONFIRM)
@require_http_methods(["GET", "POST"])
def policy(request: Visit) -> HttpResponse:
    """How often disposals are carried out, and who decides."""
    own = queries.policy(organisation_id=request.organisation_id)
    form = PolicyForm(request.POST or None, initial={"every_months": own.every_months, "is_small": own.is_small})
    if request.method == "POST" and form.is_valid():
        try:
            keepings.change_policy(
                organisation_id=request.organisation_id, **form.cleaned_data, by=request.actor, at=request.at
            )
        except keepings.NotSmall as refusal:
            form.add_error("is_small", said(refusal))
        else:
            messages.success(request, gettext("廃棄の設定を変えました。"))
            return redirect("desk:disposals.listing")
    return render(request, "desk/disposals/policy.html", {"form": form}, status=422 if form.errors else 200)


def _checked(request: Visit, ids: list[UUID], confirm_form: ConfirmForm, back_form: SendBackForm) -> HttpResponse:
    rows = queries.chosen(organisation_id=request.organisation_id, keeping_ids=ids, today=jst_day(request.at))
    context = {
        "lines": _lines(request, rows),
        "form": confirm_form,
        "back_form": back_form,
        "is_approved": bool(rows) and all(row.state == "approved" for row in rows),
    }
    errors = confirm_form.errors or back_form.errors
    return render(request, "desk/disposals/check.html", context, status=422 if errors else 200)


def _step(request: Visit, work: Callable[[list[UUID]], int], words: object, tab: str) -> HttpResponse:
    try:
        count = work(_picked(request))
    except Refused as refusal:
        return _refused(request, refusal, tab)
    messages.success(request, str(words) % {"count": count})
    return redirect(f"{reverse('desk:disposals.listing')}?tab={tab}")


def _refused(request: Visit, refusal: Refused, tab: str) -> HttpResponse:
    """Say beside the list what another person's step or a hold made impossible; anything else is a page of its own."""
    if refusal.status != 409:
        raise refusal
    messages.error(request, said(refusal))
    return redirect(f"{reverse('desk:disposals.listing')}?tab={tab}")


def _picked(request: Visit) -> list[UUID]:
    """The chosen ids; what is no id counts for one that is not there."""
    return [_id(text) for text in request.POST.getlist("pick")[: disposing.BATCH + 1]]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _lines(request: Visit, rows: Iterable[KeepingView]) -> list[Line]:
    rows = list(rows)
    names = subjects.named(organisation_id=request.organisation_id, subject_ids={row.subject_id for row in rows})
    return [Line(keeping=row, subject=names.get(row.subject_id)) for row in rows]


def _counts(request: Visit) -> dict[str, int | date | None]:
    found = queries.counts_of(organisation_ids=[request.organisation_id], today=jst_day(request.at))
    counts = found.get(request.organisation_id, queries.KeepingCounts())
    return {
        "proposed": counts.proposed,
        "approved": counts.approved,
        "planned": counts.planned,
        "done": counts.done,
        "overdue": counts.overdue,
        "due_on": counts.due_on,
    }


def _rights(request: Visit) -> dict[str, bool]:
    return {
        name: may(by=request.actor, permission=permission, organisation_id=request.organisation_id)
        for name, permission in (
            ("may_approve", Permission.DISPOSALS_APPROVE),
            ("may_confirm", Permission.DISPOSALS_CONFIRM),
        )
    }


def _ledger(request: Visit) -> Iterable[list[object]]:
    """The rows of the ledger in words; names are read by the thousand."""
    today = jst_day(request.at)
    some: list[KeepingView] = []
    for row in queries.ledger(organisation_id=request.organisation_id, today=today):
        some.append(row)
        if len(some) == 1_000:
            yield from _written(request, some)
            some = []
    yield from _written(request, some)


def _written(request: Visit, rows: list[KeepingView]) -> Iterable[list[object]]:
    for line in _lines(request, rows):
        row, subject = line.keeping, line.subject
        yield [
            subject.name if subject else "",
            subject.employee_code if subject else "",
            gettext(subject.relation) if subject and subject.relation else "",
            gettext(row.paper),
            gettext(row.basis),
            row.ended_on,
            row.kept_until,
            TABS[row.state],
            row.approved_label,
            row.approved_at.isoformat() if row.approved_at else "",
            row.confirmed_label,
            row.done_at.isoformat() if row.done_at else "",
            row.numbers if row.done_at else "",
            row.pictures if row.done_at else "",
            row.backups_until or "",
        ]


routes = [
    path("disposals/", listing, name="disposals.listing"),
    path("disposals/approve/", approve, name="disposals.approve"),
    path("disposals/check/", check, name="disposals.check"),
    path("disposals/confirm/", confirm, name="disposals.confirm"),
    path("disposals/send-back/", send_back, name="disposals.send_back"),
    path("disposals/export/", export, name="disposals.export"),
    path("disposals/policy/", policy, name="disposals.policy"),
    path("disposals/<uuid:batch>.pdf", certificate, name="disposals.certificate"),
]
