//! Whose certificates are believed: the machine's own authorities, or those that `AWS_CA_BUNDLE` or a profile names.

use std::path::Path;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::profile;
use crate::files::bounded;

/// As in every tool of AWS's.
const VARIABLE: &str = "AWS_CA_BUNDLE";
/// The same in a profile.
const SETTING: &str = "ca_bundle";
/// Largest file of certificates, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// The certificate authorities that are believed.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    /// The machine's own.
    Machine,
    /// These alone, each as PEM.
    Bundle(Vec<String>),
    /// None: some were named, and cannot be read.
    Refused(String),
}

impl Trust {
    /// As the environment says it, else the profile that is used.
    pub(super) async fn of_environment(profile: Option<&str>) -> Self {
        if let Some(file) = std::env::var_os(VARIABLE).filter(|file| !file.is_empty()) {
            return Self::of(Path::new(&file), VARIABLE);
        }
        match profile::setting(profile, SETTING).await {
            Some(file) => Self::of(Path::new(&file), &format!("`{SETTING}` of the profile")),
            None => Self::Machine,
        }
    }

    /// Those in a file, which `source` names.
    fn of(file: &Path, source: &str) -> Self {
        let name = file.display();
        let refused = |why: &dyn std::fmt::Display| Self::Refused(format!("{source} is `{name}`, and {why}"));
        let bytes = match bounded::read(file, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error) => return refused(&format!("that cannot be read: {error}")),
        };
        let ders: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect();
        let usable = |der: &&CertificateDer<'_>| RootCertStore::empty().add((*der).clone()).is_ok();
        match ders.iter().filter(usable).map(pem).collect::<Vec<_>>() {
            none if none.is_empty() => refused(&"that has no certificate in PEM"),
            all => Self::Bundle(all),
        }
    }

    /// Why nobody is believed.
    pub(super) fn refused(&self) -> Option<&str> {
        match self {
            Self::Refused(why) => Some(why),
            Self::Machine | Self::Bundle(_) => None,
        }
    }

    /// The same for the SDK.
    pub(super) fn context(&self) -> TlsContext {
        let store = match self {
            Self::Machine => TrustStore::default(),
            Self::Refused(_) => TrustStore::empty(),
            Self::Bundle(all) => {
                all.iter().fold(TrustStore::empty(), |store, pem| store.with_pem_certificate(pem.as_str()))
            }
        };
        let builder = TlsContext::builder().with_trust_store(store);
        builder.build().unwrap_or_default()
    }
}

fn pem(der: &CertificateDer<'_>) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64_STANDARD.encode(der))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_certificate_is_refused_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let said = |trust: &Trust| trust.refused().unwrap().to_owned();
        assert!(said(&Trust::of(file.path(), VARIABLE)).ends_with("and that has no certificate in PEM"));
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        std::fs::write(file.path(), garbage).unwrap();
        assert!(said(&Trust::of(file.path(), VARIABLE)).ends_with("and that has no certificate in PEM"));
        assert!(said(&Trust::of(Path::new("/nowhere"), VARIABLE)).starts_with("AWS_CA_BUNDLE is `/nowhere`, and that"));
    }
}
