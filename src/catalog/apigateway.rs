//! What the resource types of API Gateway share.

use crate::model::grant::On;

/// What the calls about tags are checked on: the ARN of what they are of, with `/` spelt `%2F`.
pub(crate) const TAGS: On = On::Arns(&["arn:{partition}:apigateway:{region}::/tags/*"]);
