//! What comes on the https address and is no HTTP: TURN goes to the relay, and an ACME server sees its challenge.

use std::{pin::Pin, sync::Arc};

use axum::routing::get;
use rcgen::{CertificateParams, KeyPair};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, sign::CertifiedKey},
};

use super::{open::RelayStream, *};
use crate::{
    connections::ConnectionLimits,
    limits::Limits,
    proxies::Proxies,
    tls::{ACME_TLS, Certificate, CertificateStore, HTTP2, TlsConfigs},
};

/// Reports who comes with what, and sends it back.
#[derive(Debug)]
struct Echo(mpsc::UnboundedSender<(SocketAddr, Vec<u8>)>);

impl Relay for Echo {
    fn serve(
        &self,
        mut stream: Box<dyn RelayStream>,
        peer: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let report = self.0.clone();
        Box::pin(async move {
            let mut message = vec![0; 4];
            stream.read_exact(&mut message).await.unwrap();
            stream.write_all(&message).await.unwrap();
            stream.flush().await.unwrap();
            report.send((peer, message)).unwrap();
            // Until the client or the server ends.
            let _ = stream.read_exact(&mut [0]).await;
        })
    }
}

struct Running {
    address: SocketAddr,
    connections: Connections,
    roots: RootCertStore,
    store: Arc<CertificateStore>,
    key: Arc<CertifiedKey>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    fn start(relay: Option<Arc<dyn Relay>>) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let pem = params.self_signed(&key).unwrap();
        let (path, now) = ("test".as_ref(), plenary_ids::Moment(1_800_000_000_000));
        let (chain, secret) = (pem.pem(), key.serialize_pem());
        let certificate =
            Certificate::from_pem((path, chain.as_bytes()), (path, secret.as_bytes()), now);
        let (store, certificate) = (Arc::new(CertificateStore::default()), certificate.unwrap());
        let key = Arc::clone(&certificate.key);
        store.replace(certificate);
        let limits = Limits::default();
        let proxies = Proxies {
            networks: Vec::new(),
            ..Proxies::default()
        };
        let connections = Connections::new(ConnectionLimits::new(&limits, 100), proxies);
        let service = Service {
            router: Router::new().route("/", get(|| async { "page" })),
            connections: connections.clone(),
            timeouts: limits.phases,
            tls: Some(Tls {
                configs: TlsConfigs::new(&store).unwrap(),
                relay,
            }),
            proxy_protocol: false,
        };
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let stop = watch::Sender::new(false);
        let mut stopped = stop.subscribe();
        let task = tokio::spawn(serve(listener, service, async move {
            let _ = stopped.wait_for(|it| *it).await;
        }));
        let mut roots = RootCertStore::empty();
        roots.add(pem.der().clone()).unwrap();
        Self {
            address,
            connections,
            roots,
            store,
            key,
            stop,
            task,
        }
    }

    async fn connect(&self) -> TlsStream<TcpStream> {
        self.offer(&[]).await.unwrap()
    }

    /// A handshake that offers these protocols.
    async fn offer(&self, protocols: &[&[u8]]) -> io::Result<TlsStream<TcpStream>> {
        let mut config = ClientConfig::builder_with_provider(crate::tls::provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = "localhost".try_into().unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        connector.connect(name, stream).await
    }
}

#[tokio::test]
async fn a_connection_whose_first_byte_begins_stun_goes_to_the_relay_whole_and_leaves_its_place() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let running = Running::start(Some(Arc::new(Echo(report))));
    let mut clients = Vec::new();
    // A binding request and an allocate request begin with 0, an indication with 0 too, a success with 1.
    for message in [[0, 1, 0, 0], [0, 3, 0, 8], [1, 1, 0, 0]] {
        let mut client = running.connect().await;
        client.write_all(&message).await.unwrap();
        let mut back = [0; 4];
        client.read_exact(&mut back).await.unwrap();
        assert_eq!(back, message);
        let (peer, whole) = reports.recv().await.unwrap();
        assert_eq!(peer, client.get_ref().0.local_addr().unwrap());
        assert_eq!(whole, message);
        clients.push(client);
    }
    assert_eq!(running.connections.count(), (0, 0));

    let mut client = running.connect().await;
    let asked = b"GET / HTTP/1.0\r\nhost: localhost\r\n\r\n";
    client.write_all(asked).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("page"), "{answer}");

    // A drain ends what the relay serves.
    running.stop.send_replace(true);
    running.task.await.unwrap();
    for mut client in clients {
        let _ = client.read(&mut [0]).await;
    }
}

#[tokio::test]
async fn without_a_relay_such_a_connection_is_closed() {
    let running = Running::start(None);
    let mut client = running.connect().await;
    client.write_all(&[0, 1, 0, 0]).await.unwrap();
    let read = client.read(&mut [0]).await;
    assert!(read.is_err() || read.is_ok_and(|bytes| bytes == 0));
}

#[tokio::test]
async fn an_acme_server_sees_a_challenge_while_it_runs_and_no_byte_more() {
    let running = Running::start(None);
    assert!(running.offer(&[ACME_TLS]).await.is_err());

    let name = "localhost".to_owned();
    running
        .store
        .begin_challenge(name, Arc::clone(&running.key));
    let mut client = running.offer(&[ACME_TLS]).await.unwrap();
    assert_eq!(client.get_ref().1.alpn_protocol(), Some(ACME_TLS));
    let _ = client.write_all(b"GET / HTTP/1.0\r\n\r\n").await;
    let read = client.read(&mut [0]).await;
    assert!(read.is_err() || read.is_ok_and(|bytes| bytes == 0));
    // A client that offers HTTP as well is a browser, and gets the page.
    let client = running.offer(&[ACME_TLS, HTTP2]).await.unwrap();
    assert_eq!(client.get_ref().1.alpn_protocol(), Some(HTTP2));

    running.store.end_challenges();
    assert!(running.offer(&[ACME_TLS]).await.is_err());
}
