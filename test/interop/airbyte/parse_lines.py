"""Parses every line on stdin with Airbyte's own models, strictly; prints how many there were of each type as JSON."""

import collections
import json
import sys

from airbyte_cdk.models import AirbyteMessageSerializer
from airbyte_protocol.models import AirbyteMessage

counts = collections.Counter()
for number, line in enumerate(sys.stdin, 1):
    try:
        by_pydantic = AirbyteMessage.model_validate_json(line)
        by_serializer = AirbyteMessageSerializer.load(json.loads(line))
    except Exception as error:
        sys.exit(f"line {number}: {error}")
    assert by_pydantic.type.value == by_serializer.type.value
    counts[by_pydantic.type.value] += 1
print(json.dumps(counts))
