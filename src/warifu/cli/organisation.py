"""`warifu organisation`: make an organisation with its first administrator."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import click
from django.db import transaction
from django.utils import timezone

from warifu.credentials.actions import activation
from warifu.foundation.actor import OPERATOR, SYSTEM, Role
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.organisations import actions as organisations

DAYS = 14


def _code(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", value):
        raise click.BadParameter("英小文字、数字、ハイフンで40字までにしてください。 / a-z, 0-9 and hyphens")
    return value


@click.group()
def organisation() -> None:
    """組織(会社)を扱います。 / Manage organisations.

    一つの組織は一つの法人です。番号は組織を越えて使えないため、グループ会社もそれぞれ別の組織にします。
    """


@organisation.command()
@click.option(
    "--code", required=True, callback=_code, help="サインインに使う短い名前(英小文字・数字・ハイフン) / short name"
)
@click.option("--name", required=True, help="正式な名称。メールの差出人の名前にもなる / full name")
@click.option("--corporate-number", default="", help="法人番号13桁(任意) / corporate number")
@click.option("--contact", default="", help="従業員からの問合せ先(任意) / contact for employees")
@click.option(
    "--administrator", "mail", required=True, metavar="MAIL", help="最初の管理者のメールアドレス / their mail"
)
@click.option("--family-name", default="管理者", show_default=True, help="最初の管理者の姓 / family name")
@click.option("--given-name", default="", help="最初の管理者の名 / given name")
@click.option("--office", "is_office", is_flag=True, help="事務所として作る(職員と顧客にIDを発行できる) / an office")
@click.option(
    "--operator", "is_operator", is_flag=True, help="運営者の組織として作る(申込みを審査する) / the operator's"
)
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す / print JSON")
def create(
    *,
    code: str,
    name: str,
    corporate_number: str,
    contact: str,
    mail: str,
    family_name: str,
    given_name: str,
    is_office: bool,
    is_operator: bool,
    as_json: bool,
) -> None:
    """組織と最初の管理者を作り、管理者に設定のリンクをメールで送ります。

    Make an organisation and its first administrator, who gets a single-use link by mail; no password is ever shown
    or sent. The letter leaves when the worker runs. All of it is done, or nothing.
    """
    at = timezone.now()
    with transaction.atomic():
        organisation_id = organisations.create(
            code=code,
            name=name,
            corporate_number=corporate_number,
            contact=contact,
            is_office=is_office,
            is_operator=is_operator,
            by=OPERATOR,
            at=at,
        )
        member_id = organisations.add_member(
            organisation_id=organisation_id,
            roles=Role.ADMINISTRATOR,
            family_name=family_name,
            given_name=given_name,
            mail=mail,
            by=OPERATOR,
            at=at,
        )
        link = activation.issue(
            organisation_id=organisation_id, member_id=member_id, purpose="first", by=OPERATOR, at=at, days=DAYS
        )
        full_name = f"{family_name} {given_name}".strip()
        notices.post(
            letter=kinds.Activation(
                organisation_name=name, name=full_name, valid_until=at + timedelta(days=DAYS), link=link
            ),
            organisation_id=organisation_id,
            member_id=member_id,
            to_mail=mail,
            to_name=full_name,
            key=f"activation:{link.reference}",
            by=SYSTEM,
            at=at,
        )
    if as_json:
        click.echo(json.dumps({"organisation_id": str(organisation_id), "administrator_id": str(member_id)}))
        return
    click.echo(f"組織「{name}」(組織コード {code})を作りました。 / created")
    click.echo(f"{full_name}さん <{mail}> に、はじめての設定のメールを送ります(リンクは{DAYS}日間有効)。")
