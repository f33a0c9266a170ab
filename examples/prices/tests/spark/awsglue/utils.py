"""Arguments of a job."""


def getResolvedOptions(argv, options):
    """As Glue's: the values of `--name value`; one that is absent is an error."""
    given = dict(zip(argv[1::2], argv[2::2]))
    missing = [name for name in options if f"--{name}" not in given]
    if missing:
        raise ValueError(f"the following arguments are required: {', '.join(missing)}")
    return {name: given[f"--{name}"] for name in options}
