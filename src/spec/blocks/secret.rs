//! `[secret.<name>]`: a secret of Secrets Manager.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::check::{Block, Checks};
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::Metrics;
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::{Access, Uses};
use crate::spec::{Spec, kms, variable};

/// A secret of Secrets Manager: a password, a token, an API key. Its value stands in no spec, plan or state: the apply that
/// makes the secret writes it, and never again. Whoever puts another value later changes nothing that pipectl looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–512 letters, digits, `/`, `_`, `+`, `=`, `.`, `@` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 2048))]
    pub description: String,
    /// The environment variable from which the apply takes the value; where it is not set, the apply asks for the value on
    /// a terminal. Absent: `PIPECTL_SECRET_<BLOCK>`. None that something reads already: AWS's tools (`AWS_…`), CI (`CI_…`,
    /// `GITLAB_…`, `GITHUB_…`), pipectl, the system (`PATH`, `HOME`, `LD_…`), what speaks to the network (`SSL_…`,
    /// `HTTPS_PROXY`), build tools (`GIT_…`, `NPM_…`, `PYTHON…`).
    #[serde(default)]
    #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"))]
    pub variable: Option<String>,
    /// Lets Secrets Manager make the value up instead, with `{}` of 32 letters and digits.
    #[serde(default)]
    pub generate: Option<Generate>,
    /// KMS key (id, ARN or alias) that encrypts it; absent: the one that AWS keeps for Secrets Manager.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// How many days it can be restored after its deletion: 7 to 30, or 0: it is gone at once. As long its name is taken;
    /// an apply that makes it again restores it.
    #[serde(default = "longest")]
    #[schemars(range(min = 0, max = 30))]
    pub recovery_days: u32,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// What a value is like that Secrets Manager makes up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    /// How many characters it has.
    #[serde(default = "usual_length")]
    #[schemars(range(min = 8, max = 4096))]
    pub length: u32,
    /// Whether there are others among them than letters and digits.
    #[serde(default)]
    pub punctuation: bool,
}

fn usual_length() -> u32 {
    32
}

fn longest() -> u32 {
    30
}

/// The fewest days that AWS keeps what can be restored.
const SHORTEST: u32 = 7;

impl Secret {
    /// The environment variable that holds its value for the apply that makes it.
    pub fn variable(&self, block: &str) -> String {
        let usual = || format!("{}{}", variable::OWN, block.replace('-', "_").to_ascii_uppercase());
        self.variable.clone().unwrap_or_else(usual)
    }
}

impl Block for Secret {
    const KIND: &'static str = "secret";
    const METRICS: Metrics = Metrics::None("Secrets Manager counts all of an account together");
    const USES: Uses = Uses::For(&[Access::Read]);
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "secretsmanager",
        prefix: "secret:",
        suffix: "-??????",
        within: Within::Region,
        name: &names::SECRET,
        keyed: true,
    });

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        vec![Name::new(&names::SECRET, self.aws_name(block, spec), "name")]
    }

    fn check(&self, _name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        if self.variable.is_some() && self.generate.is_some() {
            checks
                .error("variable", "the value comes from a variable, or Secrets Manager makes it up")
                .help("take away `variable` or `generate`");
        }
        if let Some((name, who)) = self.variable.as_ref().and_then(|name| Some((name, variable::reader(name)?))) {
            checks
                .error("variable", format!("`{name}` cannot hold a secret: {who} reads or sets it"))
                .help(format!("leave `variable` out, or write a name of the secret's own: `{}…`", variable::OWN));
        }
        if (1..SHORTEST).contains(&self.recovery_days) {
            checks
                .error("recovery_days", "AWS keeps what can be restored for 7 to 30 days")
                .help("write 7 or more; or 0, so that it is gone at once");
        }
        kms::check("kms_key", self.kms_key.as_ref(), spec, checks);
        tags::check(&self.tags, spec, checks);
    }
}
