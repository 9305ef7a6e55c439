"""Runs SQL in Spark: spark_lake.py SQL..., and prints the rows of the last statement as JSON."""

import json
import sys

from spark_session import open_spark

spark = open_spark()
rows = []
for sql in sys.argv[1:]:
    rows = [row.asDict() for row in spark.sql(sql).collect()]
print(json.dumps(rows, default=str))
