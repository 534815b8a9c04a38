//! HTTPS in the binary: which certificate is shown, and where it comes from.
//!
//! A [`CertificateStore`] holds the certificate that new connections are shown. It is filled from files, which [`files`]
//! reads again when they change, or by an ACME server, as [`acme`] has it; an open connection keeps the certificate that it
//! began with. What is wrong with a certificate in files is a sentence: at the start it ends the program, later it is an
//! alarm, and the server goes on with what it has. What an ACME server refuses is an alarm at any time.

pub mod acme;
pub mod certificate;
pub mod files;
pub mod store;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use plenary_ids::Moment;
use tokio_rustls::rustls::{
    self, ServerConfig,
    crypto::{CryptoProvider, ring},
    version::{TLS12, TLS13},
};

pub use self::{
    acme::{AcmeClient, AcmeSettings, Domain, RootsError, roots},
    certificate::{Certificate, CertificateError},
    files::{CertificateFiles, WatchedFiles},
    store::{CertificateStore, ends_soon},
};
use crate::clock::MachineClock;

/// The name of HTTP/2 in ALPN (RFC 9113, section 3.2).
pub const HTTP2: &[u8] = b"h2";
/// The name of HTTP/1.1 in ALPN (RFC 7301, section 6).
const HTTP1: &[u8] = b"http/1.1";
/// The name of TURN in ALPN (RFC 7443). A client that says it is still told by its first byte.
const TURN: &[u8] = b"stun.turn";
/// The name in ALPN by which an ACME server looks at a challenge (RFC 8737, section 6.2).
pub const ACME_TLS: &[u8] = b"acme-tls/1";

/// The section `[tls]` of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsSettings {
    /// `tls.certificate`: a PEM file with the certificate, and those that lead from it to a known authority.
    pub certificate: Option<PathBuf>,
    /// `tls.key`: a PEM file with its private key.
    pub key: Option<PathBuf>,
}

/// Why there can be no HTTPS with these settings.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// HTTPS is on, and no certificate is named.
    #[error(
        "listen.https needs a certificate: set tls.certificate and tls.key to PEM files, or acme.domains to have the server get one, or remove listen.https"
    )]
    Missing,
    /// One file is named without the other.
    #[error("{0} is set without {1}: a certificate and its key belong together")]
    Half(&'static str, &'static str),
    /// There is no HTTPS that could use a certificate.
    #[error(
        "{0} is set, and listen.https is not: set listen.https = \"0.0.0.0:443\", or remove {0}"
    )]
    Unused(&'static str),
    /// There are two sources of one certificate.
    #[error(
        "tls.certificate and acme.domains are both set: remove tls.certificate and tls.key, or acme.domains; the server shows one certificate"
    )]
    Both,
    /// A setting of ACME is there, and nothing switches ACME on.
    #[error(
        "{0} is set, and acme.domains is not: name the domains of the certificate, or remove {0}"
    )]
    WithoutDomains(&'static str),
    /// The authorities of `acme.ca` cannot be used.
    #[error("acme.ca: {0}")]
    Roots(#[from] RootsError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The cryptography refuses these versions of TLS.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

impl TlsSettings {
    /// The files of the certificate, if they are named.
    fn files(&self) -> Result<Option<CertificateFiles>, TlsError> {
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Ok(Some(CertificateFiles {
                certificate: certificate.clone(),
                key: key.clone(),
            })),
            (Some(_), None) => Err(TlsError::Half("tls.certificate", "tls.key")),
            (None, Some(_)) => Err(TlsError::Half("tls.key", "tls.certificate")),
            (None, None) => Ok(None),
        }
    }
}

/// From where the certificate is to come.
#[derive(Debug, PartialEq, Eq)]
pub enum CertificateSource {
    /// Files that somebody else keeps current.
    Files(CertificateFiles),
    /// An ACME server, which issues and renews it.
    Acme(AcmeSettings),
}

impl CertificateSource {
    /// The one source that the settings name, if HTTPS is on.
    pub fn of(
        tls: &TlsSettings,
        acme: &AcmeSettings,
        is_on: bool,
    ) -> Result<Option<Self>, TlsError> {
        if let Some(key) = acme.key_without_domains() {
            return Err(TlsError::WithoutDomains(key));
        }
        match (tls.files()?, acme.is_on(), is_on) {
            (Some(_), true, _) => Err(TlsError::Both),
            (Some(_), false, false) => Err(TlsError::Unused("tls.certificate")),
            (None, true, false) => Err(TlsError::Unused("acme.domains")),
            (None, false, true) => Err(TlsError::Missing),
            (None, false, false) => Ok(None),
            (Some(files), false, true) => Ok(Some(Self::Files(files))),
            (None, true, true) => Ok(Some(Self::Acme(acme.clone()))),
        }
    }
}

/// HTTPS as it is at the start.
#[derive(Debug)]
pub struct Https {
    /// What new connections are shown.
    pub store: Arc<CertificateStore>,
    /// How they are opened.
    pub configs: TlsConfigs,
    keeper: Keeper,
}

/// What keeps the certificate current.
#[derive(Debug)]
enum Keeper {
    Files(WatchedFiles),
    Acme(Box<AcmeClient>),
}

impl Https {
    /// HTTPS with these settings, if it is on. Of ACME the certificate is used that is kept in the data folder.
    pub fn open(
        tls: &TlsSettings,
        acme: &AcmeSettings,
        is_on: bool,
        data: &Path,
        now: Moment,
    ) -> Result<Option<Self>, TlsError> {
        let Some(source) = CertificateSource::of(tls, acme, is_on)? else {
            return Ok(None);
        };
        let (keeper, certificate) = match source {
            CertificateSource::Files(files) => {
                let (files, certificate) = files.open(now)?;
                (Keeper::Files(files), Some(certificate))
            }
            CertificateSource::Acme(settings) => {
                let (client, certificate) = AcmeClient::open(settings, data, now)?;
                (Keeper::Acme(Box::new(client)), certificate)
            }
        };
        let store = Arc::new(CertificateStore::default());
        if let Some(certificate) = certificate {
            store.replace(certificate);
        }
        Ok(Some(Self {
            configs: TlsConfigs::new(&store)?,
            store,
            keeper,
        }))
    }

    /// Keeps the certificate current, as long as there are connections that may be shown it.
    pub fn keep_current(self, clock: Arc<MachineClock>) {
        let store = Arc::downgrade(&self.store);
        match self.keeper {
            Keeper::Files(files) => tokio::spawn(files.watch(store, clock)),
            Keeper::Acme(client) => tokio::spawn(client.keep_current(store, clock)),
        };
    }
}

/// What TLS connections are opened with.
#[derive(Debug, Clone)]
pub struct TlsConfigs {
    /// For browsers and other clients.
    pub clients: Arc<ServerConfig>,
    /// For proxies, which get no HTTP/2: a connection of theirs carries the requests of many addresses, and only one at a
    /// time can be counted for its address.
    pub proxies: Arc<ServerConfig>,
}

impl TlsConfigs {
    /// TLS 1.2 and 1.3 with the certificates of a store.
    pub fn new(store: &Arc<CertificateStore>) -> Result<Self, TlsError> {
        let config = |protocols: &[&[u8]]| -> Result<Arc<ServerConfig>, TlsError> {
            let mut config = ServerConfig::builder_with_provider(provider())
                .with_protocol_versions(&[&TLS13, &TLS12])?
                .with_no_client_auth()
                .with_cert_resolver(store.clone());
            config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
            Ok(Arc::new(config))
        };
        Ok(Self {
            clients: config(&[HTTP2, HTTP1, TURN, ACME_TLS])?,
            proxies: config(&[HTTP1, TURN, ACME_TLS])?,
        })
    }
}

/// The cryptography of TLS.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_of_certificates_is_named_and_what_makes_no_sense_is_a_sentence() {
        let none = (TlsSettings::default(), AcmeSettings::default());
        let files = TlsSettings {
            certificate: Some("cert.pem".into()),
            key: Some("key.pem".into()),
        };
        let acme = AcmeSettings {
            domains: vec!["plenary.example.org".parse().unwrap()],
            ..AcmeSettings::default()
        };
        let with_ca = AcmeSettings {
            ca: Some("ca.pem".into()),
            ..AcmeSettings::default()
        };
        assert_eq!(
            CertificateSource::of(&none.0, &none.1, false).unwrap(),
            None
        );
        let source = CertificateSource::of(&none.0, &acme, true).unwrap();
        assert_eq!(source, Some(CertificateSource::Acme(acme.clone())));
        for (tls, acme, is_on, sentence) in [
            (&none.0, &none.1, true, "listen.https needs a certificate"),
            (
                &files,
                &acme,
                true,
                "tls.certificate and acme.domains are both set",
            ),
            (
                &files,
                &acme,
                false,
                "tls.certificate and acme.domains are both set",
            ),
            (
                &files,
                &none.1,
                false,
                "tls.certificate is set, and listen.https is not",
            ),
            (
                &none.0,
                &acme,
                false,
                "acme.domains is set, and listen.https is not",
            ),
            (
                &files,
                &with_ca,
                true,
                "acme.ca is set, and acme.domains is not",
            ),
        ] {
            let said = CertificateSource::of(tls, acme, is_on)
                .unwrap_err()
                .to_string();
            assert!(said.contains(sentence), "{said}");
        }
    }
}
