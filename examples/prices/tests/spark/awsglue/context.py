"""What reads and writes."""

from pathlib import Path

from awsglue import keep, kept
from awsglue.dynamicframe import DynamicFrame
from pyspark.sql import SparkSession


class GlueContext:
    """Reads folders of this machine, and writes to the tables of the stand-in's catalog."""

    def __init__(self, spark_context):
        self.spark_session = SparkSession(spark_context)
        self.read_before, self.read_now = {}, {}
        self.create_dynamic_frame = Sources(self)
        self.write_dynamic_frame = Sinks(self)


class Sources:
    def __init__(self, glue):
        self.glue = glue

    def from_options(self, connection_type, connection_options, format, transformation_ctx):
        """The lines of all files that no committed run of this job has read."""
        assert (connection_type, format, connection_options["recurse"]) == ("s3", "json", True)
        found = {str(file) for path in connection_options["paths"] for file in Path(path).rglob("*") if file.is_file()}
        new = sorted(found - set(self.glue.read_before.get(transformation_ctx, [])))
        self.glue.read_now[transformation_ctx] = new
        spark = self.glue.spark_session
        lines = spark.read.text(new) if new else spark.createDataFrame([], "value string")
        return DynamicFrame(lines, self.glue)


class Sinks:
    def __init__(self, glue):
        self.glue = glue

    def from_catalog(self, frame, database, table_name, additional_options, transformation_ctx):
        """Appends to the table's folder, as Parquet, and enters the partitions of what was written."""
        assert additional_options["enableUpdateCatalog"] and additional_options["updateBehavior"] == "LOG"
        catalog = kept("catalog")
        table = catalog[f"{database}.{table_name}"]
        keys, rows = additional_options["partitionKeys"], frame.toDF()
        assert keys == table["partition_keys"], f"the table has {table['partition_keys']}"
        types = {field.name: field.dataType.simpleString() for field in rows.schema.fields}
        assert types == table["columns"], f"the table has {table['columns']}, and the rows {types}"
        rows.write.mode("append").partitionBy(*keys).parquet(table["location"])
        written = {"/".join(f"{key}={row[key]}" for key in keys) for row in rows.select(keys).distinct().collect()}
        table["partitions"] = sorted({*table["partitions"], *written})
        keep("catalog", catalog)
