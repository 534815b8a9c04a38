//! A certificate with its chain and its key, checked before anybody is shown it.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use plenary_ids::{Moment, rfc3339};
use tokio_rustls::rustls::{
    self, InconsistentKeys,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
    sign::CertifiedKey,
};
use x509_parser::{
    certificate::X509Certificate, extensions::GeneralName, prelude::FromDer, time::ASN1Time,
};

use super::provider;

/// A certificate that fits its key, with the time for which it is valid.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The chain and the key.
    pub key: Arc<CertifiedKey>,
    /// From when on it is valid.
    pub begins: Moment,
    /// When it ends, by the certificate itself.
    pub ends: Moment,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the field names say it")]
pub enum CertificateError {
    /// The server may not read a file.
    #[error(
        "{path} cannot be read, because the server's user has no permission; let that user read it (chgrp, chmod 640), and the folders above it too"
    )]
    Forbidden { path: PathBuf },
    /// A file cannot be read.
    #[error("{path} cannot be read: {error}")]
    Read { path: PathBuf, error: io::Error },
    /// A file has no certificate.
    #[error("{path} has no certificate: it has to be PEM, with -----BEGIN CERTIFICATE-----")]
    NoCertificate { path: PathBuf },
    /// A file has no private key.
    #[error(
        "{path} has no private key: it has to be PEM, with -----BEGIN PRIVATE KEY-----, and without a password"
    )]
    NoKey { path: PathBuf },
    /// A file is broken, or holds no PEM.
    #[error("{path} is not in order: {why}")]
    Malformed { path: PathBuf, why: String },
    /// The key belongs to another certificate.
    #[error(
        "{key} is not the key of the certificate in {certificate}; its first certificate has to be that of the server"
    )]
    Mismatch { certificate: PathBuf, key: PathBuf },
    /// The certificate has ended, by this machine's clock.
    #[error("the certificate in {path} has expired on {}", rfc3339::text(*.ends))]
    Expired { path: PathBuf, ends: Moment },
    /// The certificate is of the future, or the clock is wrong.
    #[error(
        "the certificate in {path} is valid only from {} on; is the machine's clock right (timedatectl)?",
        rfc3339::text(*.begins)
    )]
    NotYetValid { path: PathBuf, begins: Moment },
}

impl Certificate {
    /// Reads a certificate and its key, and checks that they can be used at that time.
    pub fn read(certificate: &Path, key: &Path, now: Moment) -> Result<Self, CertificateError> {
        let chain = read(certificate)?;
        let secret = read(key)?;
        Self::from_pem((certificate, &chain), (key, &secret), now)
    }

    /// The same from the contents of those files.
    pub fn from_pem(
        (certificate, chain): (&Path, &[u8]),
        (key, secret): (&Path, &[u8]),
        now: Moment,
    ) -> Result<Self, CertificateError> {
        let malformed = |path: &Path, why: String| CertificateError::Malformed {
            path: path.into(),
            why,
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|error| malformed(certificate, error.to_string()))?;
        let first = chain
            .first()
            .ok_or_else(|| CertificateError::NoCertificate {
                path: certificate.into(),
            })?;
        let (begins, ends) = validity(first).map_err(|why| malformed(certificate, why))?;
        let secret = PrivateKeyDer::from_pem_slice(secret).map_err(|error| match error {
            pem::Error::NoItemsFound => CertificateError::NoKey { path: key.into() },
            error => malformed(key, error.to_string()),
        })?;
        let pair =
            CertifiedKey::from_der(chain, secret, &provider()).map_err(|error| match error {
                rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                    CertificateError::Mismatch {
                        certificate: certificate.into(),
                        key: key.into(),
                    }
                }
                rustls::Error::InvalidCertificate(why) => {
                    malformed(certificate, format!("{why:?}"))
                }
                error => malformed(key, error.to_string()),
            })?;
        if now >= ends {
            return Err(CertificateError::Expired {
                path: certificate.into(),
                ends,
            });
        }
        if now < begins {
            return Err(CertificateError::NotYetValid {
                path: certificate.into(),
                begins,
            });
        }
        Ok(Self {
            key: Arc::new(pair),
            begins,
            ends,
        })
    }
}

impl Certificate {
    /// Whether it names each of these hosts, in lower case.
    pub fn is_for<'a>(&self, mut hosts: impl Iterator<Item = &'a str>) -> bool {
        let first = self.key.cert.first();
        let Some((_, read)) = first.and_then(|it| X509Certificate::from_der(it).ok()) else {
            return false;
        };
        let Ok(Some(names)) = read.subject_alternative_name() else {
            return false;
        };
        let is_named = |host: &str| {
            let mut names = names.value.general_names.iter();
            names.any(
                |it| matches!(it, GeneralName::DNSName(name) if name.eq_ignore_ascii_case(host)),
            )
        };
        hosts.all(is_named)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => CertificateError::Forbidden { path: path.into() },
        _ => CertificateError::Read {
            path: path.into(),
            error,
        },
    })
}

/// From when to when a certificate is valid.
fn validity(certificate: &CertificateDer<'_>) -> Result<(Moment, Moment), String> {
    let (_, read) = X509Certificate::from_der(certificate).map_err(|error| error.to_string())?;
    let moment = |time: ASN1Time| {
        let seconds = u64::try_from(time.timestamp()).unwrap_or_default();
        Moment(seconds.saturating_mul(1000))
    };
    let validity = read.validity();
    Ok((moment(validity.not_before), moment(validity.not_after)))
}
