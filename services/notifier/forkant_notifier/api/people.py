"""Who may be on duty, and by which phones: `/notifier/v1/duty/people`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from forkant_notifier.api.words import Revision, Words
from forkant_notifier.commands import people
from forkant_notifier.domain.devices import masked
from forkant_shared.access import policy
from forkant_shared.fields import Limit
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1/duty/people", tags=["duty"])

After = Annotated[UUID | None, Query(description="`next` of the page before")]
Address = Annotated[Words | None, Field(max_length=200)]


class PersonBody(Body):
    """A person as they are from now on: what is left out, they have not. `phone` is SMS and call, as +4700000001."""

    name: Words = Field(min_length=1, max_length=120)
    phone: Address = None
    sms: Address = None
    call: Address = None
    mail: Address = None
    webhook: Address = None
    floor: bool = False
    actor_id: UUID | None = Field(None, description="who this is in the registry; without it nobody is passed over")
    revision: Revision = None

    def row(self) -> dict[str, object]:
        """The same as a row of a file, without what is empty."""
        given = self.model_dump(mode="json", exclude={"revision"}, exclude_none=True)
        return dict(given)


class NewPersonBody(PersonBody):
    """Somebody new; `user` is the subject of their token and is never changed."""

    user: Words = Field(min_length=1, max_length=80)


class LeaveBody(Body):
    """The last change of the plan that the caller had seen."""

    revision: Revision = None


class DeviceAnswer(BaseModel):
    """One channel. A number is whole for who may plan, its last two digits for others; a browser has none.

    DEAD: the last attempts all failed. EXPIRED: the push service says that the browser is gone.
    """

    channel: str
    address: str | None
    state: Literal["WORKS", "DEAD", "EXPIRED"]


class PersonAnswer(BaseModel):
    """Somebody who may be on duty; `rotas` are the names of those in force that they take turns in.

    `pin_locked_until` is told to who may plan.
    """

    id: UUID
    user: str
    name: str
    floor: bool
    actor_id: UUID | None
    devices: list[DeviceAnswer]
    rotas: list[str]
    pin_locked_until: datetime | None


class PeopleAnswer(BaseModel):
    """By name. Send `next` as `after` for those that follow, and `revision` with a change."""

    items: list[PersonAnswer]
    next: UUID | None
    revision: int


class Written(BaseModel):
    """Who was written."""

    id: UUID


def _person(view: people.PersonView, *, whole: bool) -> PersonAnswer:
    contact = view.person.contact
    return PersonAnswer(
        id=UUID(view.id),
        user=contact.user,
        name=view.person.name,
        floor=view.person.floor,
        actor_id=UUID(contact.actor_id) if whole and contact.actor_id else None,
        devices=[
            DeviceAnswer(
                channel=device.channel.value,
                address=device.address if whole else masked(device),
                state=device.state.value,
            )
            for device in view.devices
        ],
        rotas=list(view.rotas),
        pin_locked_until=view.pin_locked_until if whole else None,
    )


@ROUTER.get("")
async def list_people(parts: PartsOf, who: SignedIn, limit: Limit = 50, after: After = None) -> PeopleAnswer:
    """Everybody who may be on duty."""
    found = await people.list_people(parts, who, limit=limit, after=str(after) if after else None)
    whole = policy.allows(who, "notifier.duty.plan")
    items = [_person(view, whole=whole) for view in found.views]
    return PeopleAnswer(items=items, next=items[-1].id if found.more else None, revision=found.revision)


@ROUTER.post("", status_code=201)
async def add_person(parts: PartsOf, who: SignedIn, body: NewPersonBody, response: Response) -> Written:
    """Somebody new, or somebody who had left."""
    made = await people.add_person(parts, who, body.row(), revision=body.revision)
    response.headers["location"] = f"/notifier/v1/duty/people/{made}"
    return Written(id=UUID(made))


@ROUTER.get("/{person_id}")
async def read_person(parts: PartsOf, who: SignedIn, person_id: UUID) -> PersonAnswer:
    """One of them."""
    view, _ = await people.read_person(parts, who, str(person_id))
    return _person(view, whole=policy.allows(who, "notifier.duty.plan"))


@ROUTER.put("/{person_id}", status_code=204)
async def change_person(parts: PartsOf, who: SignedIn, person_id: UUID, body: PersonBody) -> None:
    """Name, numbers and floor anew. One that leaves a new gap within 14 days is refused; browsers stay."""
    await people.change_person(parts, who, str(person_id), body.row(), revision=body.revision)


@ROUTER.post("/{person_id}/leave", status_code=204)
async def let_go(parts: PartsOf, who: SignedIn, person_id: UUID, body: LeaveBody) -> None:
    """Not on duty any more: phones, browsers and PIN go, the name stays in what was."""
    await people.let_go(parts, who, str(person_id), revision=body.revision)
