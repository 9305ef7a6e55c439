"""Changes a Delta table with delta-rs: change_lake.py TABLE merge|compact|vacuum|checkpoint.

`merge` sets the title of the row with id "1"; the others change no row.
"""

import os
import sys

import deltalake

table = deltalake.DeltaTable(sys.argv[1])
if sys.argv[2] == "merge":
    import pyarrow

    source = pyarrow.table({"id": ["1"], "title": ["changed by delta-rs"]})
    table.merge(source, predicate="s.id = t.id", source_alias="s", target_alias="t").when_matched_update(
        {"title": "s.title"}
    ).execute()
elif sys.argv[2] == "compact":
    print(table.optimize.compact())
elif sys.argv[2] == "vacuum":
    print(table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False))
elif sys.argv[2] == "checkpoint":
    table.create_checkpoint()

sys.stdout.flush()
# Its native threads may abort the process when the interpreter tears them down; what was asked for is done.
os._exit(0)
