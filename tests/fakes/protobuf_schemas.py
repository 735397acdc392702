"""Protobuf schemas as their descriptors, and their classes, as a compiler would make them."""

from __future__ import annotations

from typing import Any, Final

from confluent_kafka.schema_registry.confluent.type import decimal_pb2
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    message_factory,
    struct_pb2,
    text_format,
    timestamp_pb2,
    wrappers_pb2,
)

__all__ = ["EVENT", "PERSON", "classes_of"]

KNOWN: Final = (decimal_pb2, duration_pb2, struct_pb2, timestamp_pb2, wrappers_pb2)
"""Files that a schema may import are known once they are imported here."""

PERSON: Final = """
name: "acme/person.proto" package: "acme" syntax: "proto3"
message_type {
  name: "Person"
  field { name: "email" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "user_id" number: 2 type: TYPE_INT64 label: LABEL_OPTIONAL }
}
"""

EVENT: Final = """
name: "acme/event.proto" package: "acme" syntax: "proto3"
dependency: "acme/person.proto"
dependency: "google/protobuf/timestamp.proto"
dependency: "google/protobuf/wrappers.proto"
dependency: "google/protobuf/struct.proto"
dependency: "google/protobuf/duration.proto"
dependency: "confluent/type/decimal.proto"
enum_type {
  name: "Plan"
  value { name: "PLAN_UNSPECIFIED" number: 0 }
  value { name: "PLAN_PRO" number: 1 }
}
message_type {
  name: "Event"
  field { name: "event" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "message_id" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "person" number: 3 type: TYPE_MESSAGE type_name: ".acme.Person" label: LABEL_OPTIONAL }
  field { name: "sent_at" number: 4 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL }
  field { name: "plan" number: 5 type: TYPE_ENUM type_name: ".acme.Plan" label: LABEL_OPTIONAL }
  field { name: "seats" number: 6 type: TYPE_INT32 label: LABEL_OPTIONAL }
  field { name: "big" number: 7 type: TYPE_UINT64 label: LABEL_OPTIONAL }
  field { name: "ratio" number: 8 type: TYPE_FLOAT label: LABEL_OPTIONAL }
  field { name: "score" number: 9 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
  field { name: "raw" number: 10 type: TYPE_BYTES label: LABEL_OPTIONAL }
  field { name: "tags" number: 11 type: TYPE_STRING label: LABEL_REPEATED }
  field { name: "counts" number: 12 type: TYPE_MESSAGE type_name: ".acme.Event.CountsEntry" label: LABEL_REPEATED }
  field { name: "coupon" number: 13 type: TYPE_STRING label: LABEL_OPTIONAL proto3_optional: true oneof_index: 1 }
  field { name: "card" number: 14 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "invoice" number: 15 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "limit" number: 16 type: TYPE_MESSAGE type_name: ".google.protobuf.Int64Value" label: LABEL_OPTIONAL }
  field { name: "more" number: 17 type: TYPE_MESSAGE type_name: ".google.protobuf.Struct" label: LABEL_OPTIONAL }
  field { name: "took" number: 18 type: TYPE_MESSAGE type_name: ".google.protobuf.Duration" label: LABEL_OPTIONAL }
  field { name: "price" number: 19 type: TYPE_MESSAGE type_name: ".confluent.type.Decimal" label: LABEL_OPTIONAL }
  field { name: "inner" number: 20 type: TYPE_MESSAGE type_name: ".acme.Event" label: LABEL_REPEATED }
  field { name: "flags" number: 21 type: TYPE_MESSAGE type_name: ".acme.Event.FlagsEntry" label: LABEL_REPEATED }
  nested_type {
    name: "CountsEntry"
    field { name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "value" number: 2 type: TYPE_INT64 label: LABEL_OPTIONAL }
    options { map_entry: true }
  }
  nested_type {
    name: "FlagsEntry"
    field { name: "key" number: 1 type: TYPE_BOOL label: LABEL_OPTIONAL }
    field { name: "value" number: 2 type: TYPE_MESSAGE type_name: ".acme.Person" label: LABEL_OPTIONAL }
    options { map_entry: true }
  }
  oneof_decl { name: "payment" }
  oneof_decl { name: "_coupon" }
}
message_type {
  name: "Outer"
  nested_type {
    name: "First"
    field { name: "n" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
  }
  nested_type {
    name: "Second"
    field { name: "word" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  }
}
"""


def classes_of(*files: str) -> dict[str, Any]:
    """The messages of these files by their full names; each file imports only those before it and well-known ones."""
    pool = descriptor_pool.DescriptorPool()
    names: list[str] = []
    added: set[str] = set()
    for text in files:
        file = text_format.Parse(text, descriptor_pb2.FileDescriptorProto())
        for imported in file.dependency:
            _add_known(pool, imported, added)
        pool.AddSerializedFile(file.SerializeToString())
        added.add(file.name)
        names += [f"{file.package}.{message.name}" for message in file.message_type]
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(name)) for name in names}


def _add_known(pool: descriptor_pool.DescriptorPool, name: str, added: set[str]) -> None:
    if name in added:
        return
    added.add(name)
    file = descriptor_pool.Default().FindFileByName(name)
    for imported in file.dependencies:
        _add_known(pool, imported.name, added)
    pool.AddSerializedFile(file.serialized_pb)
