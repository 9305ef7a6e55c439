"""Writes a source into a destination twice through PyAirbyte and prints what it counted as one JSON line on stdout.

Arguments: executable and config file of the source, executable and config file of the destination, cache file.
"""

import json
import sys

import airbyte as ab
from airbyte.strategies import WriteStrategy

source_path, source_config, destination_path, destination_config, cache_path = sys.argv[1:6]


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write_once():
    source = ab.get_source("source-gong-semarize", config=read_json(source_config), local_executable=source_path)
    source.select_all_streams()
    destination = ab.get_destination(
        "destination-duckdb", config=read_json(destination_config), local_executable=destination_path
    )
    destination.check()
    cache = ab.caches.DuckDBCache(db_path=cache_path)
    result = destination.write(source, cache=cache, write_strategy=WriteStrategy.AUTO)
    return {"processed": result.processed_records}


first = write_once()
second = write_once()
print("RESULT " + json.dumps({"first": first, "second": second}))
