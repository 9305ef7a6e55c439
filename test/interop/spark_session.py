"""A local Spark with Delta Lake; the jars are in the folder that SPARK_DELTA_JARS names."""

import os

from pyspark.sql import SparkSession


def open_spark():
    folder = os.environ["SPARK_DELTA_JARS"]
    jars = ",".join(os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".jar"))
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.jars", jars)
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .config("spark.databricks.delta.snapshotPartitions", "2")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", os.path.join(folder, "warehouse"))
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.memory", "1g")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    return spark
