"""One policy: default deny, and the same answer as a predicate and as a SQL filter."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from hypothesis import given
from hypothesis import strategies as st

from forkant_shared import access
from forkant_shared.access import Grant, Policy, Resource
from forkant_shared.errors import Forbidden, NotFound
from forkant_shared.identity import Principal

ROLES = ["analyst", "duty.officer", "source.handler", "auditor"]
SCOPES = ["forkant:reports.write", "forkant:threats.read"]
COMPARTMENTS = ["blue", "green"]
HANDLINGS = ["OPEN", "RESTRICTED", "SECRET", "UNHEARD-OF"]

THINGS = sa.Table(
    "things", sa.MetaData(), sa.Column("handling", sa.String, nullable=False), sa.Column("compartment", sa.String)
)
RESOURCES = [Resource(handling, inside) for handling in HANDLINGS for inside in (None, "", *COMPARTMENTS)]


def subsets(names: list[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(names), max_size=3)


principals = st.builds(
    Principal,
    st.just("x"),
    st.just("x"),
    st.sampled_from(["PERSON", "MACHINE", "SYSTEM"]),
    roles=subsets(ROLES),
    scopes=subsets(SCOPES),
    compartments=subsets(COMPARTMENTS),
)
policies = st.builds(
    Policy,
    st.dictionaries(st.just("x.thing.read"), st.builds(Grant, subsets(ROLES), subsets(SCOPES)), max_size=1),
    st.dictionaries(st.sampled_from(HANDLINGS[:3]), st.none() | subsets(ROLES)),
)


@pytest.fixture(scope="module")
def things() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        THINGS.create(connection)
        connection.execute(THINGS.insert(), [{"handling": r.handling, "compartment": r.compartment} for r in RESOURCES])
        yield connection
    engine.dispose()


@given(policy=policies, who=principals)
def test_the_filter_shows_exactly_what_the_predicate_allows(
    things: sa.Connection, policy: Policy, who: Principal
) -> None:
    rows = things.execute(sa.select(THINGS).where(policy.visible(who, "x.thing.read", THINGS.c)))
    shown = {Resource(row.handling, row.compartment) for row in rows}
    assert shown == {resource for resource in RESOURCES if policy.allows(who, "x.thing.read", resource)}


@given(policy=policies, who=principals, resource=st.sampled_from(RESOURCES) | st.none())
def test_require_raises_exactly_when_it_is_not_allowed(
    policy: Policy, who: Principal, resource: Resource | None
) -> None:
    try:
        policy.require(who, "x.thing.read", resource)
        refused = False
    except (Forbidden, NotFound):
        refused = True
    assert refused != policy.allows(who, "x.thing.read", resource)


@given(policy=policies, who=principals)
def test_an_action_nobody_wrote_down_is_allowed_to_nobody(policy: Policy, who: Principal) -> None:
    assert not policy.allows(who, "x.thing.destroy")
    with pytest.raises(Forbidden):
        policy.require(who, "x.thing.destroy")


def test_what_one_may_not_know_of_is_not_found_and_what_one_may_not_do_is_forbidden() -> None:
    policy = Policy({"x.thing.read": Grant(frozenset({"analyst"}), frozenset())}, {"OPEN": None})
    analyst = Principal("a", "a", "PERSON", roles=frozenset({"analyst"}))
    with pytest.raises(NotFound):
        policy.require(analyst, "x.thing.read", Resource("SECRET"))
    with pytest.raises(NotFound):
        policy.require(analyst, "x.thing.read", Resource("OPEN", "blue"))
    with pytest.raises(Forbidden):
        policy.require(Principal("b", "b", "PERSON"), "x.thing.read", Resource("SECRET"))


def test_a_scope_gives_a_person_nothing_a_role_does_not_and_the_other_way_round() -> None:
    grant = Grant(frozenset({"analyst"}), frozenset({"forkant:threats.read"}))
    assert grant.covers(Principal("a", "a", "PERSON", roles=frozenset({"analyst"})))
    assert grant.covers(Principal("o", "o", "MACHINE", scopes=frozenset({"forkant:threats.read"})))
    assert not grant.covers(Principal("o", "o", "MACHINE", scopes=frozenset({"analyst"})))
    assert not grant.covers(Principal("a", "a", "PERSON", roles=frozenset({"forkant:threats.read"})))


def tables() -> dict[str, dict[str, dict[str, list[str]]]]:
    """Every shipped file of grants."""
    found = {}
    for entry in resources.files(access).iterdir():
        if entry.name.endswith(".yaml") and entry.name != "handling.yaml":
            found[entry.name.removesuffix(".yaml")] = yaml.safe_load(entry.read_text("utf-8"))
    return found


def test_each_services_file_grants_only_its_own_actions_so_that_none_overrides_another() -> None:
    for service, table in tables().items():
        for action, row in table.items():
            assert action.startswith(f"{service}."), f"{action} does not belong in {service}.yaml"
            assert action.count(".") == 2, f"{action} is not <service>.<noun>.<verb>"
            assert set(row) <= {"roles", "scopes"}, f"{action} says something nobody reads"
            assert row.get("roles") or row.get("scopes"), f"{action} is granted to nobody"


TABLE: dict[str, dict[str, dict[str, list[str]]]] = yaml.safe_load(
    Path(__file__).with_name("access_table.yaml").read_text("utf-8")
)
ASKERS = {name: Principal(name, name, "PERSON", roles=frozenset({name})) for name in TABLE["roles"]} | {
    name: Principal(name, name, "MACHINE", scopes=frozenset({name})) for name in TABLE["scopes"]
}
ROWS = TABLE["roles"] | TABLE["scopes"]


def _matches(action: str, patterns: list[str]) -> bool:
    parts = action.split(".")
    return any(
        all(wanted in ("*", part) for wanted, part in zip(pattern.split("."), parts, strict=True))
        for pattern in patterns
    )


@pytest.mark.parametrize("name", ROWS)
def test_the_shipped_policy_grants_each_role_and_scope_what_was_reviewed_and_no_more(name: str) -> None:
    policy, row = access.load(), ROWS[name]
    for action in row["may"]:
        assert policy.allows(ASKERS[name], action), f"{name} has lost {action}"
    for action in policy.grants:
        if policy.allows(ASKERS[name], action):
            assert _matches(action, row["only"]), f"{name} may {action}, and nobody has reviewed that"
            assert not _matches(action, row.get("never", [])), f"{name} must never {action}"


def test_no_role_or_scope_is_granted_anything_without_standing_in_the_table() -> None:
    for action, grant in access.load().grants.items():
        assert grant.roles <= set(TABLE["roles"]), f"{action}: {grant.roles - set(TABLE['roles'])}"
        assert grant.scopes <= set(TABLE["scopes"]), f"{action}: {grant.scopes - set(TABLE['scopes'])}"


def test_who_has_no_role_and_no_scope_may_do_nothing() -> None:
    nobody = [Principal("x", "x", kind) for kind in ("PERSON", "MACHINE")]
    assert not any(access.load().allows(who, action) for who in nobody for action in access.load().grants)


def test_secret_things_are_known_to_the_roles_of_handling_yaml_alone() -> None:
    knows = {name for name, who in ASKERS.items() if access.load().may_know(who, Resource("SECRET"))}
    assert knows == {"source.handler", "analyst", "duty.leader", "dialogue.leader", "auditor"}
