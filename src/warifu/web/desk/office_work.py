"""What waits for the people of an office or of the operator: requests, clients' late people, papers, applications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from warifu.applications.queries import applications
from warifu.collection.queries import people
from warifu.customers.queries import entrustments, inquiries
from warifu.customers.rules.entrusting import Task
from warifu.folders.queries import waiting
from warifu.foundation.days import jst_day
from warifu.organisations.rules import Permission, may
from warifu.web.shared.doors import Visit


@dataclass(frozen=True, kw_only=True)
class OfficeWork:
    """Counts of what waits; zero for what the visitor may not do. `offers` are those that a client has not answered,
    `offered` those that this organisation has not; `next_due` is the next day on which people of a client are due."""

    requests: int = 0
    clients: int = 0
    clients_late: int = 0
    offers: int = 0
    next_due: date | None = None
    papers: int = 0
    offered: int = 0
    to_review: int = 0
    answers_for_operator: bool = False

    @property
    def is_any(self) -> bool:
        """Whether something waits now."""
        return bool(self.requests or self.clients_late or self.papers or self.offered or self.to_review)


def of(request: Visit) -> OfficeWork:
    """What waits for this visitor; a few queries, none a client."""
    here = request.organisation_id
    serves, reviews, files, handles, licenses = (
        may(by=request.actor, permission=permission, organisation_id=here)
        for permission in (
            Permission.CUSTOMERS_MANAGE,
            Permission.REVIEW,
            Permission.FOLDERS_FILE,
            Permission.HANDLING_MANAGE,
            Permission.LICENCES_MANAGE,
        )
    )
    serves = serves and request.warifu_desk.is_office
    running = entrustments.agreed(office_id=here) if serves else []
    watched = [line.client_id for line in running if Task.PROGRESS in line.tasks]
    today = jst_day(request.at)
    counts = people.counts_of(organisation_ids=watched, today=today) if watched else {}
    due = people.next_due_of(organisation_ids=watched, today=today) if watched else {}
    return OfficeWork(
        requests=inquiries.waiting(addressee_id=here) if serves or licenses else 0,
        answers_for_operator=not serves,
        clients=len(running),
        clients_late=sum(one.overdue for one in counts.values()),
        offers=entrustments.count_offered(office_id=here) if serves else 0,
        next_due=min(due.values(), default=None),
        papers=waiting.count(organisation_id=here, by=request.actor, at=request.at) if files else 0,
        offered=entrustments.count_offered(client_id=here) if handles else 0,
        to_review=applications.count_waiting(by=request.actor) if reviews else 0,
    )
