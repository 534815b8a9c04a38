//! One order: the account, a proof for each name, and the certificate (RFC 8555, section 7).

use std::{sync::Arc, time::Duration};

use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Error, Identifier, KeyAuthorization, NewAccount,
    NewOrder, Order, OrderStatus, Problem, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use tokio_rustls::rustls::{pki_types::PrivateKeyDer, sign::CertifiedKey};

use super::{
    super::provider,
    AcmeError, AcmeSettings, CertificateStore, blocking,
    http::{HttpsClient, roots},
    kept::AcmeFolder,
};

/// How long the ACME server may take for its proofs, and for the certificate.
const DECISION_TIMEOUT: Duration = Duration::from_mins(2);
/// The type of problem of an account that the ACME server does not know (RFC 8555, section 6.7).
const NO_ACCOUNT: &str = "urn:ietf:params:acme:error:accountDoesNotExist";

/// What an order is made with.
pub struct Orderer<'a> {
    pub settings: &'a AcmeSettings,
    pub folder: &'a AcmeFolder,
    /// Shows the ACME server the answers to its challenges.
    pub store: &'a CertificateStore,
}

impl Orderer<'_> {
    /// Has a certificate issued. Returns PEM: its key, the certificate, and those that lead to a known authority.
    pub async fn order(&self) -> Result<String, AcmeError> {
        let _challenges = Challenges(self.store);
        let mut order = self.begin().await?;
        self.prove(&mut order).await?;
        let decision = RetryPolicy::new().timeout(DECISION_TIMEOUT);
        if !matches!(order.poll_ready(&decision).await, Ok(OrderStatus::Ready)) {
            return Err(why_not(&mut order).await);
        }
        let key = order.finalize().await.map_err(failed)?;
        let chain = order.poll_certificate(&decision).await.map_err(failed)?;
        Ok(key + &chain)
    }

    /// A new order of the kept account, or of a new one.
    async fn begin(&self) -> Result<Order, AcmeError> {
        let names = self.settings.domains.iter();
        let names: Vec<Identifier> = names.map(|it| Identifier::Dns(it.to_string())).collect();
        let new = NewOrder::new(&names);
        let folder = self.folder.clone();
        if let Some(kept) = blocking(move || folder.account()).await? {
            let client = Account::builder_with_http(Box::new(self.http_client().await?));
            let account = client.from_credentials(kept).await;
            let account = account.map_err(|error| self.of_directory(error))?;
            match account.new_order(&new).await {
                Err(Error::Api(problem)) if problem.r#type.as_deref() == Some(NO_ACCOUNT) => {
                    tracing::warn!("the ACME server does not know the account; a new one is made");
                }
                ordered => return ordered.map_err(failed),
            }
        }
        let account = self.register().await?;
        account.new_order(&new).await.map_err(failed)
    }

    /// A new account, which is kept.
    async fn register(&self) -> Result<Account, AcmeError> {
        let email = self.settings.email.as_ref().map(super::Email::url);
        let contact: Vec<&str> = email.as_deref().into_iter().collect();
        let new = NewAccount {
            contact: &contact,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let client = Account::builder_with_http(Box::new(self.http_client().await?));
        let directory = self.settings.directory.to_string();
        let made = client.create(&new, directory, None).await;
        let (account, credentials) = made.map_err(|error| self.of_directory(error))?;
        let folder = self.folder.clone();
        blocking(move || folder.keep_account(&credentials)).await?;
        Ok(account)
    }

    /// Read anew for each order, as the system's list of authorities changes.
    async fn http_client(&self) -> Result<HttpsClient, AcmeError> {
        let ca = self.settings.ca.clone();
        let read = tokio::task::spawn_blocking(move || roots(ca.as_deref())).await;
        let roots = read.map_err(|error| AcmeError::Crypto(error.to_string()))??;
        HttpsClient::new(roots).map_err(crypto)
    }

    /// Has the ACME server look at the answer for each name that it has not seen proved lately.
    async fn prove(&self, order: &mut Order) -> Result<(), AcmeError> {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization.map_err(failed)?;
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let name = authorization.identifier().to_string();
            let challenge = authorization.challenge(ChallengeType::TlsAlpn01);
            let mut challenge = challenge.ok_or_else(|| AcmeError::NoChallenge(name.clone()))?;
            let answer = answer(&name, &challenge.key_authorization())?;
            self.store.begin_challenge(name, Arc::new(answer));
            challenge.set_ready().await.map_err(failed)?;
        }
        Ok(())
    }

    /// What has failed before there was an account.
    fn of_directory(&self, error: Error) -> AcmeError {
        match error {
            Error::Json(error) => AcmeError::NoDirectory {
                directory: self.settings.directory.to_string(),
                why: error.to_string(),
            },
            error => failed(error),
        }
    }
}

/// The answers to challenges, which end with the order, however it ends.
struct Challenges<'a>(&'a CertificateStore);

impl Drop for Challenges<'_> {
    fn drop(&mut self) {
        self.0.end_challenges();
    }
}

/// A certificate of this server's own that proves that it knows the account's key (RFC 8737, section 3).
fn answer(name: &str, proof: &KeyAuthorization) -> Result<CertifiedKey, AcmeError> {
    let mut params = CertificateParams::new([name.to_owned()]).map_err(crypto)?;
    let identifier = CustomExtension::new_acme_identifier(proof.digest().as_ref());
    params.custom_extensions = vec![identifier];
    let key = KeyPair::generate().map_err(crypto)?;
    let certificate = params.self_signed(&key).map_err(crypto)?;
    let secret = PrivateKeyDer::try_from(key.serialize_der()).map_err(crypto)?;
    let secret = provider().key_provider.load_private_key(secret);
    let secret = secret.map_err(crypto)?;
    Ok(CertifiedKey::new(vec![certificate.der().clone()], secret))
}

/// Why an order is not ready: of the first name that could not be proved, what the ACME server has seen there.
async fn why_not(order: &mut Order) -> AcmeError {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = match authorization {
            Ok(authorization) => authorization,
            Err(error) => return failed(error),
        };
        if let Err(error) = authorization.refresh().await {
            return failed(error);
        }
        let domain = authorization.identifier().to_string();
        let problem = authorization
            .challenges
            .iter()
            .find_map(|it| it.error.as_ref());
        if let Some(problem) = problem {
            let why = sentence(problem);
            return AcmeError::NotProved { domain, why };
        }
    }
    match &order.state().error {
        Some(problem) => AcmeError::Refused(sentence(problem)),
        None => AcmeError::Late,
    }
}

fn failed(error: Error) -> AcmeError {
    match error {
        Error::Api(problem) => AcmeError::Refused(sentence(&problem)),
        Error::Timeout(_) => AcmeError::Late,
        error => AcmeError::Failed(error),
    }
}

fn crypto(error: impl std::fmt::Display) -> AcmeError {
    AcmeError::Crypto(error.to_string())
}

/// A problem in one line: its text, that of its parts, and the last word of its type.
fn sentence(problem: &Problem) -> String {
    let parts = problem
        .subproblems
        .iter()
        .filter_map(|it| it.detail.as_deref());
    let details: Vec<&str> = problem.detail.as_deref().into_iter().chain(parts).collect();
    let kind = problem
        .r#type
        .as_deref()
        .and_then(|it| it.rsplit(':').next());
    let text = format!("{} ({})", details.join("; "), kind.unwrap_or("no type"));
    // It goes into the log and to people.
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_one_line_with_its_type() {
        let problem: Problem = serde_json::from_str(
            r#"{"type": "urn:ietf:params:acme:error:rejectedIdentifier", "status": 400, "detail": "Two names\nare refused",
                "subproblems": [{"detail": "No such name"}]}"#,
        )
        .unwrap();
        assert_eq!(
            sentence(&problem),
            "Two names are refused; No such name (rejectedIdentifier)"
        );
        let said = failed(Error::Api(problem)).to_string();
        assert!(
            said.starts_with("the ACME server refuses: Two names"),
            "{said}"
        );
    }
}
