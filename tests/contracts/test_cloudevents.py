"""Strangers with the CloudEvents SDK read our records, and we read theirs."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from forkant_shared import outbox
from forkant_shared.bus import Message, Record
from forkant_shared.envelope import Envelope
from forkant_shared.errors import Invalid
from forkant_shared.events import EVENTS, read, topic_of
from forkant_shared.telemetry import Trail, following
from forkant_shared.testing import FixedClock
from tests.contracts.test_events import golden

AT = datetime(2026, 11, 20, 20, 15, 0, 123456, tzinfo=UTC)
TRAILS = [Trail("story-1", "cause-1", f"00-{'1' * 32}-{'2' * 16}-01"), Trail("story-1")]


def _envelope(kind: str, trail: Trail) -> Envelope:
    with following(trail):
        event = EVENTS[kind].model_validate(golden(kind)["full"])
        return outbox.envelope_of(event, version=3, clock=FixedClock(AT))


def _record(message: Message) -> Record:
    return Record(message.topic, 0, 0, message.key, message.value, message.headers, AT)


@pytest.mark.parametrize("trail", TRAILS, ids=["followed", "begun"])
@pytest.mark.parametrize("kind", EVENTS)
def test_the_sdk_reads_what_we_write(kind: str, trail: Trail) -> None:
    ours = _envelope(kind, trail)
    message = ours.to_message(topic_of(EVENTS[kind].OWNER))
    theirs = from_binary(KafkaMessage(dict(message.headers), message.key, message.value), JSONFormat())
    assert isinstance(theirs, CloudEvent)
    assert theirs.get_specversion() == "1.0"
    assert theirs.get_datacontenttype() == "application/json"
    assert (theirs.get_id(), theirs.get_type(), theirs.get_source()) == (ours.id, ours.type, ours.source)
    assert (theirs.get_subject(), theirs.get_time()) == (ours.subject, AT)
    assert theirs.get_dataschema() == ours.dataschema
    assert theirs.get_data() == ours.data == golden(kind)["full"]
    for name in ("partitionkey", "correlationid", "causationid", "traceparent", "classification"):
        assert theirs.get_extension(name) == getattr(ours, name)
    assert theirs.get_extension("aggregateversion") == "3"


@pytest.mark.parametrize("kind", EVENTS)
def test_we_read_what_the_sdk_writes(kind: str) -> None:
    ours = _envelope(kind, TRAILS[0])
    attributes = {
        **ours.model_dump(exclude={"data"}),
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "aggregateversion": str(ours.aggregateversion),
    }
    theirs = to_binary(CloudEvent(attributes, ours.data), JSONFormat())
    assert isinstance(theirs.key, str)
    message = Message("forkant.x", theirs.key, theirs.value, tuple(theirs.headers.items()))
    back = Envelope.from_record(_record(message))
    assert back == ours
    assert read(back) == EVENTS[kind].model_validate(golden(kind)["full"])


def test_our_own_record_comes_back_as_it_was() -> None:
    for kind in EVENTS:
        ours = _envelope(kind, TRAILS[1])
        assert Envelope.from_record(_record(ours.to_message("forkant.x"))) == ours


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_source", "ce_specversion", "ce_subject", "ce_time"])
def test_a_record_without_an_attribute_we_need_is_invalid(name: str) -> None:
    message = _envelope(next(iter(EVENTS)), TRAILS[0]).to_message("forkant.x")
    headers = tuple((header, value) for header, value in message.headers if header != name)
    with pytest.raises(Invalid):
        Envelope.from_record(_record(Message(message.topic, message.key, message.value, headers)))


def test_the_value_is_the_bare_data_and_nothing_of_it_is_in_the_headers() -> None:
    message = _envelope("no.forkant.threat-watch.assessment-made.v1", TRAILS[0]).to_message("forkant.x")
    data = json.loads(message.value)
    assert set(data) == {"assessment_id", "threat_id", "level", "index", "policy_version"}
    assert all(data["level"].encode() not in value for _, value in message.headers)
