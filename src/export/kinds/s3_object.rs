//! Objects of S3 whose bytes are a file of the project.

use super::{Exported, Parts, Stays, TerraformKeys, Typed, joined_by};
use crate::catalog::Type;
use crate::catalog::s3_object::{OWN_KEY, Object, SHA256, Spec};
use crate::export::parts::cloudformation;
use crate::export::parts::terraform::{self, Term, fields};
use crate::model::scope::Scope;

impl Exported for Object {
    const TERRAFORM_TYPE: &'static str = "aws_s3_object";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_s3_object", |it| joined_by(it, &["bucket", "key"]))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(_spec: &Spec) -> Option<&str> {
        None
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { bucket, key, file, sha256, content_type, kms_key } = it.spec;
        let mut metadata = serde_json::Map::new();
        metadata.extend(sha256.iter().map(|sha256| (SHA256.to_owned(), sha256.as_str().into())));
        metadata.extend(kms_key.iter().map(|key| (OWN_KEY.to_owned(), key.as_str().into())));
        let object = fields([
            ("bucket", Term::named(Type::Bucket, bucket)),
            ("key", key.into()),
            ("source", file.into()),
            ("content_type", content_type.into()),
            ("kms_key_id", kms_key.into()),
            ("metadata", metadata.into()),
        ]);
        let part = terraform::Part::new("aws_s3_object", &format!("{bucket}/{key}"), object);
        // S3 does not tell where the bytes came from; the digest in the metadata changes with them.
        Ok(vec![part.unread(&["source", "force_destroy"])])
    }

    fn cloudformation(_it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        Err("CloudFormation has no type for an object of S3")
    }
}
