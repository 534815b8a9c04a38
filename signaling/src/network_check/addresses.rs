//! The addresses on which the server listens, and those to which browsers send.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket},
    time::Duration,
};

use plenary_transport::{mapped, udp::local_addresses};
use tokio::time::timeout;

use super::Finding;
use crate::settings::Settings;

/// A question over UDP may be lost, and its answer too.
const STUN_ATTEMPTS: usize = 3;
const STUN_TIMEOUT: Duration = Duration::from_millis(700);
const MAX_STUN_BYTES: usize = 1500;

/// Whether the server could listen on its addresses now.
pub fn listening(settings: &Settings) -> Vec<Finding> {
    let tcp = |address| TcpListener::bind(address).map(drop);
    let udp = |address| UdpSocket::bind(address).map(drop);
    let https = settings.https;
    let https = https.map(|it| ("listen.https", "TCP", it, tcp(it)));
    let all = [
        Some(("listen.http", "TCP", settings.http, tcp(settings.http))),
        https,
        Some(("listen.media", "UDP", settings.media, udp(settings.media))),
        Some(("listen.media", "TCP", settings.media, tcp(settings.media))),
        Some(("listen.ops", "TCP", settings.ops, tcp(settings.ops))),
    ];
    let is_running = plenary_journal::is_in_use(&settings.data);
    all.into_iter()
        .flatten()
        .map(|(setting, protocol, address, bound)| {
            of_bind(setting, protocol, address, bound, is_running)
        })
        .collect()
}

fn of_bind(
    setting: &str,
    protocol: &str,
    address: SocketAddr,
    bound: io::Result<()>,
    is_running: bool,
) -> Finding {
    let what = format!("{setting} {address} ({protocol})");
    let Err(error) = bound else {
        return Finding::good(format!("{what} is free"));
    };
    match error.kind() {
        io::ErrorKind::AddrInUse if is_running => Finding::good(format!(
            "{what} is in use, and a Plenary runs on this data folder"
        )),
        io::ErrorKind::AddrInUse => Finding::warning(
            format!("{what} is in use"),
            "Nothing is to be done if that is the running Plenary; otherwise stop the other program or choose another port.",
        ),
        io::ErrorKind::PermissionDenied => Finding::fault(
            format!("{what} is not allowed for this user"),
            "Ports below 1024 need CAP_NET_BIND_SERVICE, which the service of the package has.",
        ),
        io::ErrorKind::AddrNotAvailable => Finding::fault(
            format!("{what} is no address of this machine"),
            "Listen on 0.0.0.0 or [::], and name the address that others see in [public] addresses.",
        ),
        _ => Finding::fault(format!("{what} cannot be used: {error}"), "See the error."),
    }
}

/// Whether one of the addresses in the answers to browsers can be reached from elsewhere.
pub fn reachable(settings: &Settings) -> Vec<Finding> {
    let addresses = offered(settings);
    let port = settings.media.port();
    let listed: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let listed = listed.join(", ");
    let to_name = "Set [public] addresses to the address that others see, and have the NAT pass the media port on.";
    let mut findings = Vec::new();
    findings.push(if addresses.iter().any(|it| is_public(*it)) {
        Finding::good(format!("browsers send media to port {port} of {listed}"))
    } else if addresses.iter().any(|it| !it.is_loopback()) {
        Finding::warning(
            format!("browsers send media to port {port} of {listed}, which only a private network reaches"),
            to_name,
        )
    } else {
        Finding::fault(
            format!("browsers send media to {listed}, which only this machine reaches"),
            to_name,
        )
    });
    if port == 0 {
        findings.push(Finding::warning(
            "listen.media has port 0: each start picks another port",
            "Set a port, so that firewalls can be opened for it.",
        ));
    }
    if !addresses.iter().any(|it| it.is_ipv4() && !it.is_loopback()) {
        findings.push(Finding::warning(
            "there is no address of IPv4",
            "Most cities have IPv4 only.",
        ));
    }
    findings
}

/// The addresses that answers name.
fn offered(settings: &Settings) -> Vec<IpAddr> {
    let listen = settings.media.ip();
    if !settings.addresses.is_empty() {
        settings.addresses.clone()
    } else if listen.is_unspecified() {
        let mut all = local_addresses();
        all.retain(|it| it.is_ipv4() || listen.is_ipv6());
        all
    } else {
        vec![listen]
    }
}

/// Whether the whole network may know a way to an address. The blocks are those of RFC 6890 that machines have in practice.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !is_local_v4(v4),
        IpAddr::V6(v6) => !is_local_v6(v6),
    }
}

fn is_local_v4(address: Ipv4Addr) -> bool {
    let shared = matches!(address.octets(), [100, 64..=127, ..]);
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_documentation()
        || shared
}

fn is_local_v6(address: Ipv6Addr) -> bool {
    address.is_loopback()
        || address.is_unspecified()
        || address.is_unicast_link_local()
        || address.is_unique_local()
}

/// Asks a STUN server how the world sees this machine.
pub async fn seen_by(server: &str, settings: &Settings) -> Finding {
    match ask(server).await {
        Ok(seen) if offered(settings).contains(&seen) => Finding::good(format!(
            "{server} sees this machine as {seen}, which is among its addresses"
        )),
        Ok(seen) => Finding::warning(
            format!(
                "{server} sees this machine as {seen}, which is not among its addresses: there is a NAT"
            ),
            format!(
                "Set [public] addresses = [\"{seen}\"], and have the NAT pass the media port on."
            ),
        ),
        Err(error) => Finding::warning(
            format!("{server} does not say how it sees this machine: {error}"),
            "Check the name and the port, and whether UDP leaves this network.",
        ),
    }
}

async fn ask(server: &str) -> io::Result<IpAddr> {
    let server = tokio::net::lookup_host(server).await?.next();
    let server = server.ok_or(io::ErrorKind::NotFound)?;
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = tokio::net::UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    let question = mapped::Question::new();
    for _ in 0..STUN_ATTEMPTS {
        socket.send(question.datagram()).await?;
        let mut answer = [0; MAX_STUN_BYTES];
        let Ok(received) = timeout(STUN_TIMEOUT, socket.recv(&mut answer)).await else {
            continue;
        };
        let answer = answer.get(..received?).unwrap_or_default();
        if let Some(seen) = question.answered(answer) {
            return Ok(seen.ip());
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network_check::Level;

    fn settings(addresses: &[&str]) -> Settings {
        Settings {
            addresses: addresses.iter().map(|it| it.parse().unwrap()).collect(),
            ..Settings::default()
        }
    }

    fn levels(addresses: &[&str]) -> Vec<Level> {
        let findings = reachable(&settings(addresses));
        findings.iter().map(|it| it.level).collect()
    }

    #[test]
    fn an_address_is_good_warned_of_or_a_fault_by_who_reaches_it() {
        assert_eq!(levels(&["8.8.8.8"]), [Level::Good]);
        assert_eq!(levels(&["10.0.0.7"]), [Level::Warning]);
        assert_eq!(levels(&["100.64.1.1", "8.8.8.8"]), [Level::Good]);
        assert_eq!(levels(&["127.0.0.1"]), [Level::Fault, Level::Warning]);
        assert_eq!(levels(&["2001:4860::1"]), [Level::Good, Level::Warning]);
        assert_eq!(levels(&["fd00::1"]), [Level::Warning, Level::Warning]);
    }

    #[test]
    fn an_address_that_another_program_uses_is_said() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let data = tempfile::tempdir().unwrap();
        let settings = Settings {
            http: "127.0.0.1:0".parse().unwrap(),
            https: Some(taken.local_addr().unwrap()),
            media: "127.0.0.1:0".parse().unwrap(),
            ops: "192.0.2.1:80".parse().unwrap(),
            data: data.path().to_owned(),
            ..Settings::default()
        };
        let levels = |findings: &[Finding]| findings.iter().map(|it| it.level).collect::<Vec<_>>();
        let (good, warning, fault) = (Level::Good, Level::Warning, Level::Fault);
        let findings = listening(&settings);
        assert_eq!(levels(&findings), [good, warning, good, good, fault]);
        assert!(findings[1].text.contains("listen.https"), "{findings:?}");

        let lock = std::fs::File::create(data.path().join("journal.lock")).unwrap();
        assert_eq!(listening(&settings)[1].level, warning, "nobody holds it");
        lock.lock().unwrap();
        let held = &listening(&settings)[1];
        assert_eq!(held.level, good, "the running server has it: {held:?}");
    }

    #[tokio::test]
    async fn a_stun_server_says_whether_there_is_a_nat() {
        let server = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let name = server.local_addr().unwrap().to_string();
        let answering = tokio::spawn(async move {
            for seen in ["127.0.0.1:4000", "198.51.100.9:4000"] {
                let mut question = [0; 100];
                let (length, from) = server.recv_from(&mut question).await.unwrap();
                let seen = seen.parse().unwrap();
                let answer = mapped::answer(&question[..length], seen).unwrap();
                server.send_to(&answer, from).await.unwrap();
            }
        });
        let settings = settings(&["127.0.0.1"]);
        assert_eq!(seen_by(&name, &settings).await.level, Level::Good);
        let behind = seen_by(&name, &settings).await;
        assert_eq!(behind.level, Level::Warning);
        assert!(behind.advice.unwrap().contains("198.51.100.9"));
        answering.await.unwrap();
    }
}
