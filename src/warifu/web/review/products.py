"""製品と利用規約: what is licensed, and which documents are ticked for it (A1, 000-9)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from warifu.foundation.refusals import NotFound
from warifu.licences.actions import products
from warifu.licences.queries import cards as queries
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal

EDITIONS = {"collecting": _("収集と保管"), "keeping": _("保管だけ")}


class ProductForm(forms.Form):
    """A new product."""

    code = forms.SlugField(label=_("製品コード"), max_length=40, help_text=_("英小文字、数字、ハイフン"))
    name = forms.CharField(label=_("製品名"), max_length=100)
    edition = forms.ChoiceField(label=_("使える範囲"), choices=list(EDITIONS.items()), widget=forms.RadioSelect)
    licence_months = forms.IntegerField(label=_("ライセンスの月数"), min_value=1, max_value=120, initial=12)


class TermsForm(forms.Form):
    """A document of terms; the same code again makes its next version."""

    code = forms.SlugField(
        label=_("規約のコード"),
        max_length=40,
        help_text=_("同じコードで公開すると、次の版になります。前の版も残ります。"),
    )
    title = forms.CharField(label=_("題名"), max_length=100)
    body = forms.CharField(label=_("本文"), max_length=100_000, widget=forms.Textarea({"rows": 12}))


@door(Permission.LICENCES_MANAGE)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """Every product with its terms."""
    return render(request, "review/products/listing.html", {"lines": queries.product_lines(by=request.actor)})


@door(Permission.LICENCES_MANAGE)
def add(request: Visit) -> HttpResponse:
    """Make a product."""
    form = ProductForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            products.make(**form.cleaned_data, by=request.actor, at=request.at)
        except products.ProductTaken as refusal:
            add_refusal(form, refusal, "code")
        else:
            messages.success(request, gettext("製品を登録しました。"))
            return redirect("review:products.listing")
    return render(request, "review/products/add.html", {"form": form}, status=422 if form.errors else 200)


@door(Permission.LICENCES_MANAGE)
def terms(request: Visit, product_id: UUID) -> HttpResponse:
    """Publish a document of terms, or its next version."""
    form = TermsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        products.publish_terms(product_id=product_id, **form.cleaned_data, by=request.actor, at=request.at)
        messages.success(request, gettext("利用規約を公開しました。"))
        return redirect("review:products.listing")
    return render(request, "review/products/terms.html", {"form": form}, status=422 if form.errors else 200)


@door(Permission.LICENCES_MANAGE, recent=True)
def end(request: Visit, product_id: UUID) -> HttpResponse:
    """End a product, after what goes on was read."""
    line = next((one for one in queries.product_lines(by=request.actor) if one.id == product_id), None)
    if line is None:
        raise NotFound
    if request.method != "POST":
        return render(request, "review/products/end.html", {"line": line})
    products.end(product_id=product_id, by=request.actor, at=request.at)
    messages.success(request, gettext("製品を終了しました。新しいカードは作れません。"))
    return redirect("review:products.listing")


routes = [
    path("products/", listing, name="products.listing"),
    path("products/add/", add, name="products.add"),
    path("products/<uuid:product_id>/terms/", terms, name="products.terms"),
    path("products/<uuid:product_id>/end/", end, name="products.end"),
]
