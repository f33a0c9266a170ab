//! Where the states of a project are: named in the spec, or in two SSM parameters.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use super::error::failed;
use super::slim::Caller;
use super::ssm::{GetParameters, Ssm};
use super::store::S3Blobs;
use super::{Aws, Result};
use crate::model::error::CallError;
use crate::model::pattern::special;
use crate::state::store::STATE;

/// The environment variable that names the SSM parameter with the bucket's name.
pub const BUCKET_VARIABLE: &str = "S3_BUCKET_SSM";

/// The environment variable that names the SSM parameter with the folder's path.
pub const FOLDER_VARIABLE: &str = "S3_FOLDER_SSM";

/// A bucket and a folder in it; every environment has a folder of its own below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The bucket's name.
    pub bucket: String,
    /// The path, without slashes at its ends; empty for the whole bucket.
    pub folder: String,
}

impl Location {
    /// A location as a user or a parameter gives it.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(bucket: &str, folder: &str) -> std::result::Result<Self, LocationError> {
        let (bucket, folder) = (bucket.trim(), folder.trim().trim_matches('/'));
        let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(named) {
            return Err(LocationError::Unusable { what: "bucket", value: bucket.escape_debug().to_string() });
        }
        let whole = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(char::is_control);
        if !folder.is_empty() && (!folder.split('/').all(whole) || special(folder).is_some()) {
            return Err(LocationError::Unusable { what: "folder", value: folder.escape_debug().to_string() });
        }
        Ok(Self { bucket: bucket.to_owned(), folder: folder.to_owned() })
    }

    /// The location that an environment's state lies in: of `s3://bucket/folder/dev/state.json` the bucket and the
    /// folder. `None` for any other text.
    pub fn of_state(url: &str) -> Option<Self> {
        let (bucket, path) = url.strip_prefix("s3://")?.split_once('/')?;
        let path = path.strip_suffix(&format!("/{STATE}"))?;
        let (folder, _env) = path.rsplit_once('/').unwrap_or(("", path));
        Self::new(bucket, folder).ok()
    }

    /// The same of another project, where this one's name stands in the folder or, as `bootstrap` makes it, in the bucket's.
    pub fn of_project(&self, own: &str, other: &str) -> Option<Self> {
        let folder: Vec<&str> = self.folder.split('/').collect();
        if folder.contains(&own) {
            let folder: Vec<&str> = folder.into_iter().map(|part| if part == own { other } else { part }).collect();
            return Self::new(&self.bucket, &folder.join("/")).ok();
        }
        let rest = self.bucket.strip_prefix(own).filter(|rest| rest.starts_with("-pipectl-state-"))?;
        Self::new(&format!("{other}{rest}"), &self.folder).ok()
    }

    /// The folder of an environment.
    pub fn blobs(&self, aws: &Arc<Aws>, env: &str) -> S3Blobs {
        S3Blobs::new(aws, &self.bucket, &format!("{}/{env}", self.folder))
    }
}

/// The names of the SSM parameters that hold a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Of the one with the bucket's name.
    pub bucket: String,
    /// Of the one with the folder's path.
    pub folder: String,
}

impl Parameters {
    /// The names in `S3_BUCKET_SSM` and `S3_FOLDER_SSM`; `env` looks up an environment variable.
    ///
    /// # Errors
    /// When one of the two is missing.
    pub fn of_environment(env: impl Fn(&str) -> Option<String>) -> std::result::Result<Self, LocationError> {
        let name = |variable| env(variable).filter(|name| !name.is_empty());
        match (name(BUCKET_VARIABLE), name(FOLDER_VARIABLE)) {
            (Some(bucket), Some(folder)) => Ok(Self { bucket: parameter(bucket)?, folder: parameter(folder)? }),
            (Some(_), None) => Err(LocationError::HalfNamed { missing: FOLDER_VARIABLE }),
            (None, Some(_)) => Err(LocationError::HalfNamed { missing: BUCKET_VARIABLE }),
            (None, None) => Err(LocationError::Unnamed),
        }
    }

    /// Reads both with one call.
    ///
    /// # Errors
    /// When one does not exist, or does not hold a location.
    pub async fn locate(&self, aws: &Aws) -> std::result::Result<Location, LocationError> {
        match self.read(aws).await? {
            [Some(bucket), Some(folder)] => Location::new(&bucket, &folder),
            found => {
                let names = [&self.bucket, &self.folder].into_iter().zip(found);
                let names = names.filter(|(_, value)| value.is_none()).map(|(name, _)| name.clone()).collect();
                Err(LocationError::Missing { names, region: aws.scope().await?.region.clone() })
            }
        }
    }

    /// The values of both, with `None` for what does not exist.
    pub(super) async fn read(&self, aws: &Aws) -> Result<[Option<String>; 2]> {
        let client = aws.client(Caller::<Ssm>::new).await;
        let names = [self.bucket.clone(), self.folder.clone()];
        let get = GetParameters { names: &names, with_decryption: Some(true) };
        let reply = client.call(&get).await.map_err(failed("ssm GetParameters"))?;
        let value = |name: &str| {
            // A parameter can be asked for by its ARN too, and is answered by its name.
            let is = |candidate: &Option<String>| candidate.as_deref() == Some(name);
            let found = reply.parameters().iter().find(|parameter| is(&parameter.name) || is(&parameter.arn));
            found.and_then(|parameter| parameter.value.as_ref()).map(|value| value.expose_secret().to_owned())
        };
        Ok([value(&self.bucket), value(&self.folder)])
    }
}

/// The name of a parameter, if it can be one; it reaches the policies of the roles that read it.
fn parameter(name: String) -> std::result::Result<String, LocationError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-/:".contains(c);
    if name.chars().all(plain) {
        return Ok(name);
    }
    Err(LocationError::Unusable { what: "parameter", value: name.escape_debug().to_string() })
}

/// Why it is not known where the state is.
#[derive(Debug, thiserror::Error)]
pub enum LocationError {
    /// Nothing says so.
    #[error("nothing says where the state is kept")]
    Unnamed,
    /// Only one of the two variables is set.
    #[error("{missing} is not set, although the other of {BUCKET_VARIABLE} and {FOLDER_VARIABLE} is")]
    HalfNamed {
        /// The variable.
        missing: &'static str,
    },
    /// The parameters do not exist.
    #[error("there is no SSM parameter {} in {region}", names.join(" and no "))]
    Missing {
        /// Their names.
        names: Vec<String>,
        /// Where they were looked for.
        region: String,
    },
    /// It is no name of a bucket, or no path.
    #[error("`{value}` cannot be the state's {what}")]
    Unusable {
        /// `bucket`, `folder` or `parameter`.
        what: &'static str,
        /// What was given.
        value: String,
    },
    /// SSM or STS failed.
    #[error("the parameters that say where the state is cannot be read")]
    Failed(#[from] CallError),
}

impl LocationError {
    /// What to do about it: one sentence.
    pub fn help(&self) -> String {
        match self {
            Self::Unnamed => format!(
                "set `bucket` and `folder` in `[state]`, or name the SSM parameters that hold them in \
                 {BUCKET_VARIABLE} and {FOLDER_VARIABLE}; `pipectl bootstrap` makes bucket and parameters"
            ),
            Self::HalfNamed { missing } => format!("set {missing} to the name of an SSM parameter"),
            Self::Missing { .. } => {
                "`pipectl bootstrap` makes them; if they exist, look at the account of the credentials and at `[env] region` of \
                 the spec"
                    .to_owned()
            }
            Self::Unusable { what: "bucket", .. } => "give 3 to 63 of `a-z`, `0-9`, `-` and `.`".to_owned(),
            Self::Unusable { what: "parameter", .. } => {
                "give the name of an SSM parameter, `/acme/pipectl/state-bucket`, or its ARN".to_owned()
            }
            Self::Unusable { .. } => {
                "give a path such as `pipectl/clickstream`, without `.`, `..`, `*`, `?` and `$`".to_owned()
            }
            Self::Failed(_) => {
                "the caller needs ssm:GetParameters on both: `pipectl deploy-policy --env ENV` prints all that is needed"
                    .to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_trimmed_and_checked() {
        let location = Location::new(" acme-state\n", "/pipectl/clicks/").unwrap();
        assert_eq!(location, Location { bucket: "acme-state".into(), folder: "pipectl/clicks".into() });
        assert_eq!(Location::new("acme-state", "").unwrap().folder, "");
        for (bucket, folder) in [
            ("Acme", "a"),
            ("ab", "a"),
            ("acme", "a/../b"),
            ("acme", "a//b"),
            ("acme", "a\u{7}"),
            ("acme", "a*"),
            ("acme", "a?/b"),
            ("acme", "${aws:userid}"),
        ] {
            assert!(Location::new(bucket, folder).is_err(), "{bucket} {folder}");
        }
    }

    #[test]
    fn another_project_is_where_its_name_stands_in_place_of_this_ones() {
        let of = |bucket, folder| Location::new(bucket, folder).unwrap().of_project("shop", "platform");
        assert_eq!(of("acme-state", "pipectl/shop"), Some(Location::new("acme-state", "pipectl/platform").unwrap()));
        let made = Location::new("platform-pipectl-state-123456789012", "pipectl").unwrap();
        assert_eq!(of("shop-pipectl-state-123456789012", "pipectl"), Some(made));
        assert_eq!(of("acme-state", "pipectl"), None);
    }

    #[test]
    fn environments_are_folders_of_the_location() {
        use crate::state::blobs::Blobs as _;
        let aws = Arc::new(Aws::new(None));
        let describe = |folder| Location::new("acme-state", folder).unwrap().blobs(&aws, "dev").describe();
        assert_eq!(describe("pipectl"), "s3://acme-state/pipectl/dev/");
        assert_eq!(describe(""), "s3://acme-state/dev/");
        for folder in ["", "pipectl", "pipectl/clicks"] {
            let location = Location::new("acme-state", folder).unwrap();
            let url = format!("{}{STATE}", location.blobs(&aws, "dev").describe());
            assert_eq!(Location::of_state(&url), Some(location));
        }
        assert_eq!(Location::of_state("/home/ana/dev/state.json"), None);
    }

    #[test]
    fn both_variables_or_none() {
        let of = |set: &[&str]| Parameters::of_environment(|name| set.contains(&name).then(|| format!("/{name}")));
        assert!(matches!(of(&[]), Err(LocationError::Unnamed)));
        assert!(matches!(of(&[BUCKET_VARIABLE]), Err(LocationError::HalfNamed { missing: FOLDER_VARIABLE })));
        assert_eq!(of(&[BUCKET_VARIABLE, FOLDER_VARIABLE]).unwrap().folder, "/S3_FOLDER_SSM");
    }
}
