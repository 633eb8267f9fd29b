"""What an event looks like on the bus: CloudEvents 1.0 in Kafka binary mode.

Attributes travel as `ce_*` headers, the value is the bare JSON data: ids, codes, times and references, no names and no
text. Extensions of ours: `traceparent`, `partitionkey`, `correlationid`, `causationid`, `aggregateversion`,
`classification`.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from forkant_shared.bus import Message, Record
from forkant_shared.errors import Invalid

SPECVERSION = "1.0"
CONTENT_TYPE = b"application/json"
LONGEST_KEY = 200

# Visible ASCII of a length every table has room for: an id or a code, never a text.
Word = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=100)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=64)]


class Event(BaseModel):
    """Something that happened, told in the past tense by its one owner.

    `TYPE` is the CloudEvents type, `KEY` the field that names the thing it happened to (and orders it), `NOUN` what
    that thing is called in `subject`. Additive for ever: a reader ignores fields it does not know.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    OWNER: ClassVar[str]
    KEY: ClassVar[str]
    NOUN: ClassVar[str]
    CLASSIFICATION: ClassVar[str] = "RESTRICTED"

    @property
    def key(self) -> str:
        """The id of the thing; events with the same key keep their order."""
        return str(getattr(self, self.KEY))

    @property
    def subject(self) -> str:
        return f"{self.NOUN}/{self.key}"

    @classmethod
    def schema_urn(cls) -> str:
        """`urn:forkant:schema:<service>.<noun-verb-past>:<version>`."""
        service, name, version = cls.TYPE.removeprefix("no.forkant.").rsplit(".", 2)
        return f"urn:forkant:schema:{service}.{name}:{version}"


class Envelope(BaseModel):
    """One event with everything the bus, the inbox and a trace need to know about it."""

    model_config = ConfigDict(frozen=True)

    id: Identifier
    source: Word
    type: Word
    subject: Word
    time: AwareDatetime
    dataschema: Word
    partitionkey: Word
    correlationid: Identifier
    aggregateversion: int
    classification: Word
    data: dict[str, Any]
    causationid: Identifier | None = None
    traceparent: Word | None = None

    def to_message(self, topic: str) -> Message:
        """The Kafka record: binary mode, key = `partitionkey`."""
        attributes = {
            "ce_specversion": SPECVERSION,
            "ce_id": self.id,
            "ce_source": self.source,
            "ce_type": self.type,
            "ce_subject": self.subject,
            "ce_time": self.time.isoformat(),
            "ce_dataschema": self.dataschema,
            "ce_partitionkey": self.partitionkey,
            "ce_correlationid": self.correlationid,
            "ce_causationid": self.causationid,
            "ce_traceparent": self.traceparent,
            "ce_aggregateversion": str(self.aggregateversion),
            "ce_classification": self.classification,
        }
        headers = [("content-type", CONTENT_TYPE)]
        headers += [(name, value.encode()) for name, value in attributes.items() if value is not None]
        value = json.dumps(self.data, separators=(",", ":"), ensure_ascii=False).encode()
        return Message(topic=topic, key=self.partitionkey, value=value, headers=tuple(headers))

    @classmethod
    def from_record(cls, record: Record) -> Self:
        """Read a record of the bus. Raises Invalid where it is not a CloudEvent of ours."""
        try:
            attributes: dict[str, Any] = {
                name.removeprefix("ce_"): value.decode() for name, value in record.headers if name.startswith("ce_")
            }
            if attributes.pop("specversion", None) != SPECVERSION:
                raise Invalid("Not a CloudEvents 1.0 record in binary mode.", field="ce_specversion")
            if len(record.key) > LONGEST_KEY or not record.key.isprintable():
                raise Invalid("The record's key is not one of ours.", field="key")
            return cls.model_validate({**attributes, "data": json.loads(record.value)})
        except (ValueError, ValidationError, RecursionError) as error:
            raise Invalid("The record's attributes or data cannot be read.", field="value") from error


def event_type(record: Record) -> str | None:
    """The type of a record without parsing it; None where it carries none."""
    for name, value in record.headers:
        if name == "ce_type":
            return value.decode(errors="replace")
    return None
