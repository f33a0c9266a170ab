//! A function in the subnets and security groups of another owner.

use std::sync::Arc;
use std::time::Duration;

use pipectl::aws::Aws;
use pipectl::aws::cloudtrail::CloudTrailEvents;
use pipectl::model::audit::{AuditLog as _, Lookup};
use pipectl::model::error::Class;
use serde_json::{Value, json};

use super::externals::head;
use super::terraform::Terraform;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::query::query;
use crate::support::unsigned::post_as;
use crate::support::witness::Recording;

/// A VPC of another team's.
struct Network {
    subnets: [String; 2],
    group: String,
}

impl Network {
    /// Makes one whose addresses begin with `10.NUMBER`.
    async fn made(deployment: &Deployment, number: u8) -> Self {
        let vpc = made(deployment, &format!("CreateVpc&CidrBlock=10.{number}.0.0/16"), "vpcId").await;
        let subnet = async |zone: &str, third: u8| {
            let form = format!(
                "CreateSubnet&VpcId={vpc}&CidrBlock=10.{number}.{third}.0/24&AvailabilityZone={}{zone}",
                deployment.account.region
            );
            made(deployment, &form, "subnetId").await
        };
        let subnets = [subnet("a", 1).await, subnet("b", 2).await];
        let form = format!("CreateSecurityGroup&GroupName=jobs-{number}&GroupDescription=jobs&VpcId={vpc}");
        Self { subnets, group: made(deployment, &form, "groupId").await }
    }

    /// The blocks that name it.
    fn blocks(&self, suffix: &str) -> String {
        let [a, b] = &self.subnets;
        format!(
            "[subnet.a{suffix}]\nexternal = {{ name = \"{a}\" }}\n[subnet.b{suffix}]\nexternal = {{ name = \"{b}\" }}\n\
             [security_group.jobs{suffix}]\nexternal = {{ name = \"{}\" }}\n",
            self.group
        )
    }
}

/// Makes something of EC2's, and returns the id in an element of the reply.
async fn made(deployment: &Deployment, form: &str, element: &str) -> String {
    let reply = query(&deployment.account, "ec2", &format!("Version=2016-11-15&Action={form}")).await;
    let (_, rest) = reply.split_once(&format!("<{element}>")).unwrap_or_else(|| panic!("{form}: {reply}"));
    rest.split('<').next().unwrap().to_owned()
}

const FUNCTION: &str = "[function.load]\ncode = \"load\"\nruntime = \"python3.13\"\nhandler = \"app.handler\"\n";

fn in_vpc(subnets: &str, groups: &str) -> String {
    format!("{FUNCTION}vpc = {{ subnets = [{subnets}], security_groups = [{groups}] }}\n")
}

#[tokio::test]
async fn a_function_runs_in_the_vpc_of_another_owner_on_ministack() {
    let _sends = Recording::of("e2e::vpc::a_function_runs_in_the_vpc_of_another_owner_on_ministack");
    a_function_runs_in_the_vpc_of_another_owner(emulator::ministack()).await;
}

#[tokio::test]
async fn a_function_runs_in_the_vpc_of_another_owner_on_moto() {
    a_function_runs_in_the_vpc_of_another_owner(emulator::moto()).await;
}

async fn a_function_runs_in_the_vpc_of_another_owner(emulator: &'static Emulator) {
    let deployment = Deployment::bootstrapped(emulator, "dev").await;
    deployment.cli.write("load/app.py", "def handler(event, context):\n    return 1\n");
    let network = Network::made(&deployment, 1).await;
    let write = |blocks: &str| deployment.cli.write("envs/dev.toml", &(head(&deployment) + blocks));
    let both = in_vpc("\"subnet.a\", \"subnet.b\"", "\"security_group.jobs\"");
    write(&(network.blocks("") + &both));
    let plan = deployment.run(&["plan"]).success();
    for said in
        ["AWS::EC2::Subnet", "AWS::EC2::SecurityGroup", "ec2:CreateNetworkInterface", "lambda:SourceFunctionArn"]
    {
        assert!(plan.stdout.contains(said), "`{said}` is not said:\n{plan}");
    }
    deployment.run(&["apply", "--auto-approve"]).success();
    assert_eq!(ids(&deployment, "subnet_ids"), sorted(&network.subnets));
    assert_eq!(ids(&deployment, "security_group_ids"), std::slice::from_ref(&network.group));
    // The three are looked at in two calls, beside what is asked anyway.
    deployment.proxy.delay(Duration::from_millis(800));
    deployment.proxy.take_calls();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    let calls = deployment.proxy.take_calls();
    deployment.proxy.delay(Duration::ZERO);
    assert!(calls.depth() <= 3, "{} deep: {:?}", calls.depth(), calls.by_operation());
    let of = |call: &str| calls.of(call);
    assert_eq!((of("ec2:DescribeSubnets"), of("ec2:DescribeSecurityGroups")), (1, 1), "{:?}", calls.by_operation());

    // Another subnet widens, fewer do not; and out of the VPC it says what it leaves behind.
    write(&(network.blocks("") + &in_vpc("\"subnet.a\"", "\"security_group.jobs\"")));
    let warned = deployment.run(&["validate"]).success();
    assert!(warned.stderr.contains("one subnet is in one availability zone"), "{warned}");
    deployment.run(&["apply", "--auto-approve"]).success();
    assert_eq!(ids(&deployment, "subnet_ids"), network.subnets[..1]);
    write(&(network.blocks("") + &both));
    let widened = deployment.run(&["apply", "--auto-approve"]).fails(6);
    assert!(widened.stderr.contains("--approve-broadening"), "{widened}");
    deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    write(FUNCTION);
    let plan = deployment.run(&["plan"]).success();
    let said = plan.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("reaches nothing in its VPC any more. Its network interfaces stay for up to 45"), "{plan}");
    // With what lets it in goes what keeps its own code from using that.
    deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    let outside: Value = deployment.run(&["state", "show", "function.load"]).success().json();
    assert_eq!(outside["attributes"]["vpc"], Value::Null);
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids
}

/// What the state says of the function's VPC.
fn ids(deployment: &Deployment, member: &str) -> Vec<String> {
    let record: Value = deployment.run(&["state", "show", "function.load"]).success().json();
    let ids = record["attributes"]["vpc"][member].as_array().unwrap_or_else(|| panic!("{record}"));
    ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_lambda_would_refuse_of_a_vpc_is_refused_in_its_place() {
    let deployment = Deployment::bootstrapped(emulator::moto(), "dev").await;
    deployment.cli.write("load/app.py", "def handler(event, context):\n    return 1\n");
    let (one, other) = (Network::made(&deployment, 1).await, Network::made(&deployment, 2).await);
    let refused = |blocks: &str, said: &str| {
        deployment.cli.write("envs/dev.toml", &(head(&deployment) + blocks));
        let told = deployment.run(&["plan"]).fails(1);
        assert!(told.stderr.contains(said) && told.stderr.contains("envs/dev.toml:"), "{said}: {told}");
    };
    let both = one.blocks("") + &other.blocks("-2");
    let torn = both + &in_vpc("\"subnet.a\", \"subnet.b\"", "\"security_group.jobs-2\"");
    refused(&torn, "a function is in one VPC");
    let gone = Network { subnets: [one.subnets[0].clone(), "subnet-0123456789abcdef0".to_owned()], group: one.group };
    let all = in_vpc("\"subnet.a\", \"subnet.b\"", "\"security_group.jobs\"");
    refused(&(gone.blocks("") + &all), "subnet/subnet-0123456789abcdef0` does not exist");
    let own = "[subnet.a]\n[security_group.jobs]\n".to_owned() + &in_vpc("\"subnet.a\"", "\"security_group.jobs\"");
    refused(&own, "pipectl makes no subnets");
    let named = "[subnet.a]\nexternal = { name = \"a subnet\" }\n".to_owned() + FUNCTION;
    refused(&named, "subnet-0123456789abcdef0");
}

#[tokio::test]
async fn terraform_takes_over_a_function_in_a_vpc_and_looks_its_subnets_up() {
    let Some(mut terraform) = Terraform::here() else { return };
    let deployment = Deployment::bootstrapped(emulator::moto(), "dev").await;
    deployment.cli.write("load/app.py", "def handler(event, context):\n    return 1\n");
    let network = Network::made(&deployment, 1).await;
    let both = in_vpc("\"subnet.a\", \"subnet.b\"", "\"security_group.jobs\"");
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + &network.blocks("") + &both));
    deployment.run(&["apply", "--auto-approve"]).success();
    super::leaving::takes_over_without_a_change(&mut terraform, &deployment);
    let main = deployment.cli.read("tf/main.tf");
    for said in ["data.aws_subnet.subnet_a.id", "data.aws_security_group.security_group_jobs.id"] {
        assert!(main.contains(said), "{main}");
    }
}

/// MiniStack checks signatures and policies: what is called without a crate of the SDK is signed as AWS asks.
#[tokio::test]
async fn the_printed_policy_is_enough_to_look_at_a_vpc_and_a_wrong_signature_is_refused() {
    let deployment = Deployment::bootstrapped(emulator::ministack(), "dev").await;
    deployment.cli.write("load/app.py", "def handler(event, context):\n    return 1\n");
    let network = Network::made(&deployment, 1).await;
    let both = in_vpc("\"subnet.a\", \"subnet.b\"", "\"security_group.jobs\"");
    deployment.cli.write("envs/dev.toml", &(head(&deployment) + &network.blocks("") + &both));
    let arguments = ["deploy-policy", "--print", "plan", "--state-bucket", &deployment.state_bucket()];
    let policy: Value = deployment.run(&arguments).success().json();
    // MiniStack sees no parameters in Names, and asks for all.
    let parameters = json!({ "Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "*" });
    let parameters = json!({ "Version": "2012-10-17", "Statement": [parameters] });
    let deployment = deployment.acting_as("plans", &[policy.clone(), parameters.clone()]).await;
    deployment.run(&["plan"]).success();
    let less = policy.to_string().replace("ec2:DescribeSubnets", "ec2:DescribeVpcs");
    let deployment = deployment.acting_as("sees-less", &[serde_json::from_str(&less).unwrap(), parameters]).await;
    let refused = deployment.run(&["plan"]).fails(1);
    assert!(refused.stderr.contains(" may not be looked at"), "{refused}");

    // What it has accepted was signed right: a signature of nobody's is not.
    let user = deployment.account.as_user("signs", &[policy]).await;
    let environment = user.environment();
    let (_, key) = environment.iter().rfind(|(name, _)| name == "AWS_ACCESS_KEY_ID").unwrap();
    let form = ("Content-Type: application/x-www-form-urlencoded\r\n", "Version=2016-11-15&Action=DescribeSubnets");
    let refused = post_as(key, &user, "ec2", form).await;
    assert!(refused.starts_with("HTTP/1.1 40"), "{refused}");
    let asked = async |aws: Arc<Aws>| CloudTrailEvents::new(&aws).lookup(Lookup::Event("kinesis:CreateStream")).await;
    asked(user.aws()).await.unwrap();
    let wrong = Aws::emulated_as((key, "another"), user.endpoint(), user.region);
    let refused = asked(Arc::new(wrong)).await.unwrap_err();
    assert_eq!(refused.class, Class::Credentials, "{refused}");
}
