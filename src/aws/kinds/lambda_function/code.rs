//! The code of a function, as a call takes it.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{FunctionCode, FunctionConfiguration};

use crate::aws::Result;
use crate::catalog::lambda_function::Spec;
use crate::files::package::pack;
use crate::model::error::{CallError, Class};

/// The code: the image, the object in S3, or the files of the project as a zip file, which are never any others than those that were
/// planned.
pub(super) fn of(want: &Spec, call: &str) -> Result<FunctionCode> {
    let code = FunctionCode::builder();
    if let Some(image) = &want.code.image {
        return Ok(code.image_uri(image).build());
    }
    if let Some(object) = &want.code.object {
        let code = code.s3_bucket(&object.bucket).s3_key(&object.key);
        return Ok(code.set_s3_object_version(object.version.clone()).build());
    }
    Ok(code.zip_file(zip(want, call)?).build())
}

fn zip(want: &Spec, call: &str) -> Result<Blob> {
    let package = pack(&want.code.path).map_err(|error| CallError::own(Class::Invalid, call, error.to_string()))?;
    if want.code.sha256.as_ref() != Some(&package.sha256) {
        let message = format!("the files in `{}` have changed since they were planned", want.code.path);
        return Err(CallError::own(Class::Conflict, call, message));
    }
    Ok(Blob::new(package.zip))
}

/// Whether the code, or what it is made for, is another.
pub(super) fn differs(now: &Spec, want: &Spec) -> bool {
    let of = |spec: &Spec| (spec.code.sha256.clone(), spec.code.image.clone(), spec.architecture.clone());
    of(now) != of(want)
}

/// Whether what runs now is what was planned: of an object in S3 only its digest tells.
pub(super) fn settled(live: &FunctionConfiguration, want: &Spec) -> Result<()> {
    let (Some(object), Some(wanted), Some(live)) = (&want.code.object, &want.code.sha256, live.code_sha256()) else {
        return Ok(());
    };
    if live == wanted {
        return Ok(());
    }
    let at = format!("s3://{}/{}", object.bucket, object.key);
    let message = format!("{at} was planned with the SHA-256 {wanted}, and has {live}");
    Err(CallError::own(Class::Conflict, format!("lambda function {} to run its code", want.name), message))
}
