//! Files for Terraform and OpenTofu: the resources, and `import` blocks that take them over.

mod attributes;
mod data;
mod ignored;
mod layout;
mod term;

use std::collections::{BTreeMap, BTreeSet};

use hcl::expr::{Traversal, Variable};

use super::parts::terraform::{Part, Term, block};
use super::references::References;
use super::{Error, Estate, Export, LeftOut, Target, guide, names};
use crate::catalog::Type;
use crate::model::address::Address;
use data::DataSources;
use layout::{Argument, Item, Shape, body};
use term::{Writer, leaf};

pub use attributes::{Described, UNKNOWN, described};

/// What the tests have tried; 6.x has the same resources and arguments.
const PROVIDER: &str = ">= 5.100.0, < 7.0.0";

/// Since then there are `import` blocks.
const TERRAFORM: &str = ">= 1.5.0";

/// The files, the number of imports, and what is left out.
pub(super) fn export(estate: &Estate) -> Result<Export, Error> {
    let (mut left_out, mut exported, mut named) = (estate.strangers(), BTreeMap::new(), Vec::new());
    for subject in estate.subjects() {
        match subject.terraform() {
            Ok(parts) if parts.is_empty() => {}
            Ok(mut parts) => {
                left_out.extend(guide::stays(&subject, Target::Terraform));
                let (ignored, lost) = ignored::arguments(&subject)?;
                for (place, names) in ignored {
                    parts[place].ignored.extend(names);
                }
                left_out.extend(lost.iter().map(|path| LeftOut::ignored(&subject, path)));
                exported.insert(subject.address, parts);
                named.push(subject);
            }
            Err(reason) => left_out.push(LeftOut::whole(&subject, reason)),
        }
    }
    let labels = names::all(exported.keys().copied(), names::snake);
    let references = References::new(&named);
    let data = DataSources::of(estate);
    let files = Files { estate, labels: &labels, references: &references, data: &data };
    let (main, imports, count) = files.resources(exported)?;
    let export = Export { imports: count, left_out, next: next(count), files: BTreeMap::new() };
    let readme = guide::terraform(estate, &export);
    let files = [("README.md", readme), ("imports.tf", imports), ("main.tf", main), ("versions.tf", files.versions()?)];
    let data = data.file()?.map(|text| ("data.tf", text));
    Ok(Export { files: files.into_iter().chain(data).collect(), ..export })
}

fn next(count: usize) -> Vec<String> {
    vec![
        "terraform init".to_owned(),
        format!("terraform plan     # {count} to import, 0 to add, 0 to change, 0 to destroy"),
        "terraform apply".to_owned(),
    ]
}

/// What the files are written from.
struct Files<'a> {
    estate: &'a Estate,
    labels: &'a BTreeMap<&'a Address, String>,
    references: &'a References<'a>,
    data: &'a DataSources<'a>,
}

impl Files<'_> {
    /// `main.tf`, `imports.tf` and the number of imports.
    fn resources(&self, exported: BTreeMap<&Address, Vec<Part>>) -> Result<(String, String, usize), Error> {
        let (mut main, mut imports, mut count) = (String::new(), IMPORTS.to_owned(), 0);
        let mut taken = BTreeSet::new();
        for (address, parts) in exported {
            let heading = format!("{}# {}\n", if main.is_empty() { "" } else { "\n" }, comment(address));
            main.push_str(&heading);
            for (index, part) in parts.into_iter().enumerate() {
                let label = self.label(address, &part, &mut taken);
                let gap = if index == 0 { "" } else { "\n" };
                imports.push('\n');
                imports += &import(&part, &label)?;
                main += gap;
                main += &self.resource(address, part, &label)?;
                count += 1;
            }
        }
        Ok((main, imports, count))
    }

    fn label(&self, address: &Address, part: &Part, taken: &mut BTreeSet<String>) -> String {
        let label = &self.labels[address];
        let label = match &part.suffix {
            Some(suffix) => format!("{label}_{}", names::snake(suffix)),
            None => label.clone(),
        };
        // Labels need only differ within a type.
        let whole = names::distinct(&format!("{}.{label}", part.kind), taken);
        whole.split_once('.').map_or(label, |(_, label)| label.to_owned())
    }

    fn resource(&self, address: &Address, mut part: Part, label: &str) -> Result<String, Error> {
        let ignored: Vec<String> =
            part.unread.iter().map(|name| (*name).to_owned()).chain(std::mem::take(&mut part.ignored)).collect();
        if !ignored.is_empty() {
            part.fields.push(("lifecycle", block([("ignore_changes", Term::Names(ignored))])));
        }
        let Self { references, data, labels, .. } = self;
        let writer = Writer { references, data, labels, own: (part.kind, address) };
        let head = format!("resource \"{}\" \"{label}\"", part.kind);
        Ok(body(&[Item::Block(head, writer.body(&part.fields)?)], 0))
    }

    fn versions(&self) -> Result<String, Error> {
        let scope = &self.estate.scope;
        let provider = Shape::Object(vec![argument("source", "hashicorp/aws")?, argument("version", PROVIDER)?]);
        let provider = Item::Argument(Argument { name: "aws".to_owned(), value: provider });
        let terraform = vec![
            Item::Argument(argument("required_version", TERRAFORM)?),
            Item::Block("required_providers".to_owned(), vec![provider]),
        ];
        let accounts = Shape::List(vec![Shape::Leaf(leaf(scope.account.as_str())?)]);
        let aws = vec![
            Item::Argument(argument("region", &scope.region)?),
            Item::Argument(Argument { name: "allowed_account_ids".to_owned(), value: accounts }),
        ];
        let blocks = [Item::Block("terraform".to_owned(), terraform), Item::Block("provider \"aws\"".to_owned(), aws)];
        Ok(format!("{BACKEND}{}", body(&blocks, 0)))
    }
}

/// What stands above the backend's place.
const BACKEND: &str = "\
# Terraform keeps its state in this folder unless told otherwise. To share it, put a backend into the block below:
#   backend \"s3\" {
#     bucket       = \"…\"
#     key          = \"…/terraform.tfstate\"
#     region       = \"…\"
#     use_lockfile = true
#   }
";

/// What stands above the imports.
const IMPORTS: &str = "# What exists already, and is taken over as it is. Once applied, this file can go.\n";

/// An `import` block.
fn import(part: &Part, label: &str) -> Result<String, Error> {
    let to = Traversal::builder(Variable::unchecked(part.kind)).attr(label).build();
    let to = Argument { name: "to".to_owned(), value: Shape::Leaf(leaf(to)?) };
    let items = vec![Item::Argument(to), Item::Argument(argument("id", &part.id)?)];
    Ok(body(&[Item::Block("import".to_owned(), items)], 0))
}

/// An argument that is a text.
fn argument(name: &str, text: &str) -> Result<Argument, Error> {
    Ok(Argument { name: name.to_owned(), value: Shape::Leaf(leaf(text)?) })
}

/// An address in a comment; none holds a control character.
fn comment(address: &Address) -> String {
    address.to_string().chars().filter(|letter| !letter.is_control()).collect()
}

/// The attribute by which others call a resource of a type.
fn called_by(one: Type) -> &'static str {
    match one {
        Type::Bucket => "bucket",
        Type::Object => "key",
        Type::Function => "function_name",
        Type::RestApi | Type::UsagePlan | Type::ApiKey => "id",
        Type::SchemaRegistry => "registry_name",
        Type::RegistrySchema => "schema_name",
        Type::Stage
        | Type::Alarm
        | Type::Dashboard
        | Type::Table
        | Type::Rule
        | Type::DeliveryStream
        | Type::AccessKey
        | Type::Role
        | Type::User
        | Type::Stream
        | Type::Mapping
        | Type::InvokeConfig
        | Type::Permission
        | Type::LogGroup
        | Type::GlueCrawler
        | Type::GlueJob
        | Type::Trigger
        | Type::Workflow
        | Type::LogStream
        | Type::Database
        | Type::CatalogTable
        | Type::Notification
        | Type::Secret
        | Type::Subscription
        | Type::NamedQuery
        | Type::PreparedStatement
        | Type::Workgroup
        | Type::Parameter
        | Type::Topic
        | Type::Queue => "name",
    }
}
