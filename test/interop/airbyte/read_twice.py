"""Reads a source twice into PyAirbyte's own DuckDB cache and prints what it saw as one JSON line on stdout.

Arguments: path of the source's executable, path of its config file, path of the cache file.
"""

import json
import sys

import airbyte as ab

executable, config_path, cache_path = sys.argv[1:4]
with open(config_path, encoding="utf-8") as file:
    config = json.load(file)


def read_once():
    source = ab.get_source("source-gong-semarize", config=config, local_executable=executable)
    source.check()
    source.select_all_streams()
    result = source.read(cache=ab.caches.DuckDBCache(db_path=cache_path))
    return {"processed": result.processed_records, "rows": {name: len(list(result[name])) for name in result.streams}}


first = read_once()
second = read_once()
print("RESULT " + json.dumps({"first": first, "second": second}))
