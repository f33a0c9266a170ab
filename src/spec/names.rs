//! The names that blocks and their parts take in AWS, and what AWS allows them to be.

use std::collections::BTreeMap;

use super::Spec;
use super::check::{Checks, Text};
use super::diagnostic::Diagnostics;

/// A kind of name in AWS: within one account (and region) two things of a space cannot share a name.
#[derive(Debug)]
pub struct Space {
    /// What is named: `stream`.
    what: &'static str,
    /// Fewest and most characters.
    length: (usize, usize),
    /// Which characters are allowed.
    allowed: fn(char) -> bool,
    /// The same in words.
    letters: &'static str,
    /// Whether `A` and `a` are the same name.
    ignores_case: bool,
}

impl Space {
    /// The first character of a text that no name of this space holds.
    pub(super) fn bad(&self, text: Option<&str>) -> Option<char> {
        text?.chars().find(|&c| !(self.allowed)(c))
    }

    /// What is named: `Kinesis stream`.
    pub(super) fn what(&self) -> &'static str {
        self.what
    }

    /// Whether a text can be such a name.
    pub(super) fn holds(&self, text: &str) -> bool {
        let (shortest, longest) = self.length;
        self.bad(Some(text)).is_none() && (shortest..=longest).contains(&text.chars().count())
    }

    /// What such a name is made of, in words.
    pub(super) fn described(&self) -> String {
        let (shortest, longest) = self.length;
        format!("its name has {shortest} to {longest} characters: {}", self.letters)
    }

    /// Which characters are allowed, in words.
    pub(super) fn letters(&self) -> &'static str {
        self.letters
    }
}

/// Kinesis data streams.
pub const STREAM: Space = Space {
    what: "Kinesis stream",
    length: (1, 128),
    allowed: |c| c.is_ascii_alphanumeric() || "_.-".contains(c),
    letters: "letters, digits, `_`, `.` and `-`",
    ignores_case: false,
};

/// Firehose delivery streams.
pub const DELIVERY_STREAM: Space = Space { what: "delivery stream", length: (1, 64), ..STREAM };

/// Lambda functions.
pub const FUNCTION: Space = Space { what: "Lambda function", length: (1, 64), ..TOPIC };

/// REST APIs of API Gateway; short enough to be the id of a statement, too.
pub const REST_API: Space = Space { what: "REST API", length: (1, 100), ..TOPIC };
/// EventBridge rules.
pub const RULE: Space = Space { what: "EventBridge rule", length: (1, 64), ..STREAM };

/// DynamoDB tables.
pub const TABLE: Space = Space { what: "DynamoDB table", length: (3, 255), ..STREAM };

/// Databases of Glue's Data Catalog; Athena takes other letters only between backticks.
pub const DATABASE: Space = Space {
    what: "database of Glue",
    length: (1, 255),
    allowed: |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_',
    letters: "lower-case letters, digits and `_`",
    ignores_case: false,
};

/// Crawlers of Glue.
pub const CRAWLER: Space = Space { what: "crawler of Glue", length: (1, 255), ..STREAM };
/// Jobs of Glue.
pub const JOB: Space = Space { what: "job of Glue", length: (1, 255), ..STREAM };
/// Schema registries of Glue.
pub const REGISTRY: Space = Space {
    what: "schema registry",
    length: (1, 255),
    allowed: |c| c.is_ascii_alphanumeric() || "-_$#.".contains(c),
    letters: "letters, digits, `-`, `_`, `$`, `#` and `.`",
    ignores_case: false,
};
/// Workflows of Glue.
pub const WORKFLOW: Space = Space { what: "workflow of Glue", length: (1, 255), ..STREAM };
/// Athena's workgroups.
pub const WORKGROUP: Space = Space { what: "workgroup of Athena", length: (1, 128), ..STREAM };

/// S3 buckets; further rules stand with the block.
pub const BUCKET: Space = Space {
    what: "bucket",
    length: (3, 63),
    allowed: |c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c),
    letters: "lower-case letters, digits, `.` and `-`",
    ignores_case: false,
};

/// IAM roles.
pub const ROLE: Space = Space {
    what: "IAM role",
    length: (1, 64),
    allowed: |c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c),
    letters: "letters, digits, `_`, `+`, `=`, `,`, `.`, `@` and `-`",
    ignores_case: true,
};

/// IAM users.
pub const USER: Space = Space { what: "IAM user", ..ROLE };

/// CloudWatch log groups.
pub const LOG_GROUP: Space = Space {
    what: "log group",
    length: (1, 512),
    allowed: |c| c.is_ascii_alphanumeric() || ".-_/#".contains(c),
    letters: "letters, digits, `.`, `-`, `_`, `/` and `#`",
    ignores_case: false,
};

/// SSM parameters.
pub const PARAMETER: Space = Space {
    what: "SSM parameter",
    length: (1, 1011),
    allowed: |c| c.is_ascii_alphanumeric() || "_.-/".contains(c),
    letters: "letters, digits, `_`, `.`, `-` and `/`",
    ignores_case: false,
};

/// KMS keys, by their ids: a UUID, or `mrk-` and 32 digits.
pub const KMS_KEY: Space = Space {
    what: "KMS key",
    length: (36, 36),
    allowed: |c| c.is_ascii_hexdigit() || "-mrk".contains(c),
    letters: "its id, such as `1234abcd-12ab-34cd-56ef-1234567890ab`",
    ignores_case: false,
};

/// Subnets, by their ids.
pub const SUBNET: Space = Space {
    what: "subnet",
    length: (15, 24),
    allowed: |c| c.is_ascii_hexdigit() || "subnet-".contains(c),
    letters: "its id, such as `subnet-0123456789abcdef0`",
    ignores_case: false,
};

/// Security groups, by their ids.
pub const SECURITY_GROUP: Space = Space {
    what: "security group",
    length: (11, 20),
    allowed: |c| c.is_ascii_hexdigit() || "sg-".contains(c),
    letters: "its id, such as `sg-0123456789abcdef0`",
    ignores_case: false,
};

/// IAM roles with their paths: `service-role/loads`.
pub const ROLE_PATH: Space = Space {
    length: (1, 576),
    allowed: |c| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c),
    letters: "letters, digits, `_`, `+`, `=`, `,`, `.`, `@`, `-`, and `/` of its path",
    ..ROLE
};

/// SNS topics.
pub const TOPIC: Space = Space {
    what: "SNS topic",
    length: (1, 256),
    allowed: |c| c.is_ascii_alphanumeric() || "_-".contains(c),
    letters: "letters, digits, `_` and `-`",
    ignores_case: false,
};

/// SQS queues; where the `.` may stand is the block's to say.
pub const QUEUE: Space = Space {
    what: "SQS queue",
    length: (1, 80),
    allowed: |c| c.is_ascii_alphanumeric() || "_-.".contains(c),
    letters: "letters, digits, `_` and `-`, the `.fifo` of a FIFO queue included",
    ignores_case: false,
};

/// Secrets of Secrets Manager.
pub const SECRET: Space = Space {
    what: "secret",
    length: (1, 512),
    allowed: |c| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c),
    letters: "letters, digits, `/`, `_`, `+`, `=`, `.`, `@` and `-`",
    ignores_case: false,
};

/// CloudWatch alarms.
pub const ALARM: Space = Space {
    what: "alarm",
    length: (1, 255),
    allowed: |c| !c.is_control(),
    letters: "anything but control characters",
    ignores_case: false,
};

/// CloudWatch dashboards.
pub const DASHBOARD: Space = Space { what: "dashboard", length: (1, 255), ..TOPIC };

/// A name that a block takes in AWS, for itself or for one of its parts.
#[derive(Debug)]
pub struct Name {
    space: &'static Space,
    text: String,
    field: &'static str,
}

impl Name {
    /// A name of a space; `field` is the setting of the block that decides on it.
    pub fn new(space: &'static Space, text: String, field: &'static str) -> Self {
        Self { space, text, field }
    }
}

impl Spec {
    /// The name in AWS of a block: the one it is given, or `<project>-<env>-<block>`.
    pub fn name_of(&self, block: &str, given: Option<&String>) -> String {
        given.cloned().unwrap_or_else(|| unnamed(&self.project.name, &self.env.name, block))
    }
}

/// The name in AWS of a block that is given none.
pub fn unnamed(project: &str, env: &str, block: &str) -> String {
    format!("{project}-{env}-{block}")
}

/// Checks every name that the blocks take, by the address of its block: its characters, its length, and that no
/// two things of a space share one.
pub(super) fn check(names: &[(String, Name)], text: Text<'_>, diagnostics: &mut Diagnostics) {
    let mut taken: BTreeMap<(&str, String), &str> = BTreeMap::new();
    for (address, name) in names {
        let mut checks = Checks::new(text, address.clone(), diagnostics);
        spelling(name, &mut checks);
        let unique = if name.space.ignores_case { name.text.to_ascii_lowercase() } else { name.text.clone() };
        let other = *taken.entry((name.space.what, unique)).or_insert(address);
        if other != address {
            let what = name.space.what;
            checks
                .error(name.field, format!("`{}` is also the name of the {what} of `{other}`", name.text))
                .help(format!("give one of the two another `{}`", name.field));
        }
    }
}

fn spelling(name: &Name, checks: &mut Checks<'_>) {
    let Name { space: Space { what, length: (shortest, longest), .. }, text, field } = name;
    let help = name.space.described();
    if let Some(bad) = name.space.bad(Some(text)) {
        checks.error(field, format!("the {what} would be called `{text}`, which holds `{bad}`")).help(&help);
    }
    let count = text.chars().count();
    if count < *shortest || count > *longest {
        checks.error(field, format!("the {what} would be called `{text}`, which has {count} characters")).help(help);
    }
}
