//! A function whose role was made again under its name.
//!
//! Lambda encrypts the environment with a grant for the id of the role, and the new role has another id: every call fails with
//! a KMS error until Lambda makes the grant anew. Setting the same ARN again does not; another role and then this one does
//! (<https://repost.aws/knowledge-center/lambda-kmsaccessdeniedexception-errors>, and Terraform's documentation of
//! `aws_lambda_function`). The other role may do nothing, and is gone afterwards.

use aws_sdk_iam::Client as Iam;

use super::calls::Change;
use crate::aws::error::{absent_is_done, failed};
use crate::aws::{Aws, Result};
use crate::model::error::{CallError, Class};

/// What stands behind the name of a role in that of its stand-in.
const AGAIN: &str = "-again";

/// The most characters that the name of a role has.
const LONGEST: usize = 64;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// Gives a function another role and then the one it should have, with whatever else of its configuration is to change.
pub(super) async fn rebound(aws: &Aws, change: &Change<'_>, role_arn: &str) -> Result<()> {
    let role = role_arn.rsplit('/').next().unwrap_or_default();
    let stand_in = format!("{role}{AGAIN}");
    if stand_in.len() > LONGEST {
        let message = format!(
            "the role {role} was made again, and its name is too long for a stand-in: give the function another role and then \
             this one by hand (`aws lambda update-function-configuration --role`)"
        );
        return Err(CallError::own(Class::Invalid, "iam CreateRole", message));
    }
    let iam = aws.client(Iam::new).await;
    make(&iam, role, role_arn, &stand_in).await?;
    let lent = change.role(&format!("{role_arn}{AGAIN}")).await;
    let back = match &lent {
        Ok(()) => change.configuration().await,
        Err(_) => Ok(()),
    };
    // As long as the function works as it, it stays; the next apply goes on from here.
    if back.is_ok() {
        let call = iam.delete_role().role_name(&stand_in).send();
        absent_is_done(call.await.map_err(failed("iam DeleteRole")))?;
    }
    lent.and(back)
}

/// Makes the stand-in, with the path and the boundary of the role; one that an interrupted apply has left will do.
async fn make(iam: &Iam, role: &str, role_arn: &str, stand_in: &str) -> Result<()> {
    let reply = iam.get_role().role_name(role).send().await.map_err(failed("iam GetRole"))?;
    let boundary = reply.role.and_then(|role| role.permissions_boundary).and_then(|it| it.permissions_boundary_arn);
    let path = role_arn.split_once(":role").map_or("/", |(_, path)| path.strip_suffix(role).unwrap_or("/"));
    let call = iam
        .create_role()
        .role_name(stand_in)
        .path(path)
        .description(format!("Stands in for {role} while a function is bound to that anew; nothing uses it afterwards"))
        .assume_role_policy_document(TRUST)
        .set_permissions_boundary(boundary);
    match call.send().await.map_err(failed("iam CreateRole")) {
        Err(error) if error.class != Class::InUse => Err(error),
        _ => Ok(()),
    }
}
