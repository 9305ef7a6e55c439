"""Reads a Delta table with a program of others, and prints {"types": {column: type}, "rows": [...]} as JSON.

read_lake.py READER TABLE [VERSION], where READER is delta-rs, polars, duckdb or spark; only delta-rs is asked for a version.
Values are printed so that every reader can say the same:
whole numbers and decimals as text with all digits, instants in UTC with microseconds.
"""

import datetime
import decimal
import json
import os
import sys


def plain(value):
    if isinstance(value, bool) or value is None or isinstance(value, (float, str)):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    raise TypeError(type(value))


def read_delta_rs(path, version=None):
    import deltalake
    import pyarrow

    table = deltalake.DeltaTable(path, version=None if version is None else int(version))
    types = {field.name: json.loads(field.type.to_json()) for field in table.schema().fields}
    return types, pyarrow.table(table.to_pyarrow_table()).to_pylist()


def read_polars(path):
    import polars

    frame = polars.read_delta(path)
    return {name: str(kind) for name, kind in frame.schema.items()}, frame.to_dicts()


def read_duckdb(path):
    import duckdb
    import duckdb_extension_delta

    folder = os.path.dirname(duckdb_extension_delta.__file__)
    found = [
        os.path.join(at, name) for at, _, names in os.walk(folder) for name in names if name.endswith(".duckdb_extension")
    ]
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"LOAD '{found[0]}'")
    result = connection.execute("SELECT * FROM delta_scan($1)", [path])
    names = [column[0] for column in result.description]
    types = {column[0]: str(column[1]) for column in result.description}
    return types, [dict(zip(names, row)) for row in result.fetchall()]


def read_spark(path):
    from spark_session import open_spark
    from pyspark.sql.types import ArrayType, StructType, TimestampType

    def zoned(value, kind):
        """Spark gives instants as times of this process's zone, which is UTC."""
        if value is None:
            return None
        if isinstance(kind, TimestampType):
            return value.replace(tzinfo=datetime.timezone.utc)
        if isinstance(kind, ArrayType):
            return [zoned(item, kind.elementType) for item in value]
        if isinstance(kind, StructType):
            return {field.name: zoned(value[field.name], field.dataType) for field in kind.fields}
        return value

    frame = open_spark().read.format("delta").load(path)
    rows = [zoned(row, frame.schema) for row in frame.collect()]
    return {field.name: field.dataType.simpleString() for field in frame.schema.fields}, rows


readers = {"delta-rs": read_delta_rs, "polars": read_polars, "duckdb": read_duckdb, "spark": read_spark}
types, rows = readers[sys.argv[1]](*sys.argv[2:])
print(json.dumps({"types": types, "rows": plain(rows)}), flush=True)
if sys.argv[1] != "spark":
    # The native libraries leave threads behind, and some abort the process when the interpreter tears them down.
    os._exit(0)
