"""Frames whose fields may have several types, until somebody chooses one."""

from pyspark.sql import functions
from pyspark.sql.types import DoubleType, LongType, StringType, StructField, StructType

TYPES = {"string": StringType(), "double": DoubleType(), "long": LongType()}


class DynamicFrame:
    """Rows as Glue has them before a choice: here as JSON text, of which the choice makes columns."""

    def __init__(self, data, glue):
        self.data, self.glue = data, glue

    @staticmethod
    def fromDF(data, glue, name):
        return DynamicFrame(data, glue)

    def toDF(self):
        return self.data

    def count(self):
        return self.data.count()

    def resolveChoice(self, specs):
        """`("price", "cast:double")`: a number, whichever it was written as, and null where it is none."""
        texts = StructType([StructField(name, StringType()) for name, _ in specs])
        parsed = self.data.select(functions.from_json("value", texts).alias("row"))
        columns = [
            functions.col(f"row.{name}").cast(TYPES[choice.removeprefix("cast:")]).alias(name) for name, choice in specs
        ]
        return DynamicFrame(parsed.select(columns), self.glue)
