"""Requests that are right, and requests that break one rule each."""

import datetime
from dataclasses import dataclass
from json import dumps

from request import Request
from tests.wire import cbor, dynamodb, iam, json, kinesis, query, rest, signed

NOW = datetime.datetime(2026, 11, 28, tzinfo=datetime.timezone.utc)
TRUST = "AssumeRolePolicyDocument=%7B%7D"
ALARM = {
    "AlarmName": "late", "Namespace": "AWS/Firehose", "MetricName": "Age", "Statistic": "Maximum", "Period": 60,
    "EvaluationPeriods": 3, "Threshold": 900.0, "ComparisonOperator": "GreaterThanThreshold",
}
FUNCTION = '"FunctionName":"f","Role":"arn:aws:iam::123456789012:role/r","Code":{"ZipFile":"UEsFBg=="}'
SOURCE = '"EventSourceArn":"arn:aws:kinesis:eu-west-1:123456789012:stream/a"'
EPOCH = "2026-11-28T00:00:00Z"


def function(more):
    return rest("lambda", "POST", "/2015-03-31/functions", "{" + FUNCTION + more + "}")


ZIP = ',"Runtime":"python3.13","Handler":"app.handle"'


def s3(method, target, body="", **headers):
    return rest("s3", method, target, body, **headers)


def lifecycle(settings, status="<Status>Enabled</Status>"):
    rule = f"<Rule><ID>a</ID><Filter><Prefix></Prefix></Filter>{status}{settings}</Rule>"
    root = 'LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
    body = f"<{root}>{rule}</LifecycleConfiguration>"
    return s3("PUT", "/bucket?lifecycle", body, x_amz_sdk_checksum_algorithm="CRC32")


def tagging(tags, root="Tagging"):
    return s3("PUT", "/bucket?tagging", f"<{root}><TagSet>{tags}</TagSet></{root}>")


def table(without):
    members = {
        "TableName": "table", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    }
    del members[without]
    return dumps(members)


def mapping(more):
    target = "/2015-03-31/event-source-mappings"
    return rest("lambda", "POST", target, '{"FunctionName":"f"' + more + "}")


def without(member):
    return {name: value for name, value in ALARM.items() if name != member}


@dataclass(frozen=True)
class Case:
    """A request that breaks a rule, and what is said of it."""

    protocol: str
    rule: str
    request: Request
    said: str


# The operation of each.
RIGHT = (
    ("CreateRole", iam(f"Action=CreateRole&RoleName=r&{TRUST}&Tags.member.1.Key=a&Tags.member.1.Value=")),
    ("Publish", query("sns", "2010-03-31", "Action=Publish&TopicArn=a&Message=m&MessageAttributes.entry.1.Name=a"
                      "&MessageAttributes.entry.1.Value.DataType=String"
                      "&MessageAttributes.entry.1.Value.StringValue=b")),
    ("DescribeSubnets", query("ec2", "2016-11-15", "Action=DescribeSubnets&Filter.1.Name=subnet-id&Filter.1.Value.1=subnet-0a")),
    ("AssumeRoleWithWebIdentity", Request(
        "POST", "/", "", {"content-type": "application/x-www-form-urlencoded"},
        b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/r"
        b"&RoleSessionName=job&WebIdentityToken=token")),
    ("CreateStream", kinesis("CreateStream", '{"StreamName":"clicks","ShardCount":1,"Tags":{"a":"b"}}')),
    ("GetShardIterator", kinesis("GetShardIterator", '{"StreamName":"clicks","ShardId":"0","ShardIteratorType":'
                                 '"AT_TIMESTAMP","Timestamp":1764288000.5}')),
    ("PutItem", dynamodb("PutItem", '{"TableName":"table","Item":{"id":{"S":"a"},"raw":{"B":"AAE="}}}')),
    ("PutMetricAlarm", cbor("PutMetricAlarm", ALARM)),
    ("PutMetricAlarm", cbor("PutMetricAlarm", {"AlarmName": "late", "EvaluationInterval": 60, "EvaluationCriteria": {
        "PromQLCriteria": {"Query": "up == 0"}}})),
    ("GetMetricData", cbor("GetMetricData", {"MetricDataQueries": [], "StartTime": NOW, "EndTime": NOW})),
    ("CreateFunction", function(ZIP)),
    ("CreateFunction", function(',"PackageType":"Image"')),
    ("ListFunctions", rest("lambda", "GET", "/2015-03-31/functions/?MaxItems=50")),
    ("UntagResource", rest("lambda", "DELETE", "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012"
                           "%3Afunction%3Af?tagKeys=a&tagKeys=b")),
    ("PutBucketLifecycleConfiguration", lifecycle("<Expiration><Days>7</Days></Expiration>")),
    ("PutBucketTagging", tagging("<Tag><Key>a</Key><Value>b</Value></Tag>")),
    ("ListObjectsV2", s3("GET", "/bucket?list-type=2&prefix=a%2F")),
    ("GetObject", s3("GET", "/bucket/a/b+c.json?x-id=GetObject", if_modified_since="Sat, 28 Nov 2026 00:00:00 GMT")),
    ("PutObject", s3("PUT", "/bucket/key?x-id=PutObject", "4;chunk-signature=0\r\nbody\r\n0;chunk-signature=0\r\n\r\n",
                     x_amz_content_sha256="STREAMING-AWS4-HMAC-SHA256-PAYLOAD", x_amz_decoded_content_length="4",
                     x_amz_meta_origin="test")),
)

QUERY = (
    Case("query", "required", iam(f"Action=CreateRole&{TRUST}"), ".RoleName: required"),
    Case("query", "required", iam(f"Action=CreateRole&RoleName=r&{TRUST}&Tags.member.1.Key=a"), ".Tags[].Value: req"),
    Case("query", "unknown", iam(f"Action=CreateRole&RoleName=r&{TRUST}&Colour=red"), ".Colour: unknown member"),
    Case("query", "unknown", iam(f"Action=CreateRole&RoleName=r&{TRUST}&Tags.item.1.Key=a"), ".Tags.item: unknown"),
    Case("query", "unknown", iam("Action=GetAccountSummary&Colour=red"), ".Colour: the operation takes no members"),
    Case("query", "unknown", query("ec2", "2016-11-15", "Action=DescribeSubnets&Filters.1.Name=subnet-id"), ".Filters: unknown"),
    Case("query", "type", iam("Action=ListRoles&MaxItems=ten"), ".MaxItems: 'ten' is no integer"),
    Case("query", "type", iam("Action=GetRole&RoleName.a=r"), ".RoleName: has members"),
    Case("query", "type", iam(f"Action=CreateRole&RoleName=r&{TRUST}&Tags=a"), ".Tags: is no list"),
    Case("query", "type", query("sns", "2010-03-31", "Action=SetSubscriptionAttributes&SubscriptionArn=a"
                                "&AttributeName.b=c"), ".AttributeName: has members"),
    Case("query", "type", query("sns", "2010-03-31", "Action=CreateTopic&Name=a&Attributes.entry.1.key=k"),
         ".Attributes: an entry has"),
    Case("query", "length", iam(f"Action=GetRole&RoleName={'r' * 65}"), ".RoleName: its length 65 is more than 64"),
    Case("query", "length", iam("Action=GetPolicy&PolicyArn=a"), ".PolicyArn: its length 1 is less than 20"),
    Case("query", "range", iam("Action=ListRoles&MaxItems=1001"), ".MaxItems: 1001 is more than 1000"),
    Case("query", "range", iam(f"Action=CreateRole&RoleName=r&{TRUST}&MaxSessionDuration=60"), "60 is less than 3600"),
    Case("query", "pattern", iam("Action=GetRole&RoleName=r%20s"), ".RoleName: 'r s' does not match"),
    Case("query", "enum", iam("Action=UpdateAccessKey&AccessKeyId=AKIAIOSFODNN7EXAMPLE&Status=On"), ".Status: 'On'"),
    Case("query", "timestamp", query("monitoring", "2010-08-01", "Action=DescribeAlarmHistory&StartDate=1764288000"),
         ".StartDate: '1764288000' is no time in iso8601"),
    Case("query", "index", iam(f"Action=CreateRole&RoleName=r&{TRUST}&Tags.member.2.Key=a&Tags.member.2.Value=b"),
         ".Tags: its items have the numbers 2"),
    Case("query", "repeated", iam("Action=GetRole&RoleName=r&RoleName=s"), "RoleName: given more than once"),
    Case("query", "address", Request("POST", "/", "", signed("iam", content_type="application/x-www-form-urlencoded"),
                                     b"Action=GetRole&RoleName=r&Version=2010-05-09"), "Version: '2010-05-09'"),
    Case("query", "documented", query("monitoring", "2010-08-01", "Action=PutMetricAlarm&AlarmName=a&MetricName=m"
                                      "&Namespace=n&Period=60&Statistic=Sum&Threshold=1"
                                      "&ComparisonOperator=GreaterThanThreshold"), ".EvaluationPeriods: required"),
)

JSON = (
    Case("json-1.1", "required", kinesis("CreateStream", '{"ShardCount":1}'), ".StreamName: required"),
    Case("json-1.1", "unknown", kinesis("ListStreams", '{"Colour":1}'), ".Colour: unknown member"),
    Case("json-1.1", "type", kinesis("CreateStream", '{"StreamName":"a","ShardCount":"1"}'), ".ShardCount: a str"),
    Case("json-1.1", "type", kinesis("CreateStream", '{"StreamName":"a","ShardCount":true}'), ".ShardCount: a bool"),
    Case("json-1.1", "type", kinesis("CreateStream", '{"StreamName":"a","ShardCount":1.5}'), ".ShardCount: a float"),
    Case("json-1.1", "type", kinesis("CreateStream", '{"StreamName":"a","ShardCount":1,"Tags":[]}'), ".Tags: a list"),
    Case("json-1.1", "type", kinesis("PutRecord", '{"StreamName":"a","PartitionKey":"k","Data":"%%"}'), "no base64"),
    Case("json-1.1", "length", kinesis("CreateStream", '{"StreamName":"a","ShardCount":1,"Tags":{}}'), "length 0 is"),
    Case("json-1.1", "length", kinesis("DeleteStream", f'{{"StreamName":"{"a" * 129}"}}'), "129 is more than 128"),
    Case("json-1.1", "range", kinesis("ListStreams", '{"Limit":0}'), ".Limit: 0 is less than 1"),
    Case("json-1.1", "range", kinesis("ListStreams", '{"Limit":10001}'), ".Limit: 10001 is more than 10000"),
    Case("json-1.1", "pattern", kinesis("DeleteStream", '{"StreamName":"a b"}'), "'a b' does not match"),
    Case("json-1.1", "enum", kinesis("StartStreamEncryption", '{"StreamName":"a","EncryptionType":"AES","KeyId":"k"}'),
         ".EncryptionType: 'AES' is none"),
    Case("json-1.1", "timestamp", kinesis("ListShards", '{"StreamName":"a","StreamCreationTimestamp":"' + EPOCH + '"}'),
         ".StreamCreationTimestamp: '2026"),
    Case("json-1.1", "null", kinesis("CreateStream", '{"StreamName":"a","ShardCount":null,"StreamModeDetails":'
                                     '{"StreamMode":"ON_DEMAND"}}'), ".ShardCount: null"),
    Case("json-1.1", "address", json("kinesis", "Kinesis.ListStreams", "{}"), "x-amz-target: 'Kinesis.ListStreams'"),
    Case("json-1.1", "address", json("kinesis", "Kinesis_20131202.ListStreams", "{}", version="1.0"), "content-type"),
    Case("json-1.1", "documented", kinesis("PutRecord", '{"StreamName":"a","Data":""}'), ".PartitionKey: required"),
    Case("json-1.1", "documented", kinesis("PutRecords", '{"StreamName":"a","Records":[{"Data":""}]}'),
         ".Records[].PartitionKey: required"),
    Case("json-1.1", "documented", json("events", "AWSEvents.PutRule", '{"Name":"a"}'), ".ScheduleExpression or Event"),
    Case("json-1.0", "required", dynamodb("DeleteTable", "{}"), ".TableName: required"),
    Case("json-1.0", "unknown", dynamodb("DeleteTable", '{"TableName":"table","Force":true}'), ".Force: unknown"),
    Case("json-1.0", "type", dynamodb("DeleteTable", '{"TableName":7}'), ".TableName: a int"),
    Case("json-1.0", "length", dynamodb("DeleteTable", f'{{"TableName":"{"a" * 1025}"}}'), "1025 is more than 1024"),
    Case("json-1.0", "range", dynamodb("ListTables", '{"Limit":101}'), ".Limit: 101 is more than 100"),
    Case("json-1.0", "range", dynamodb("Scan", '{"TableName":"a","Segment":0,"TotalSegments":3000000000}'), "more"),
    Case("json-1.0", "pattern", dynamodb("ListTables", '{"ExclusiveStartTableName":"a b c"}'), "does not match"),
    Case("json-1.0", "enum", dynamodb("Scan", '{"TableName":"table","Select":"SOME"}'), ".Select: 'SOME' is none"),
    Case("json-1.0", "timestamp", dynamodb("ListBackups", '{"TimeRangeLowerBound":"now"}'), "is no time in unix"),
    Case("json-1.0", "null", dynamodb("ListTables", '{"Limit":null}'), ".Limit: null"),
    Case("json-1.0", "address", json("dynamodb", "DynamoDB.ListTables", "{}", version="1.0"), "x-amz-target"),
    *(Case("json-1.0", "documented", dynamodb("CreateTable", table(without=name)), f".{name}: required")
      for name in ("KeySchema", "AttributeDefinitions", "ProvisionedThroughput")),
)

CBOR = (
    Case("cbor", "required", cbor("PutMetricAlarm", without("AlarmName")), ".AlarmName: required"),
    Case("cbor", "unknown", cbor("PutMetricAlarm", {**ALARM, "Colour": "red"}), ".Colour: unknown"),
    Case("cbor", "type", cbor("PutMetricAlarm", {**ALARM, "Period": "60"}), ".Period: a str"),
    Case("cbor", "type", cbor("PutMetricAlarm", {**ALARM, "Period": 60.0}), ".Period: a float"),
    Case("cbor", "length", cbor("PutMetricAlarm", {**ALARM, "AlarmName": "a" * 256}), "256 is more than 255"),
    Case("cbor", "length", cbor("PutMetricAlarm", {**ALARM, "AlarmActions": ["a"] * 6}), ".AlarmActions: its length 6"),
    Case("cbor", "range", cbor("PutMetricAlarm", {**ALARM, "EvaluationPeriods": 0}), "0 is less than 1"),
    Case("cbor", "range", cbor("PutMetricAlarm", {**ALARM, "Period": 2**31}), "2147483648 is more than"),
    Case("cbor", "pattern", cbor("PutMetricAlarm", {**ALARM, "Namespace": ":a"}), ".Namespace: ':a' does not match"),
    Case("cbor", "enum", cbor("PutMetricAlarm", {**ALARM, "Statistic": "p99"}), ".Statistic: 'p99' is none"),
    Case("cbor", "timestamp", cbor("GetMetricData", {"MetricDataQueries": [], "StartTime": 1764288000, "EndTime": NOW}),
         ".StartTime: '1764288000' is no time with CBOR's tag"),
    Case("cbor", "null", cbor("PutMetricAlarm", {**ALARM, "Unit": None}), ".Unit: null"),
    Case("cbor", "union", cbor("PutMetricAlarm", {"AlarmName": "late", "EvaluationCriteria": {}}), "a union with 0"),
    Case("cbor", "address", cbor("PutMetricAlarm", ALARM, prefix="CloudWatch"), "the model says /service/Granite"),
    *(Case("cbor", "documented", cbor("PutMetricAlarm", without(name)), f"{name}") for name in (
        "EvaluationPeriods", "ComparisonOperator", "MetricName", "Threshold", "Statistic", "Namespace", "Period")),
)

REST_JSON = (
    Case("rest-json", "required", rest("lambda", "POST", "/2015-03-31/functions", '{"FunctionName":"f","Role":"'
                                       'arn:aws:iam::123456789012:role/r","Runtime":"python3.13","Handler":"a.b"}'),
         ".Code: required"),
    Case("rest-json", "required", rest("lambda", "DELETE", "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aeu-west-1"
                                       "%3A123456789012%3Afunction%3Af"), ".TagKeys: required"),
    Case("rest-json", "unknown", function(ZIP + ',"Colour":"red"'), ".Colour: unknown member"),
    Case("rest-json", "unknown", rest("lambda", "GET", "/2015-03-31/functions/?Colour=red"), "?Colour: unknown query"),
    Case("rest-json", "unknown", rest("lambda", "GET", "/2015-03-31/functions/f/policy", x_amz_colour="red"),
         "x-amz-colour: unknown header"),
    Case("rest-json", "type", function(ZIP + ',"Timeout":"3"'), ".Timeout: a str"),
    Case("rest-json", "type", function(ZIP + ',"Environment":[]'), ".Environment: a list"),
    Case("rest-json", "type", rest("lambda", "GET", "/2015-03-31/functions/?MaxItems=ten"), "'ten' is no integer"),
    Case("rest-json", "length", function(ZIP + f',"Description":"{"d" * 257}"'), "257 is more than 256"),
    Case("rest-json", "range", function(ZIP + ',"Timeout":0'), ".Timeout: 0 is less than 1"),
    Case("rest-json", "range", function(ZIP + ',"MemorySize":127'), ".MemorySize: 127 is less than 128"),
    Case("rest-json", "pattern", function(',"Runtime":"python3.13","Handler":"app handle"'), "does not match"),
    Case("rest-json", "enum", function(',"Runtime":"python1","Handler":"app.handle"'), ".Runtime: 'python1' is none"),
    Case("rest-json", "timestamp", mapping(f',{SOURCE},"StartingPosition":"AT_TIMESTAMP",'
                                           f'"StartingPositionTimestamp":"{EPOCH}"'), "is no time in unixTimestamp"),
    Case("rest-json", "null", function(ZIP + ',"Timeout":null'), ".Timeout: null"),
    Case("rest-json", "repeated", rest("lambda", "GET", "/2015-03-31/functions/?MaxItems=1&MaxItems=2"), "2 times"),
    Case("rest-json", "documented", mapping(""), ".EventSourceArn or SelfManagedEventSource: required"),
    Case("rest-json", "documented", mapping(f",{SOURCE}"), ".StartingPosition: required"),
    Case("rest-json", "documented", function(',"Runtime":"python3.13"'), ".Handler: required"),
    Case("rest-json", "documented", function(',"Handler":"app.handle"'), ".Runtime: required"),
)

REST_XML = (
    Case("rest-xml", "required", lifecycle("<Expiration/>", status=""), ".Rules[].Status: required"),
    Case("rest-xml", "required", s3("PUT", "/bucket?tagging"), ".Tagging: required"),
    Case("rest-xml", "unknown", lifecycle("<Colour>red</Colour>"), ".Colour: unknown member"),
    Case("rest-xml", "unknown", tagging("<Item/>"), ".TagSet.Item: unknown member"),
    Case("rest-xml", "unknown", tagging("", root="Tags"), "Tags: the document is a `Tagging`"),
    Case("rest-xml", "unknown", s3("GET", "/bucket?list-type=2&colour=red"), "?colour: unknown query parameter"),
    Case("rest-xml", "unknown", s3("GET", "/bucket?list-type=2", x_amz_colour="red"), "x-amz-colour: unknown header"),
    Case("rest-xml", "type", lifecycle("<Expiration><Days>seven</Days></Expiration>"), "'seven' is no integer"),
    Case("rest-xml", "type", lifecycle("<Expiration>7</Expiration>"), ".Expiration: is the text '7'"),
    Case("rest-xml", "type", lifecycle("<Expiration><Days><Day/></Days></Expiration>"), ".Days: has members"),
    Case("rest-xml", "length", tagging("<Tag><Key></Key><Value>b</Value></Tag>"), ".Key: its length 0 is less than 1"),
    Case("rest-xml", "range", lifecycle("<Expiration><Days>3000000000</Days></Expiration>"), "is more than 2147483647"),
    Case("rest-xml", "enum", lifecycle("<Transition><Days>1</Days><StorageClass>COLD</StorageClass></Transition>"),
         ".StorageClass: 'COLD' is none"),
    Case("rest-xml", "timestamp", lifecycle("<Expiration><Date>tomorrow</Date></Expiration>"), "is no time in iso8601"),
    Case("rest-xml", "timestamp", s3("GET", "/bucket/key", if_modified_since=EPOCH), "is no time in rfc822"),
    Case("rest-xml", "repeated", lifecycle("<Expiration><Days>1</Days></Expiration><Expiration/>"), "given 2 times"),
)

WRONG = QUERY + JSON + CBOR + REST_JSON + REST_XML
