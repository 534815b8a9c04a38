//! The certificate that new connections are shown, and what is wrong with it.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use plenary_ids::{Moment, rfc3339};
use tokio_rustls::rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::{ACME_TLS, Certificate};
use crate::alarms::{ServerAlarm, ServerAlarmKind};

/// Below this part of its life an operator should see to a new certificate: 9 days of 90.
const LAST_PART_OF_LIFE: u64 = 10;

/// The certificate of the server.
#[derive(Debug, Default)]
pub struct CertificateStore(RwLock<State>);

#[derive(Debug, Default)]
struct State {
    certificate: Option<Certificate>,
    trouble: Option<ServerAlarm>,
    /// By the name that an ACME server asks for.
    challenges: HashMap<String, Arc<CertifiedKey>>,
}

impl CertificateStore {
    /// New connections are shown this certificate from now on.
    pub fn replace(&self, certificate: Certificate) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        state.certificate = Some(certificate);
        state.trouble = None;
    }

    /// What an operator is told until there is a new certificate, or none any more.
    pub fn set_trouble(&self, trouble: Option<ServerAlarm>) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        state.trouble = trouble;
    }

    /// An ACME server that asks for that name is shown this, and nobody else is, until [`Self::end_challenges`].
    pub fn begin_challenge(&self, name: String, answer: Arc<CertifiedKey>) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        state.challenges.insert(name, answer);
    }

    /// There is nothing to prove any more.
    pub fn end_challenges(&self) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        state.challenges.clear();
    }

    /// Whether something is wrong with a new certificate, or none can be had.
    pub fn is_failing(&self) -> bool {
        self.state(|state| state.trouble.is_some())
    }

    /// When the certificate begins and ends.
    pub fn validity(&self) -> Option<(Moment, Moment)> {
        self.state(|state| state.certificate.as_ref().map(|it| (it.begins, it.ends)))
    }

    /// What an operator should act on now.
    pub fn alarms(&self, now: Moment) -> Vec<ServerAlarm> {
        let trouble = self.state(|state| state.trouble.clone());
        let ending = self.validity().and_then(|it| ending(it, now));
        trouble.into_iter().chain(ending).collect()
    }

    fn state<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        // No code panics while it holds the lock, so a poisoned state is whole too.
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for CertificateStore {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // An ACME server offers this protocol and no other (RFC 8737, section 3).
        let is_challenge = hello.alpn().is_some_and(|offered| offered.eq([ACME_TLS]));
        if is_challenge {
            let name = hello.server_name()?.to_ascii_lowercase();
            return self.state(|state| state.challenges.get(&name).cloned());
        }
        self.state(|state| state.certificate.as_ref().map(|it| it.key.clone()))
    }
}

/// Whether a certificate that is valid from one time to another ends soon, or has ended.
pub fn ends_soon((begins, ends): (Moment, Moment), now: Moment) -> bool {
    let life = ends.0.saturating_sub(begins.0);
    let left = ends.0.saturating_sub(now.0);
    left <= life / LAST_PART_OF_LIFE
}

/// The alarm of a certificate that ends soon, or has ended.
fn ending((begins, ends): (Moment, Moment), now: Moment) -> Option<ServerAlarm> {
    if !ends_soon((begins, ends), now) {
        return None;
    }
    let left = ends.0.saturating_sub(now.0);
    let ends = rfc3339::text(ends);
    let detail = if left == 0 {
        format!("The certificate of https has expired on {ends}; browsers refuse the pages.")
    } else {
        format!("The certificate of https expires on {ends}.")
    };
    Some(ServerAlarm {
        kind: ServerAlarmKind::CertificateEnds,
        detail,
        first: "Put a new certificate and its key in place of the files; the server reads them within seconds, without a restart. With [acme] another alarm says why there is none.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400_000;

    #[test]
    fn a_certificate_in_the_last_tenth_of_its_life_is_an_alarm_and_an_expired_one_says_so() {
        let life = (Moment(0), Moment(90 * DAY));
        assert_eq!(ending(life, Moment(80 * DAY)), None);
        let soon = ending(life, Moment(82 * DAY)).unwrap();
        assert_eq!(
            soon.detail,
            "The certificate of https expires on 1970-04-01T00:00:00.000Z."
        );
        let over = ending(life, Moment(90 * DAY)).unwrap();
        assert!(over.detail.contains("has expired"), "{over:?}");
    }
}
