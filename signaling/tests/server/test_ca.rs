//! An authority of the test's own, its certificates, and a client that trusts it.

use std::{net::SocketAddr, path::Path, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion,
        pki_types::CertificateDer,
        version::{TLS12, TLS13},
    },
};

/// An authority that nobody else knows.
pub struct TestCa(CertifiedIssuer<'static, KeyPair>);

/// A certificate for `localhost` and its key, in PEM.
pub struct Pair {
    pub certificate: String,
    pub key: String,
    pub der: CertificateDer<'static>,
}

impl Pair {
    /// Puts both files in place as an operator's tool does, by renaming.
    pub fn put(&self, folder: &Path) {
        for (name, text) in [("cert.pem", &self.certificate), ("key.pem", &self.key)] {
            let new = folder.join(format!("{name}.new"));
            std::fs::write(&new, text).unwrap();
            std::fs::rename(&new, folder.join(name)).unwrap();
        }
    }
}

impl TestCa {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pair(&self) -> Pair {
        self.pair_with(|_| {})
    }

    pub fn pair_with(&self, change: impl FnOnce(&mut CertificateParams)) -> Pair {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Pair {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            der: certificate.der().clone(),
        }
    }

    /// A TLS connection by the newest version, for which the client offers these protocols.
    pub async fn connect(&self, to: SocketAddr, protocols: &[&str]) -> TlsStream<TcpStream> {
        let stream = TcpStream::connect(to).await.unwrap();
        self.handshake(stream, &[&TLS13, &TLS12], protocols)
            .await
            .unwrap()
    }

    /// The handshake of a client that knows these versions.
    pub async fn handshake(
        &self,
        stream: TcpStream,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&str],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(plenary_server::tls::provider())
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let protocols = protocols.iter().map(|it| it.as_bytes().to_vec());
        config.alpn_protocols = protocols.collect();
        let name = "localhost".try_into().unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
    }
}

/// The certificate that the server has shown.
pub fn shown(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    let shown = stream.get_ref().1.peer_certificates().unwrap();
    shown[0].clone().into_owned()
}

/// The protocol and the version that the handshake has agreed on.
pub fn agreed(stream: &TlsStream<TcpStream>) -> (Option<String>, ProtocolVersion) {
    let tls = stream.get_ref().1;
    let protocol = tls
        .alpn_protocol()
        .map(|it| String::from_utf8(it.to_vec()).unwrap());
    (protocol, tls.protocol_version().unwrap())
}
