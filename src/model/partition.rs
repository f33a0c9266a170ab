//! AWS's partitions: parts of it with accounts, ARNs and domains of their own.
//!
//! Names, domains and regions are those of `partitions.json` in botocore 1.44.8 (2026-11). Service principals are no part of
//! it: those that pipectl writes (`lambda`, `firehose`, `events`, `apigateway`, `cloudwatch`, `s3`) end in `amazonaws.com`
//! everywhere; IAM in China refuses `lambda.amazonaws.com.cn`.

/// A partition.
#[derive(Debug)]
pub struct Partition {
    /// What ARNs call it: `aws-cn`.
    pub name: &'static str,
    /// The domain of its services.
    pub domain: &'static str,
    /// The host of its web console; absent where that is not published. `{region}` stands for the region.
    pub console: Option<&'static str>,
    /// How the names of its regions begin.
    beginnings: &'static [&'static str],
    /// Its regions.
    pub regions: &'static [&'static str],
}

/// The partition that most accounts are in.
const AWS: Partition = Partition {
    name: "aws",
    domain: "amazonaws.com",
    console: Some("{region}.console.aws.amazon.com"),
    beginnings: &["us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"],
    regions: &[
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-central-1",
        "ca-west-1",
        "eu-central-1",
        "eu-central-2",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "me-west-1",
        "mx-central-1",
        "sa-east-1",
        "sa-west-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ],
};

/// All of them; of two beginnings that fit a region, the first counts.
const ALL: [Partition; 8] = [
    Partition {
        name: "aws-cn",
        domain: "amazonaws.com.cn",
        console: Some("console.amazonaws.cn"),
        beginnings: &["cn-"],
        regions: &["cn-north-1", "cn-northwest-1"],
    },
    Partition {
        name: "aws-us-gov",
        domain: "amazonaws.com",
        console: Some("console.amazonaws-us-gov.com"),
        beginnings: &["us-gov-"],
        regions: &["us-gov-east-1", "us-gov-west-1"],
    },
    Partition {
        name: "aws-eusc",
        domain: "amazonaws.eu",
        console: Some("console.amazonaws-eusc.eu"),
        beginnings: &["eusc-"],
        regions: &["eusc-de-east-1"],
    },
    Partition {
        name: "aws-iso",
        domain: "c2s.ic.gov",
        console: None,
        beginnings: &["us-iso-"],
        regions: &["us-iso-east-1", "us-iso-west-1"],
    },
    Partition {
        name: "aws-iso-b",
        domain: "sc2s.sgov.gov",
        console: None,
        beginnings: &["us-isob-"],
        regions: &["us-isob-east-1", "us-isob-west-1"],
    },
    Partition {
        name: "aws-iso-e",
        domain: "cloud.adc-e.uk",
        console: None,
        beginnings: &["eu-isoe-"],
        regions: &["eu-isoe-west-1"],
    },
    Partition {
        name: "aws-iso-f",
        domain: "csp.hci.ic.gov",
        console: None,
        beginnings: &["us-isof-"],
        regions: &["us-isof-east-1", "us-isof-south-1"],
    },
    AWS,
];

/// The partition of a region, by how AWS calls its partitions' regions; absent where none is called so.
pub fn of_region(region: &str) -> Option<&'static Partition> {
    ALL.iter().find(|partition| partition.beginnings.iter().any(|beginning| region.starts_with(beginning)))
}

/// The partition of that name.
pub fn named(name: &str) -> Option<&'static Partition> {
    ALL.iter().find(|partition| partition.name == name)
}

/// The names of all regions that there were when the list was made.
pub fn regions() -> impl Iterator<Item = &'static str> {
    ALL.iter().flat_map(|partition| partition.regions.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_is_of_the_partition_that_lists_it() {
        for partition in &ALL {
            for region in partition.regions {
                assert_eq!(of_region(region).unwrap().name, partition.name, "{region}");
            }
            assert_eq!(named(partition.name).unwrap().domain, partition.domain);
        }
        assert!(of_region("mars-north-1").is_none() && of_region("").is_none());
    }
}
