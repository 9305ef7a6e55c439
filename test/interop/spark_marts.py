"""The marts of spark/ over a lake: spark_marts.py LAKE SETTINGS MART..., and prints their rows as JSON, by mart."""

import datetime
import json
import sys
from pathlib import Path

from spark_session import open_spark

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "spark"))
from marts import open_marts  # noqa: E402

lake, settings, *names = sys.argv[1:]
spark = open_spark()
# A few hundred rows: compiling the plans would take longer than running them.
spark.conf.set("spark.sql.codegen.wholeStage", "false")
spark.conf.set("spark.sql.adaptive.enabled", "false")
open_marts(spark, lake, settings)


def text(value):
    if isinstance(value, datetime.datetime):
        return value.isoformat() + "Z"
    return str(value)


print(json.dumps({name: [row.asDict(recursive=True) for row in spark.table(name).collect()] for name in names}, default=text))
