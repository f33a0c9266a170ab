"""What AWS's own models make of the calls that pipectl makes without a crate of the SDK: written to tests/files/slim.json.

    python3 tools/slim.py        # needs botocore

For each operation the request with every member that pipectl sets, as botocore's serializer writes it, and a whole reply in
which no member is missing. src/aws/slim/tests.rs holds the calls against both.
"""

import json
import pathlib
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import botocore
import botocore.serialize
import botocore.session

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
DATABASE = "arn:aws:glue:eu-west-1:123456789012:database/lake"
RULE = "arn:aws:events:eu-west-1:123456789012:rule/nightly"
REGISTRY = {"RegistryName": "events"}
SCHEMA = {"RegistryName": "events", "SchemaName": "click"}
WORKGROUP = "arn:aws:athena:eu-west-1:123456789012:workgroup/lake"
WORKFLOW = {
    "Name": "nightly",
    "Description": "Cleans clicks",
    "DefaultRunProperties": {"day": "yesterday"},
    "MaxConcurrentRuns": 2,
}
STATEMENT = {
    "WorkGroup": "lake",
    "StatementName": "by_day",
    "QueryStatement": "SELECT 1 WHERE day = ?",
    "Description": "Of a day",
}
LAKE = {"Name": "lake", "Description": "Prices", "LocationUri": "s3://lake/", "Parameters": {"layer": "silver"}}
KEPT = {
    "CreateTableDefaultPermissions": [
        {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}
    ],
    "TargetDatabase": {"CatalogId": "123456789012", "DatabaseName": "theirs"},
    "FederatedDatabase": {"Identifier": "arn", "ConnectionName": "theirs"},
}
TABLE = {
    "Name": "prices",
    "Description": "Ticks",
    "TableType": "EXTERNAL_TABLE",
    "Parameters": {"classification": "json", "pipectl:env": "dev"},
    "PartitionKeys": [{"Name": "day", "Type": "string"}],
    "StorageDescriptor": {
        "Columns": [{"Name": "price", "Type": "double", "Comment": "In euros"}],
        "Location": "s3://lake/prices/",
        "InputFormat": "in",
        "OutputFormat": "out",
        "SerdeInfo": {"SerializationLibrary": "serde", "Parameters": {"a": "b"}},
    },
}


def kept_of_table(session):
    """The table, and what of a live one is handed on as it was."""
    live = whole(session.get_service_model("glue").operation_model("GetTable").output_shape)["Table"]
    taken = "Owner LastAccessTime LastAnalyzedTime Retention ViewOriginalText ViewExpandedText TargetTable".split()
    stored = "AdditionalLocations Compressed NumberOfBuckets BucketColumns SortColumns Parameters SkewedInfo".split()
    stored += ["StoredAsSubDirectories", "SchemaReference"]
    live["StorageDescriptor"]["SchemaReference"]["SchemaVersionId"] = "0" * 36
    storage = {**TABLE["StorageDescriptor"], **{name: live["StorageDescriptor"][name] for name in stored}}
    storage["SerdeInfo"] = {**storage["SerdeInfo"], "Name": live["StorageDescriptor"]["SerdeInfo"]["Name"]}
    return {**TABLE, "StorageDescriptor": storage, **{name: live[name] for name in taken}}


JOB = {
    "Description": "Cleans clicks",
    "Role": "arn:aws:iam::123456789012:role/clean",
    "Command": {"Name": "glueetl", "ScriptLocation": "s3://acme-scripts/clean.py", "PythonVersion": "3"},
    "DefaultArguments": {"--conf": "a=b --conf c=d"},
    "Connections": {"Connections": ["lake", "spare"]},
    "MaxRetries": 2,
    "Timeout": 60,
    "ExecutionProperty": {"MaxConcurrentRuns": 3},
    "SecurityConfiguration": "sealed",
    "NotificationProperty": {"NotifyDelayAfter": 10},
    "GlueVersion": "5.0",
    "WorkerType": "G.1X",
    "NumberOfWorkers": 4,
    "MaxCapacity": 0.0625,
    "ExecutionClass": "FLEX",
    "MaintenanceWindow": "Sun:3",
    "JobRunQueuingEnabled": True,
}
TRIGGER = {
    "Description": "Nightly",
    "Schedule": "cron(0 3 * * ? *)",
    "Actions": [{"JobName": "clean", "Arguments": {"--day": "yesterday"}, "Timeout": 30}],
    "Predicate": {
        "Logical": "ANY",
        "Conditions": [{"LogicalOperator": "EQUALS", "JobName": "land", "State": "SUCCEEDED"}],
    },
}
CRAWLER = {
    "Role": "arn:aws:iam::123456789012:role/crawl",
    "DatabaseName": "lake",
    "Description": "Finds clicks",
    "TablePrefix": "raw_",
    "Schedule": "cron(15 * * * ? *)",
    "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "DELETE_FROM_DATABASE"},
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
    "Configuration": '{"Version":1.0}',
    "CrawlerSecurityConfiguration": "sealed",
}
CRAWLED = {
    "S3Targets": [{"Path": "s3://raw/clicks/", "Exclusions": ["**.tmp"], "SampleSize": 10}],
    "DeltaTargets": [
        {"DeltaTables": ["s3://raw/orders/"], "WriteManifest": True, "CreateNativeDeltaTable": True}
    ],
    "CatalogTargets": [{"DatabaseName": "lake", "Tables": ["visits"]}],
}


def kept_of_crawler(*names):
    """What of a live crawler is handed on as it was; of targets with those that an attribute says."""

    def given(session):
        live = whole(session.get_service_model("glue").operation_model("GetCrawler").output_shape)["Crawler"]
        if len(names) == 1:
            return live[names[0]]
        return {**CRAWLED, **{name: live["Targets"][name] for name in names}}

    return given


OTHER_TARGETS = ("JdbcTargets", "MongoDBTargets", "DynamoDBTargets", "IcebergTargets", "HudiTargets")
KEPT_OF_CRAWLER = {
    name: kept_of_crawler(name) for name in ("Classifiers", "LineageConfiguration", "LakeFormationConfiguration")
}
# Of a workgroup: where results go, and what holds for its queries.
RESULTS = {
    "OutputLocation": "s3://results/athena/",
    "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": KEY},
    "ExpectedBucketOwner": "123456789012",
}
SETTINGS = {
    "EnforceWorkGroupConfiguration": False,
    "PublishCloudWatchMetricsEnabled": False,
    "BytesScannedCutoffPerQuery": 10485760,
    "RequesterPaysEnabled": True,
    "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
    "EnableMinimumEncryptionConfiguration": True,
}
PARAMETER = {"ResourceType": "Parameter", "ResourceId": "/acme/dev/key"}
SECRET = {"SecretId": "acme/weather"}

CASES = [
    ("kms", "DescribeKey", {"KeyId": KEY}),
    ("cloudformation", "ListStackResources", {"StackName": "acme", "NextToken": "a+/="}),
    ("events", "DescribeRule", {"Name": "nightly"}),
    (
        "events",
        "PutRule",
        {
            "Name": "nightly",
            "Description": "At night",
            "ScheduleExpression": "rate(1 day)",
            "EventPattern": '{"source":["aws.s3"]}',
            "State": "DISABLED",
            "Tags": [{"Key": "team", "Value": "growth"}],
        },
    ),
    ("events", "DeleteRule", {"Name": "nightly"}),
    ("events", "ListTargetsByRule", {"Rule": "nightly"}),
    (
        "events",
        "PutTargets",
        {"Rule": "nightly", "Targets": [{"Id": "function", "Arn": "arn:aws:lambda", "Input": '{"a":1}'}]},
    ),
    ("events", "RemoveTargets", {"Rule": "nightly", "Ids": ["function"]}),
    ("events", "ListTagsForResource", {"ResourceARN": RULE}),
    ("events", "TagResource", {"ResourceARN": RULE, "Tags": [{"Key": "team", "Value": "growth"}]}),
    ("events", "UntagResource", {"ResourceARN": RULE, "TagKeys": ["team"]}),
    (
        "cloudtrail",
        "LookupEvents",
        {
            "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": "acme-clickstream-dev-clicks"}],
            "NextToken": "a+/=",
        },
    ),
    ("ec2", "DescribeSubnets", {"Filters": [{"Name": "subnet-id", "Values": ["subnet-0a", "a&b=c d+é"]}]}),
    ("ec2", "DescribeSecurityGroups", {"Filters": [{"Name": "group-id", "Values": ["sg-0a"]}]}),
    ("glue", "GetTags", {"ResourceArn": DATABASE}),
    ("glue", "TagResource", {"ResourceArn": DATABASE, "TagsToAdd": {"team": "growth"}}),
    ("glue", "UntagResource", {"ResourceArn": DATABASE, "TagsToRemove": ["team"]}),
    ("glue", "GetDatabase", {"Name": "lake"}),
    ("glue", "CreateDatabase", {"DatabaseInput": LAKE, "Tags": {"team": "growth"}}),
    ("glue", "UpdateDatabase", {"Name": "lake", "DatabaseInput": {**LAKE, **KEPT}}),
    ("glue", "DeleteDatabase", {"Name": "lake"}),
    ("glue", "GetTables", {"DatabaseName": "lake", "NextToken": "a+/="}),
    ("glue", "GetTable", {"DatabaseName": "lake", "Name": "prices"}),
    (
        "glue",
        "CreateTable",
        {
            "DatabaseName": "lake",
            "TableInput": TABLE,
            "PartitionIndexes": [{"IndexName": "day", "Keys": ["day"]}],
            "OpenTableFormatInput": {"IcebergInput": {"MetadataOperation": "CREATE", "Version": "2"}},
        },
    ),
    ("glue", "UpdateTable", {"DatabaseName": "lake", "TableInput": kept_of_table, "VersionId": "7"}),
    ("glue", "DeleteTable", {"DatabaseName": "lake", "Name": "prices"}),
    ("glue", "GetPartitionIndexes", {"DatabaseName": "lake", "TableName": "prices", "NextToken": "a+/="}),
    (
        "glue",
        "CreatePartitionIndex",
        {
            "DatabaseName": "lake",
            "TableName": "prices",
            "PartitionIndex": {"IndexName": "year-month", "Keys": ["year", "month"]},
        },
    ),
    (
        "glue",
        "DeletePartitionIndex",
        {"DatabaseName": "lake", "TableName": "prices", "IndexName": "year-month"},
    ),
    ("glue", "GetJob", {"JobName": "clean"}),
    ("glue", "CreateJob", {"Name": "clean", "Tags": {"team": "growth"}, **JOB}),
    ("glue", "UpdateJob", {"JobName": "clean", "JobUpdate": JOB}),
    ("glue", "DeleteJob", {"JobName": "clean"}),
    ("glue", "GetJobBookmark", {"JobName": "clean"}),
    ("glue", "GetJobRuns", {"JobName": "clean", "MaxResults": 200, "NextToken": "a+/="}),
    ("glue", "GetJobRun", {"JobName": "clean", "RunId": "jr_1"}),
    ("glue", "BatchStopJobRun", {"JobName": "clean", "JobRunIds": ["jr_1"]}),
    ("glue", "StartJobRun", {"JobName": "clean", "Arguments": {"--day": "2026-11-30"}}),
    ("glue", "GetTrigger", {"Name": "nightly"}),
    ("glue", "GetTriggers", {"DependentJobName": "clean", "NextToken": "a+/="}),
    (
        "glue",
        "CreateTrigger",
        {
            "Name": "nightly",
            "Type": "SCHEDULED",
            "WorkflowName": "lake",
            "StartOnCreation": True,
            "Tags": {"team": "growth"},
            **TRIGGER,
        },
    ),
    ("glue", "UpdateTrigger", {"Name": "nightly", "TriggerUpdate": TRIGGER}),
    ("glue", "StartTrigger", {"Name": "nightly"}),
    ("glue", "StopTrigger", {"Name": "nightly"}),
    ("glue", "DeleteTrigger", {"Name": "nightly"}),
    ("glue", "GetCrawler", {"Name": "raw"}),
    ("glue", "CreateCrawler", {"Name": "raw", "Tags": {"team": "growth"}, "Targets": CRAWLED, **CRAWLER}),
    (
        "glue",
        "UpdateCrawler",
        {"Name": "raw", "Targets": kept_of_crawler(*OTHER_TARGETS), **CRAWLER, **KEPT_OF_CRAWLER},
    ),
    ("glue", "StartCrawler", {"Name": "raw"}),
    ("glue", "StopCrawler", {"Name": "raw"}),
    ("glue", "DeleteCrawler", {"Name": "raw"}),
    ("glue", "GetRegistry", {"RegistryId": REGISTRY}),
    ("glue", "CreateRegistry", {"RegistryName": "events", "Description": "Clicks", "Tags": {"team": "growth"}}),
    ("glue", "UpdateRegistry", {"RegistryId": REGISTRY, "Description": "Clicks"}),
    ("glue", "DeleteRegistry", {"RegistryId": REGISTRY}),
    ("glue", "ListSchemas", {"RegistryId": REGISTRY, "NextToken": "a+/="}),
    ("glue", "GetSchema", {"SchemaId": SCHEMA}),
    ("glue", "GetSchemaVersion", {"SchemaId": SCHEMA, "SchemaVersionNumber": {"VersionNumber": 7}}),
    (
        "glue",
        "CreateSchema",
        {
            "RegistryId": REGISTRY,
            "SchemaName": "click",
            "DataFormat": "JSON",
            "Compatibility": "BACKWARD",
            "Description": "A click",
            "Tags": {"team": "growth"},
            "SchemaDefinition": "{}",
        },
    ),
    ("glue", "RegisterSchemaVersion", {"SchemaId": SCHEMA, "SchemaDefinition": "{}"}),
    (
        "glue",
        "UpdateSchema",
        {
            "SchemaId": SCHEMA,
            "SchemaVersionNumber": {"LatestVersion": True},
            "Compatibility": "FULL",
            "Description": "A click",
        },
    ),
    ("glue", "DeleteSchema", {"SchemaId": SCHEMA}),
    ("glue", "GetWorkflow", {"Name": "nightly", "IncludeGraph": True}),
    ("glue", "CreateWorkflow", {"Tags": {"team": "growth"}, **WORKFLOW}),
    ("glue", "UpdateWorkflow", WORKFLOW),
    ("glue", "DeleteWorkflow", {"Name": "nightly"}),
    ("glue", "StartWorkflowRun", {"Name": "nightly", "RunProperties": {"day": "2026-11-30"}}),
    ("glue", "GetWorkflowRun", {"Name": "nightly", "RunId": "wr_1"}),
    ("glue", "StopWorkflowRun", {"Name": "nightly", "RunId": "wr_1"}),
    ("athena", "ListTagsForResource", {"ResourceARN": WORKGROUP, "MaxResults": 75}),
    ("athena", "TagResource", {"ResourceARN": WORKGROUP, "Tags": [{"Key": "team", "Value": "growth"}]}),
    ("athena", "UntagResource", {"ResourceARN": WORKGROUP, "TagKeys": ["team"]}),
    ("athena", "GetWorkGroup", {"WorkGroup": "lake"}),
    (
        "athena",
        "CreateWorkGroup",
        {
            "Name": "lake",
            "Description": "Questions",
            "Configuration": {"ResultConfiguration": RESULTS, **SETTINGS},
            "Tags": [{"Key": "team", "Value": "growth"}],
        },
    ),
    (
        "athena",
        "UpdateWorkGroup",
        {
            "WorkGroup": "lake",
            "Description": "Questions",
            "State": "DISABLED",
            "ConfigurationUpdates": {
                "ResultConfigurationUpdates": {
                    **RESULTS,
                    "RemoveOutputLocation": True,
                    "RemoveEncryptionConfiguration": True,
                    "RemoveExpectedBucketOwner": True,
                },
                "RemoveBytesScannedCutoffPerQuery": True,
                **SETTINGS,
            },
        },
    ),
    ("athena", "DeleteWorkGroup", {"WorkGroup": "lake", "RecursiveDeleteOption": True}),
    ("athena", "ListNamedQueries", {"WorkGroup": "lake", "MaxResults": 50, "NextToken": "a+/="}),
    ("athena", "BatchGetNamedQuery", {"NamedQueryIds": ["11111111-0000-4000-8000-000000000000"]}),
    (
        "athena",
        "CreateNamedQuery",
        {
            "WorkGroup": "lake",
            "Name": "clicks",
            "Description": "How often",
            "Database": "lake",
            "QueryString": "SELECT 1",
            "ClientRequestToken": "e" * 64,
        },
    ),
    (
        "athena",
        "StartQueryExecution",
        {
            "QueryString": "SELECT 1",
            "WorkGroup": "lake",
            "QueryExecutionContext": {"Database": "lake"},
            "ClientRequestToken": "e" * 64,
        },
    ),
    ("athena", "GetQueryExecution", {"QueryExecutionId": "11111111-0000-4000-8000-000000000000"}),
    (
        "athena",
        "GetQueryResults",
        {"QueryExecutionId": "11111111-0000-4000-8000-000000000000", "MaxResults": 102, "NextToken": "a+/="},
    ),
    ("athena", "StopQueryExecution", {"QueryExecutionId": "11111111-0000-4000-8000-000000000000"}),
    ("athena", "DeleteNamedQuery", {"NamedQueryId": "11111111-0000-4000-8000-000000000000"}),
    ("athena", "GetPreparedStatement", {"WorkGroup": "lake", "StatementName": "by_day"}),
    ("athena", "ListPreparedStatements", {"WorkGroup": "lake", "MaxResults": 50, "NextToken": "a+/="}),
    ("athena", "CreatePreparedStatement", STATEMENT),
    ("athena", "UpdatePreparedStatement", STATEMENT),
    ("athena", "DeletePreparedStatement", {"WorkGroup": "lake", "StatementName": "by_day"}),
    ("ssm", "GetParameters", {"Names": ["/acme/dev/key", "folder"], "WithDecryption": True}),
    (
        "ssm",
        "DescribeParameters",
        {
            "ParameterFilters": [{"Key": "Name", "Values": ["/acme/dev/key"]}],
            "MaxResults": 50,
            "NextToken": "a+/=",
        },
    ),
    (
        "ssm",
        "PutParameter",
        {
            "Name": "/acme/dev/key",
            "Description": "Of events",
            "Value": "s3cret",
            "Type": "SecureString",
            "KeyId": "alias/events",
            "Overwrite": False,
            "Tags": [{"Key": "team", "Value": "growth"}],
        },
    ),
    ("ssm", "DeleteParameter", {"Name": "/acme/dev/key"}),
    ("ssm", "ListTagsForResource", PARAMETER),
    ("ssm", "AddTagsToResource", {**PARAMETER, "Tags": [{"Key": "team", "Value": "growth"}]}),
    ("ssm", "RemoveTagsFromResource", {**PARAMETER, "TagKeys": ["team"]}),
    ("secretsmanager", "DescribeSecret", SECRET),
    ("secretsmanager", "GetRandomPassword", {"PasswordLength": 24, "ExcludePunctuation": True}),
    (
        "secretsmanager",
        "CreateSecret",
        {
            "Name": "acme/weather",
            "ClientRequestToken": "e" * 36,
            "Description": "Of the weather",
            "KmsKeyId": "alias/weather",
            "SecretString": "s3cret",
            "Tags": [{"Key": "team", "Value": "growth"}],
        },
    ),
    (
        "secretsmanager",
        "UpdateSecret",
        {**SECRET, "ClientRequestToken": "e" * 36, "Description": "Of the weather", "KmsKeyId": "alias/weather"},
    ),
    ("secretsmanager", "PutSecretValue", {**SECRET, "ClientRequestToken": "e" * 36, "SecretString": "s3cret"}),
    ("secretsmanager", "RestoreSecret", SECRET),
    (
        "secretsmanager",
        "DeleteSecret",
        {**SECRET, "RecoveryWindowInDays": 30, "ForceDeleteWithoutRecovery": True},
    ),
    ("secretsmanager", "TagResource", {**SECRET, "Tags": [{"Key": "team", "Value": "growth"}]}),
    ("secretsmanager", "UntagResource", {**SECRET, "TagKeys": ["team"]}),
    ("secretsmanager", "GetResourcePolicy", SECRET),
]

VALUES = {"boolean": True, "integer": 7, "long": 7, "double": 7.5, "float": 7.5, "timestamp": 1795901205.247}


def whole(shape, seen=()):
    """A value of a shape in which no member is missing."""
    kind = shape.type_name
    if kind == "structure":
        if shape.name in seen:
            return {}
        inner = (*seen, shape.name)
        return {member.serialization.get("name", name): whole(member, inner) for name, member in shape.members.items()}
    if kind == "list":
        return [whole(shape.member, seen)]
    if kind == "map":
        return {"k": whole(shape.value, seen)}
    return VALUES.get(kind, (getattr(shape, "enum", None) or ["x&<é"])[0])


def xml(shape, name, seen=()):
    """The same as an element of XML."""
    kind = shape.type_name
    if kind == "structure":
        if shape.name in seen:
            return ""
        inner = (*seen, shape.name)
        members = [xml(member, member.serialization.get("name", key), inner) for key, member in shape.members.items()]
        return f"<{name}>{''.join(members)}</{name}>"
    if kind == "list":
        item = shape.member.serialization.get("name", "member")
        return f"<{name}>{xml(shape.member, item, seen)}</{name}>"
    value = VALUES.get(kind, (getattr(shape, "enum", None) or ["x&<é"])[0])
    return f"<{name}>{escape(str(value).lower() if kind == 'boolean' else str(value))}</{name}>"


def query(of, request):
    """A case of the query protocol."""
    form = request["body"]
    form = sorted(form.items()) if isinstance(form, dict) else parse_qsl(form)
    # EC2's replies have no wrapper.
    wrapper = of.output_shape.serialization.get("resultWrapper") if of.output_shape else None
    reply = xml(of.output_shape, wrapper or f"{of.name}Response") if of.output_shape else f"<{of.name}Response/>"
    if wrapper:
        reply = f"<{of.name}Response>{reply}</{of.name}Response>"
    content_type = request["headers"]["Content-Type"].split(";")[0]
    return {"target": None, "content_type": content_type, "request": dict(form), "reply": reply}


def case(session, service, operation, given):
    model = session.get_service_model(service)
    of = model.operation_model(operation)
    serializer = botocore.serialize.create_serializer(model.metadata["protocol"], True)
    given = {name: value(session) if callable(value) else value for name, value in given.items()}
    request = serializer.serialize_to_request(given, of)
    if model.metadata["protocol"] in ("ec2", "query"):
        return query(of, request)
    headers = request["headers"]
    return {
        "target": headers["X-Amz-Target"],
        "content_type": headers["Content-Type"].split(";")[0],
        "request": json.loads(request["body"]),
        "reply": whole(of.output_shape) if of.output_shape else {},
    }


def main():
    session = botocore.session.get_session()
    cases = {f"{service}.{operation}": case(session, service, operation, given) for service, operation, given in CASES}
    file = pathlib.Path(__file__).parent.parent / "tests" / "files" / "slim.json"
    file.write_text(json.dumps({"botocore": botocore.__version__, **cases}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
