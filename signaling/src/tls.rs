//! HTTPS in the binary: which certificate is shown, and where it comes from.
//!
//! A [`CertificateStore`] holds the certificate that new connections are shown. It is filled from files, which [`files`]
//! reads again when they change; an open connection keeps the certificate that it began with. What is wrong with a
//! certificate is a sentence: at the start it ends the program, later it is an alarm, and the server goes on with what it has.

pub mod certificate;
pub mod files;
pub mod store;

use std::{path::PathBuf, sync::Arc};

use plenary_ids::Moment;
use tokio_rustls::rustls::{
    self, ServerConfig,
    crypto::{CryptoProvider, ring},
    version::{TLS12, TLS13},
};

pub use self::{
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
        "listen.https needs a certificate: set tls.certificate and tls.key to PEM files, or remove listen.https"
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
    /// The certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The cryptography refuses these versions of TLS.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

impl TlsSettings {
    /// The files of the certificate, if HTTPS is on.
    pub fn files(&self, is_on: bool) -> Result<Option<CertificateFiles>, TlsError> {
        let files = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Some(CertificateFiles {
                certificate: certificate.clone(),
                key: key.clone(),
            }),
            (Some(_), None) => return Err(TlsError::Half("tls.certificate", "tls.key")),
            (None, Some(_)) => return Err(TlsError::Half("tls.key", "tls.certificate")),
            (None, None) => None,
        };
        match (files, is_on) {
            (Some(_), false) => Err(TlsError::Unused("tls.certificate")),
            (None, true) => Err(TlsError::Missing),
            (files, _) => Ok(files),
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
    files: WatchedFiles,
}

impl Https {
    /// HTTPS with these settings, if it is on.
    pub fn open(
        settings: &TlsSettings,
        is_on: bool,
        now: Moment,
    ) -> Result<Option<Self>, TlsError> {
        let Some(files) = settings.files(is_on)? else {
            return Ok(None);
        };
        let (files, certificate) = files.open(now)?;
        let store = Arc::new(CertificateStore::default());
        store.replace(certificate);
        Ok(Some(Self {
            configs: TlsConfigs::new(&store)?,
            store,
            files,
        }))
    }

    /// Keeps the certificate current, as long as there are connections that may be shown it.
    pub fn keep_current(self, clock: Arc<MachineClock>) {
        tokio::spawn(self.files.watch(Arc::downgrade(&self.store), clock));
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
            clients: config(&[HTTP2, HTTP1, TURN])?,
            proxies: config(&[HTTP1, TURN])?,
        })
    }
}

/// The cryptography of TLS.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
