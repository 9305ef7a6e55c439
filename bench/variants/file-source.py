#!/usr/bin/env python3
"""An Airbyte source that prints the objects of a file (config: {"objects", "schema"}) as records of the stream `calls`."""

import json
import sys

command = sys.argv[1]
config = json.load(open(sys.argv[sys.argv.index("--config") + 1])) if "--config" in sys.argv else None


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")


if command == "spec":
    say({"type": "SPEC", "spec": {"connectionSpecification": {"type": "object", "properties": {}}}})
elif command == "check":
    say({"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED"}})
elif command == "discover":
    stream = {
        "name": "calls",
        "json_schema": config["schema"],
        "supported_sync_modes": ["full_refresh"],
        "source_defined_primary_key": [["call_id"]],
    }
    say({"type": "CATALOG", "catalog": {"streams": [stream]}})
else:
    with open(config["objects"], encoding="utf-8") as file:
        for line in file:
            sys.stdout.write(
                '{"type":"RECORD","record":{"stream":"calls","emitted_at":1780272000000,"data":' + line.rstrip("\n") + "}}\n"
            )
