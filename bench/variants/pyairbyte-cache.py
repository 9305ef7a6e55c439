"""Reads file-source.py into PyAirbyte's DuckDB cache. Arguments: objects, schema (a file), database, interpreter's folder is PATH."""

import json
import os
import sys

os.environ["DO_NOT_TRACK"] = os.environ["AIRBYTE_OFFLINE_MODE"] = "1"
os.environ["AIRBYTE_LOGGING_ROOT"] = os.path.dirname(sys.argv[3])
import airbyte

objects, schema, database = sys.argv[1:4]
source = airbyte.get_source(
    "source-file-of-objects",
    config={"objects": objects, "schema": json.load(open(schema))},
    local_executable=os.path.join(os.path.dirname(__file__), "file-source.py"),
    streams="*",
)
result = source.read(cache=airbyte.DuckDBCache(db_path=database), write_strategy="merge", force_full_refresh=True)
print(len(result["calls"]))
