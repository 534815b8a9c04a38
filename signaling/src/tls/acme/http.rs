//! The requests to the ACME server: HTTP/1.1 by TLS, a connection for each, as an order takes a dozen in two months.

use std::{
    future::Future,
    io,
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode, Uri,
    client::conn::http1,
    header::{HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, HttpClient};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
        version::{TLS12, TLS13},
    },
};

use super::super::provider;

/// How long a request may take, from the name in DNS to the last byte of the answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest answer. A chain of certificates has a few kilobytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// Where systems have the authorities that they trust: Debian and Alpine, Fedora, SUSE.
const SYSTEM_ROOTS: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
];

/// Why there are no authorities to trust.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the field names say it")]
pub enum RootsError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {error}")]
    Read { path: PathBuf, error: io::Error },
    /// The file has no certificates.
    #[error("{path} has no certificate: it has to be PEM, with -----BEGIN CERTIFICATE-----")]
    Empty { path: PathBuf },
    /// The system has no list where others have it.
    #[error(
        "this system has no list of authorities that are trusted; install ca-certificates, or set acme.ca"
    )]
    NoSystemRoots,
}

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
enum RequestError {
    #[error("{host}:{port} cannot be reached: {error}")]
    Connect {
        host: String,
        port: u16,
        error: io::Error,
    },
    #[error(
        "{host} is not trusted: {error}; acme.ca names the authorities of a private ACME server"
    )]
    Tls { host: String, error: io::Error },
    #[error("{host} has not answered within {} seconds", REQUEST_TIMEOUT.as_secs())]
    Late { host: String },
    #[error("{uri} answers {status}")]
    Status { uri: Uri, status: StatusCode },
    #[error("{0} is no address of HTTPS")]
    Address(Uri),
    #[error("the answer of {host} breaks off: {error}")]
    Answer {
        host: String,
        error: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The authorities by which an ACME server is known: those of a file, or those of the system.
pub fn roots(file: Option<&Path>) -> Result<RootCertStore, RootsError> {
    let path = match file {
        Some(path) => path,
        None => SYSTEM_ROOTS
            .iter()
            .map(Path::new)
            .find(|path| path.exists())
            .ok_or(RootsError::NoSystemRoots)?,
    };
    let pem = std::fs::read(path).map_err(|error| RootsError::Read {
        path: path.into(),
        error,
    })?;
    let mut roots = RootCertStore::empty();
    // A list may have a few that no longer parse.
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).flatten());
    if roots.is_empty() {
        return Err(RootsError::Empty { path: path.into() });
    }
    Ok(roots)
}

/// The HTTPS client with which certificates are ordered.
#[derive(Debug)]
pub struct HttpsClient(Arc<ClientConfig>);

impl HttpsClient {
    /// A client that trusts these authorities.
    pub fn new(roots: RootCertStore) -> Result<Self, tokio_rustls::rustls::Error> {
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

impl HttpClient for HttpsClient {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, instant_acme::Error>> + Send>> {
        let config = Arc::clone(&self.0);
        Box::pin(async move {
            let host = request.uri().host().unwrap_or_default().to_owned();
            let sent = timeout(REQUEST_TIMEOUT, send(config, request)).await;
            let answer = sent.unwrap_or(Err(RequestError::Late { host }));
            let answer = answer.map_err(|error| instant_acme::Error::Other(Box::new(error)))?;
            Ok(BytesResponse::from(answer))
        })
    }
}

async fn send(
    config: Arc<ClientConfig>,
    mut request: Request<BodyWrapper<Bytes>>,
) -> Result<Response<Full<Bytes>>, RequestError> {
    let uri = request.uri().clone();
    let address = || RequestError::Address(uri.clone());
    let authority = uri.authority().ok_or_else(address)?;
    let (host, port) = (authority.host(), authority.port_u16().unwrap_or(443));
    // An IPv6 address stands in brackets.
    let host = host.trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(host.clone()).map_err(|_| address())?;
    let stream = TcpStream::connect((host.as_str(), port)).await;
    let stream = stream.map_err(|error| RequestError::Connect {
        host: host.clone(),
        port,
        error,
    })?;
    let stream = TlsConnector::from(config).connect(name, stream).await;
    let stream = stream.map_err(|error| RequestError::Tls {
        host: host.clone(),
        error,
    })?;

    let broken = |error: Box<dyn std::error::Error + Send + Sync>| RequestError::Answer {
        host: host.clone(),
        error,
    };
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| broken(error.into()))?;
    let value = HeaderValue::from_str(authority.as_str()).map_err(|_| address())?;
    request.headers_mut().insert(HOST, value);
    let path = uri.path_and_query().map_or("/", |it| it.as_str());
    *request.uri_mut() = path.parse().map_err(|_| address())?;
    // Only the directory is fetched by GET, and its refusals are no problem documents (RFC 8555, section 6.7).
    let is_plain = request.method() == Method::GET;
    let exchange = async {
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await?;
        let answer = Response::from_parts(parts, Full::new(body.to_bytes()));
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(answer)
    };
    // The connection is driven as long as the answer needs it, and dropped then.
    tokio::pin!(connection, exchange);
    let answer = tokio::select! {
        answer = &mut exchange => answer,
        ended = &mut connection => match ended {
            Ok(()) => exchange.await,
            Err(error) => Err(error.into()),
        },
    };
    let answer = answer.map_err(broken)?;
    let status = answer.status();
    if is_plain && !status.is_success() {
        return Err(RequestError::Status { uri, status });
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_authorities_is_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let said = || roots(Some(&path)).unwrap_err().to_string();
        assert!(said().contains("ca.pem cannot be read"), "{}", said());
        std::fs::write(&path, "no PEM").unwrap();
        assert!(said().contains("ca.pem has no certificate"), "{}", said());
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_a_sentence() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let client = HttpsClient::new(RootCertStore::empty()).unwrap();
        let request = Request::get(format!("https://{address}/dir"));
        let request = request.body(BodyWrapper::default()).unwrap();
        let answer = client.request(request).await;
        let said = answer.err().unwrap().to_string();
        assert!(
            said.starts_with(&format!("{address} cannot be reached")),
            "{said}"
        );
    }
}
