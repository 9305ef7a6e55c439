"""The marts as temporary views of a Spark session (Spark 4, Delta Lake 4), over a lake of gong-elt.

    for table in cfg_settings cfg_kits cfg_bricks cfg_levels cfg_stages cfg_people; do
      gong-elt query --mart $table --from ./lake -o settings/$table.jsonl
    done

    from marts import open_marts
    open_marts(spark, "lake", "settings")
    spark.table("mart_win_correlation").show()
"""

import json
from pathlib import Path

here = Path(__file__).resolve().parent
streams = ["calls", "transcripts", "semarize_runs"]


def tables():
    """The tables beside the streams (settings, imports, results of `analyze`), by name: their columns in Spark's words."""
    return json.loads((here / "tables.json").read_text())


def open_marts(spark, lake, settings):
    """`settings` is a folder of NAME.jsonl, one a table; a table without a file is empty."""
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    # What does not fit is NULL, as TRY_CAST says, and of two answers to one brick the last counts.
    spark.conf.set("spark.sql.ansi.enabled", "false")
    spark.conf.set("spark.sql.variant.allowDuplicateKeys", "true")
    for stream in streams:
        spark.read.format("delta").load(f"{lake}/{stream}").createOrReplaceTempView(stream)
    for name, columns in tables().items():
        path = Path(settings) / f"{name}.jsonl"
        rows = spark.read.schema(columns).json(str(path)) if path.exists() else spark.createDataFrame([], columns)
        rows.createOrReplaceTempView(name)
    for path in sorted((here / "sql").glob("*.sql")):
        # Computed once: Spark would put the views into each other until its planner runs out of memory.
        spark.sql(path.read_text()).localCheckpoint().createOrReplaceTempView(path.stem.split("_", 1)[1])
