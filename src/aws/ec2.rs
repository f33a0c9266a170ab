//! Of EC2: what subnets and security groups are that somebody else owns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::failed;
use super::slim::{Call, Caller, Ec2Query, Items, Service};
use super::{Aws, Result};

/// How many ids one call asks for: a filter takes 200 values
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html>).
const PER_CALL: usize = 200;

/// EC2.
pub(crate) enum Ec2 {}

impl Service for Ec2 {
    type Speaks = Ec2Query;
    const ID: &'static str = "EC2";
    const NAME: &'static str = "ec2";
    const OF: &'static str = "2016-11-15";
}

/// What a resource has to be like. Not named by their ids: one that does not exist would fail the call for all.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Filter {
    /// `subnet-id`.
    pub(crate) name: &'static str,
    /// Any of these.
    pub(crate) value: Vec<String>,
}

/// Asks for subnets: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeSubnets {
    /// Which.
    pub(crate) filter: [Filter; 1],
}

impl Call for DescribeSubnets {
    type Of = Ec2;
    const NAME: &'static str = "DescribeSubnets";
    type Reply = DescribedSubnets;
}

/// What DescribeSubnets says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DescribedSubnets {
    /// The subnets.
    pub(crate) subnet_set: Items<Subnet>,
}

/// A subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Subnet {
    /// Its id.
    #[serde(rename = "subnetId")]
    pub(crate) id: Option<String>,
    /// Its VPC.
    #[serde(rename = "vpcId")]
    pub(crate) vpc: Option<String>,
    /// Whose it is: an account may share its subnets with others.
    #[serde(rename = "ownerId")]
    pub(crate) owner: Option<String>,
    /// `available`, `pending` …
    pub(crate) state: Option<String>,
}

/// Asks for security groups: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeSecurityGroups {
    /// Which.
    pub(crate) filter: [Filter; 1],
}

impl Call for DescribeSecurityGroups {
    type Of = Ec2;
    const NAME: &'static str = "DescribeSecurityGroups";
    type Reply = DescribedGroups;
}

/// What DescribeSecurityGroups says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DescribedGroups {
    /// The groups.
    pub(crate) security_group_info: Items<Group>,
}

/// A security group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Group {
    /// Its id.
    #[serde(rename = "groupId")]
    pub(crate) id: Option<String>,
    /// Its VPC.
    #[serde(rename = "vpcId")]
    pub(crate) vpc: Option<String>,
    /// Whose it is.
    #[serde(rename = "ownerId")]
    pub(crate) owner: Option<String>,
}

/// A subnet, where there is one.
///
/// # Errors
/// When EC2 does not say.
pub(crate) async fn subnet(aws: &Aws, id: &str) -> Result<Option<Subnet>> {
    let client = aws.client(Caller::<Ec2>::new).await;
    let many = async |ids: Vec<String>| {
        let call = DescribeSubnets { filter: [Filter { name: "subnet-id", value: ids.clone() }] };
        let reply = client.call(&call).await.map_err(failed("ec2 DescribeSubnets"))?;
        Ok(by_id(ids, &reply.subnet_set.item, |one| one.id.as_deref()))
    };
    aws.batch::<Option<Subnet>>().ask(id, PER_CALL, many).await
}

/// A security group, where there is one.
///
/// # Errors
/// When EC2 does not say.
pub(crate) async fn group(aws: &Aws, id: &str) -> Result<Option<Group>> {
    let client = aws.client(Caller::<Ec2>::new).await;
    let many = async |ids: Vec<String>| {
        let call = DescribeSecurityGroups { filter: [Filter { name: "group-id", value: ids.clone() }] };
        let reply = client.call(&call).await.map_err(failed("ec2 DescribeSecurityGroups"))?;
        Ok(by_id(ids, &reply.security_group_info.item, |one| one.id.as_deref()))
    };
    aws.batch::<Option<Group>>().ask(id, PER_CALL, many).await
}

/// What was found of these; nothing of one that was not.
fn by_id<T: Clone>(ids: Vec<String>, found: &[T], id: impl Fn(&T) -> Option<&str>) -> BTreeMap<String, Option<T>> {
    let of = |wanted: String| {
        let one = found.iter().find(|one| id(one) == Some(&*wanted)).cloned();
        (wanted, one)
    };
    ids.into_iter().map(of).collect()
}
