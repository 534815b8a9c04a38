//! A certificate from an ACME server (RFC 8555), proved by TLS-ALPN-01 (RFC 8737) on the https address itself.
//!
//! [`AcmeClient::keep_current`] is the loop: it waits until a third of the certificate's life is left, has an [`order`] bring a
//! new one, keeps it in the data folder ([`kept`]) and shows it to new connections. A failure is an alarm and is tried again;
//! the server goes on with the certificate that it has, or without one. When to do what is decided in [`renewal`].

mod http;
pub mod kept;
mod order;
pub mod renewal;
mod settings;

use std::{
    io,
    path::Path,
    sync::{Arc, Weak},
    time::Duration,
};

use plenary_ids::{Moment, rfc3339};
use plenary_room::TimeSource;
use tokio::{task::spawn_blocking, time::timeout};

pub use self::{
    http::{RootsError, roots},
    settings::{AcmeSettings, DirectoryUrl, Domain, Email},
};
use self::{
    kept::{AcmeFolder, KeepError},
    order::Orderer,
    renewal::{Failure, alarm, alarm_of_unkept, remaining_wait, retry_delay},
};
use super::{Certificate, CertificateError, CertificateStore, TlsError};
use crate::clock::MachineClock;

/// How long an order may take. An ACME server looks at each name from several places, and may look again.
const ORDER_TIMEOUT: Duration = Duration::from_mins(5);
/// How often the time of the renewal is compared with the clock, which may be set meanwhile.
const LOOK_INTERVAL: Duration = Duration::from_mins(1);

/// Why the ACME server has given no certificate.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the field names say it")]
pub enum AcmeError {
    /// There are no authorities by which the ACME server itself could be known.
    #[error(transparent)]
    Roots(#[from] RootsError),
    /// Something else answers at the address of the directory.
    #[error("{directory} is no directory of an ACME server ({why}); is acme.directory right?")]
    NoDirectory { directory: String, why: String },
    /// The ACME server says no.
    #[error("the ACME server refuses: {0}")]
    Refused(String),
    /// The ACME server did not find this server under a name.
    #[error(
        "the ACME server could not see that {domain} is this server: {why}; it connects to port 443 of that name, which has to lead to listen.https"
    )]
    NotProved { domain: String, why: String },
    /// The ACME server wants a proof that this server does not know.
    #[error(
        "the ACME server offers no TLS-ALPN-01 for {0}, and this server proves names by nothing else"
    )]
    NoChallenge(String),
    /// The answer to a challenge cannot be made.
    #[error("a key or a certificate cannot be made: {0}")]
    Crypto(String),
    /// The data folder does not take the account or the certificate.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// What was issued is no certificate that can be shown.
    #[error("what the ACME server has issued cannot be used: {0}")]
    Unusable(#[from] CertificateError),
    /// It would be ordered again and again.
    #[error(
        "the new certificate would have to be renewed at once; is the machine's clock right (timedatectl)?"
    )]
    DueAtOnce,
    /// The order has no result.
    #[error("the ACME server has not decided in time")]
    Late,
    /// The ACME server cannot be reached, or does not answer as it should.
    #[error("{0}")]
    Failed(instant_acme::Error),
}

impl AcmeError {
    /// Whether the ACME server counts such failures: it then refuses further orders for an hour or more.
    fn failure(&self) -> Failure {
        match self {
            Self::Refused(_)
            | Self::NotProved { .. }
            | Self::NoChallenge(_)
            | Self::Unusable(_)
            | Self::DueAtOnce
            | Self::Late => Failure::Counted,
            _ => Failure::Free,
        }
    }
}

/// Has certificates issued, and knows where they are kept.
#[derive(Debug)]
pub struct AcmeClient {
    settings: AcmeSettings,
    folder: AcmeFolder,
    /// Whether a new certificate is wanted before the present one is old, as it lacks a name.
    is_wanted: bool,
}

impl AcmeClient {
    /// The client, and the certificate that an earlier start has kept, if it can be used.
    pub fn open(
        settings: AcmeSettings,
        data: &Path,
        now: Moment,
    ) -> Result<(Self, Option<Certificate>), TlsError> {
        if settings.ca.is_some() {
            roots(settings.ca.as_deref())?;
        }
        let folder = AcmeFolder::of(data, &settings.directory);
        let kept = folder.certificate(now).unwrap_or_else(|error| {
            tracing::warn!("a new certificate is ordered: {error}");
            None
        });
        let is_complete = |it: &Certificate| it.is_for(settings.domains.iter().map(Domain::as_str));
        let is_wanted = !kept.as_ref().is_some_and(is_complete);
        let client = Self {
            settings,
            folder,
            is_wanted,
        };
        Ok((client, kept))
    }

    /// Has a certificate issued whenever one is due, until nobody uses the store any more.
    pub async fn keep_current(mut self, store: Weak<CertificateStore>, clock: Arc<MachineClock>) {
        let mut failures = 0;
        loop {
            let Some(validity) = store.upgrade().map(|store| store.validity()) else {
                return;
            };
            if !self.is_wanted
                && let Some(wait) = remaining_wait(validity, clock.now())
            {
                tokio::time::sleep(wait.min(LOOK_INTERVAL)).await;
                continue;
            }
            let Some(store) = store.upgrade() else { return };
            match self.renew(&store, &clock).await {
                Ok(()) => failures = 0,
                Err(error) => {
                    failures += 1;
                    let delay = retry_delay(failures, error.failure());
                    let next = clock.now().after(delay);
                    let alarm = alarm(&error, store.validity(), clock.now(), next);
                    tracing::error!("{}", alarm.detail);
                    store.set_trouble(Some(alarm));
                    drop(store);
                    tokio::time::sleep(Duration::from_millis(delay.0)).await;
                }
            }
        }
    }

    /// Has one certificate issued, keeps it, and shows it to new connections.
    async fn renew(
        &mut self,
        store: &CertificateStore,
        clock: &MachineClock,
    ) -> Result<(), AcmeError> {
        let directory = &self.settings.directory;
        tracing::info!(%directory, "a certificate is ordered");
        let orderer = Orderer {
            settings: &self.settings,
            folder: &self.folder,
            store,
        };
        let outcome = timeout(ORDER_TIMEOUT, orderer.order()).await;
        let pem = outcome.map_err(|_| AcmeError::Late)??;
        let now = clock.now();
        let certificate = self.folder.read(&pem, now)?;
        let (begins, ends) = (certificate.begins, certificate.ends);
        let is_due = remaining_wait(Some((begins, ends)), now).is_none();
        // Shown before it is kept: a disk that fails does not keep people out.
        store.replace(certificate);
        self.is_wanted = false;
        let ends = rfc3339::text(ends);
        tracing::info!(
            ends,
            "new connections are shown the certificate that was issued"
        );
        let folder = self.folder.clone();
        if let Err(error) = blocking(move || folder.keep_certificate(&pem)).await {
            tracing::error!("the new certificate is lost with the next restart: {error}");
            store.set_trouble(Some(alarm_of_unkept(&error)));
        }
        if is_due {
            return Err(AcmeError::DueAtOnce);
        }
        Ok(())
    }
}

/// Works with files, on a disk that may not answer.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KeepError> + Send + 'static,
) -> Result<T, AcmeError> {
    let done = spawn_blocking(work).await;
    let done = done.map_err(|error| KeepError::Thread(io::Error::other(error)))?;
    Ok(done?)
}
