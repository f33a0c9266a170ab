//! Data sources for what is somebody else's: looked up by its name, so that nothing of it is managed.
//!
//! Terraform's data sources look into the provider's own account: what is in another keeps its ARN as text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hcl::expr::{Traversal, TraversalBuilder, Variable};

use super::layout::{Item, body};
use super::{Error, Estate, argument, called_by, comment};
use crate::catalog::Type;
use crate::catalog::external::Subject;
use crate::export::names;
use crate::export::references::Beginnings;
use crate::model::address::Address;
use crate::model::graph::External;

/// What stands above the data sources.
const HEADING: &str = "# What others own, and these resources use. Nothing of it is managed here.\n";

/// A type of Terraform's data sources, and the argument that says which one.
struct Source {
    kind: &'static str,
    by: &'static str,
}

/// The data source for a subject; absent where the provider has none.
fn source(of: Subject) -> Option<Source> {
    let source = |kind, by| Some(Source { kind, by });
    match of {
        Subject::Key => source("aws_kms_key", "key_id"),
        Subject::Subnet => source("aws_subnet", "id"),
        Subject::SecurityGroup => source("aws_security_group", "id"),
        Subject::Resource(one) => match one {
            Type::Stream => source("aws_kinesis_stream", "name"),
            Type::Bucket => source("aws_s3_bucket", "bucket"),
            Type::DeliveryStream => source("aws_kinesis_firehose_delivery_stream", "name"),
            Type::Function => source("aws_lambda_function", "function_name"),
            Type::Table => source("aws_dynamodb_table", "name"),
            Type::Queue => source("aws_sqs_queue", "name"),
            Type::Topic => source("aws_sns_topic", "name"),
            Type::Secret => source("aws_secretsmanager_secret", "name"),
            Type::Role => source("aws_iam_role", "name"),
            Type::SchemaRegistry => source("aws_glue_registry", "name"),
            Type::RestApi => source("aws_api_gateway_rest_api", "name"),
            // The provider has none for the first three; no block that others name is one of the rest.
            Type::Database
            | Type::Alarm
            | Type::Rule
            | Type::ApiKey
            | Type::Stage
            | Type::UsagePlan
            | Type::Dashboard
            | Type::AccessKey
            | Type::User
            | Type::Mapping
            | Type::InvokeConfig
            | Type::Permission
            | Type::LogGroup
            | Type::GlueCrawler
            | Type::GlueJob
            | Type::Trigger
            | Type::RegistrySchema
            | Type::Workflow
            | Type::LogStream
            | Type::CatalogTable
            | Type::Object
            | Type::Notification
            | Type::Subscription
            | Type::NamedQuery
            | Type::PreparedStatement
            | Type::Workgroup
            | Type::Parameter => None,
        },
    }
}

/// The data sources of an estate.
pub(super) struct DataSources<'a> {
    all: Vec<(&'a Address, &'a External, Subject, Source, String)>,
    /// By ARN, the place among all.
    arns: Beginnings<usize>,
}

impl<'a> DataSources<'a> {
    /// Those of what is used and is in the estate's own account.
    pub(super) fn of(estate: &'a Estate) -> Self {
        let own = estate.externals.iter().filter(|(_, external)| external.account == estate.scope.account);
        let labels: BTreeMap<&Address, String> = names::all(own.clone().map(|(address, _)| address), names::snake);
        let all: Vec<_> = own
            .filter_map(|(address, external)| {
                let of = Subject::named(&external.kind)?;
                Some((address, external, of, source(of)?, labels[address].clone()))
            })
            .collect();
        let arns = all.iter().enumerate().map(|(place, (_, external, ..))| (external.arn.clone(), place));
        let arns = Beginnings::new(arns.filter(|(arn, _)| arn.starts_with("arn:")));
        Self { all, arns }
    }

    /// `data.tf`; absent where nothing is looked up.
    pub(super) fn file(&self) -> Result<Option<String>, Error> {
        let mut text = HEADING.to_owned();
        for (address, external, of, source, label) in &self.all {
            let which = match of {
                Subject::Key => &external.arn,
                // The provider takes a role's name without its path.
                Subject::Resource(Type::Role) => external.name.rsplit('/').next().unwrap_or_default(),
                Subject::Subnet | Subject::SecurityGroup | Subject::Resource(_) => &external.name,
            };
            let head = format!("data \"{}\" \"{label}\"", source.kind);
            let block = body(&[Item::Block(head, vec![Item::Argument(argument(source.by, which)?)])], 0);
            let _ = write!(text, "\n# {}: {}\n{block}", comment(address), of.aws_type());
        }
        Ok((!self.all.is_empty()).then_some(text))
    }

    /// The ARN of the one whose ARN a text is or begins with, and the rest of the text; the id of one that is named by it.
    pub(super) fn in_text<'t>(&self, text: &'t str) -> Option<(TraversalBuilder, &'t str)> {
        if let Some((place, rest)) = self.arns.find(text) {
            return Some((self.path(*place).attr("arn"), rest));
        }
        // What EC2 has is called by its id.
        let by_id = |of: Subject| matches!(of, Subject::Subnet | Subject::SecurityGroup);
        let place = self.all.iter().position(|(_, external, of, ..)| by_id(*of) && external.name == text)?;
        Some((self.path(place).attr("id"), ""))
    }

    /// What others call the one of a type that has this name.
    pub(super) fn of_name(&self, one: Type, name: &str) -> Option<TraversalBuilder> {
        let is_it = |(_, external, of, ..): &(&Address, &External, Subject, Source, String)| {
            *of == Subject::Resource(one) && external.name == name
        };
        let place = self.all.iter().position(is_it)?;
        Some(self.path(place).attr(called_by(one)))
    }

    /// `data.aws_kinesis_stream.stream_orders`
    fn path(&self, place: usize) -> TraversalBuilder {
        let (.., source, label) = &self.all[place];
        Traversal::builder(Variable::unchecked("data")).attr(source.kind).attr(label.as_str())
    }
}
