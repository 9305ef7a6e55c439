"""Checks what a tap printed with the Singer SDK's own classes and validator; the last line says what was seen, as JSON.

Arguments: file with the catalog, file with the messages. Ends with an error when anything is not as the SDK's tests of taps want it.
"""

import json
import sys
from datetime import datetime

from singer_sdk.helpers._typing import is_datetime_type
from singer_sdk.singerlib import Catalog, StateMessage
from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR

catalog_path, messages_path = sys.argv[1:3]
with open(catalog_path, encoding="utf-8") as file:
    catalog = Catalog.from_dict(json.load(file))

# Every property has metadata of its own, and what is automatic stays selected when the user deselects it.
for stream_id, entry in catalog.items():
    described = {breadcrumb for breadcrumb in entry.metadata if len(breadcrumb) == 2}
    assert described == {("properties", name) for name in entry.schema.properties}, stream_id
    for breadcrumb in described:
        entry.metadata[breadcrumb].selected = False
    mask = entry.metadata.resolve_selection()
    kept = {breadcrumb[1] for breadcrumb in described if mask[breadcrumb]}
    assert kept == {*entry.key_properties, entry.replication_key}, (stream_id, kept)

schemas, validators, records, states = {}, {}, {}, []
with open(messages_path, encoding="utf-8") as file:
    for line in file:
        message = json.loads(line)
        kind = message["type"]
        if kind == "SCHEMA":
            stream = message["stream"]
            DEFAULT_JSONSCHEMA_VALIDATOR.check_schema(message["schema"])
            schemas[stream] = message
            validators[stream] = DEFAULT_JSONSCHEMA_VALIDATOR(message["schema"])
            in_catalog = catalog[stream].schema.to_dict()["properties"]
            assert set(message["schema"]["properties"]) == set(in_catalog), stream
        elif kind == "RECORD":
            stream, record = message["stream"], message["record"]
            validators[stream].validate(record)
            assert set(record) <= set(schemas[stream]["schema"]["properties"]), stream
            for key in schemas[stream]["key_properties"]:
                assert record[key] is not None
            for name, form in schemas[stream]["schema"]["properties"].items():
                if is_datetime_type(form) and record.get(name) is not None:
                    assert datetime.fromisoformat(record[name]).tzinfo is not None
            assert datetime.fromisoformat(message["time_extracted"]).tzinfo is not None
            records[stream] = records.get(stream, 0) + 1
        elif kind == "STATE":
            states.append(StateMessage.from_dict(message).value)
        else:
            raise AssertionError(f"a message of type {kind}")

assert set(records) == set(schemas), "a stream without records"
assert "progress_markers" not in json.dumps(states[-1])
assert set(states[-1]["bookmarks"]) == set(schemas)
print(json.dumps({"records": records, "states": len(states)}))
