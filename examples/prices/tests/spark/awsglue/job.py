"""A job's bookmark."""

from awsglue import keep, kept


class Job:
    """What a run has read is remembered once it is committed, and not before."""

    def __init__(self, glue):
        self.glue = glue

    def init(self, name, arguments):
        self.name = name
        self.glue.read_before = kept("bookmarks").get(name, {})

    def commit(self):
        before = self.glue.read_before
        read = {context: sorted({*before.get(context, []), *files}) for context, files in self.glue.read_now.items()}
        keep("bookmarks", kept("bookmarks") | {self.name: before | read})
