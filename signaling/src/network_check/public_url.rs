//! The address to which invitations point: whether its name leads anywhere, and somebody answers.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

use super::Finding;
use crate::settings::Settings;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Looks at `public.url`, and connects to it once.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    let Some(url) = &settings.url else {
        return vec![Finding::warning(
            "public.url is not set: invitations point to the address of listen.http",
            "Set it to the address at which people reach the pages.",
        )];
    };
    let Some((host, port, secure)) = parts(url) else {
        return vec![Finding::fault(
            format!("public.url {url} names no host"),
            "Write it like https://plenary.example.org",
        )];
    };
    let mut findings = Vec::new();
    if !secure {
        findings.push(Finding::warning(
            format!("public.url {url} is not https"),
            "Browsers give camera and microphone to pages from https only, or from their own machine.",
        ));
    }
    findings.push(match lookup_host((host.as_str(), port)).await {
        Ok(found) => connects(&host, found.collect()).await,
        Err(error) => Finding::fault(
            format!("the name {host} of public.url is not known: {error}"),
            "Have its A or AAAA record point to this machine.",
        ),
    });
    findings
}

async fn connects(host: &str, addresses: Vec<SocketAddr>) -> Finding {
    let listed: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let listed = listed.join(", ");
    match timeout(CONNECT_TIMEOUT, TcpStream::connect(addresses.as_slice())).await {
        Ok(Ok(_)) => Finding::good(format!("{host} is {listed}, and somebody answers there")),
        Ok(Err(error)) => Finding::warning(
            format!("{host} is {listed}, where nobody answers: {error}"),
            "Start the server or the proxy in front, or open the firewall.",
        ),
        Err(_) => Finding::warning(
            format!("{host} is {listed}, from where no answer comes"),
            "Open the firewall. Some NATs do not let a machine reach itself by its outer address: try from elsewhere.",
        ),
    }
}

/// Host, port, and whether it is https.
pub(super) fn parts(url: &str) -> Option<(String, u16, bool)> {
    let (scheme, rest) = url.split_once("://")?;
    let secure = scheme.eq_ignore_ascii_case("https");
    let authority = rest.split(['/', '?', '#']).next()?;
    let usual = if secure { 443 } else { 80 };
    let (host, port) = match authority.rsplit_once(':') {
        // An address of IPv6 ends with a bracket.
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
        _ => (authority, usual),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (!host.is_empty()).then(|| (host.to_owned(), port, secure))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network_check::Level;

    fn settings(url: &str) -> Settings {
        Settings {
            url: Some(url.to_owned()),
            ..Settings::default()
        }
    }

    #[test]
    fn a_url_is_taken_apart() {
        let of = |url| parts(url).unwrap();
        assert_eq!(of("https://a.example/p"), ("a.example".into(), 443, true));
        assert_eq!(of("http://a.example:81"), ("a.example".into(), 81, false));
        assert_eq!(of("https://[::1]:8443/"), ("::1".into(), 8443, true));
        assert_eq!(of("https://[::1]"), ("::1".into(), 443, true));
        assert_eq!(parts("https:///"), None);
        assert_eq!(parts("https://a:port"), None);
    }

    #[tokio::test]
    async fn a_url_at_which_nobody_answers_is_warned_of() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let levels = |found: Vec<Finding>| found.iter().map(|it| it.level).collect::<Vec<_>>();
        assert_eq!(levels(check(&settings(&url)).await), [Level::Good]);
        drop(listener);
        assert_eq!(levels(check(&settings(&url)).await), [Level::Warning]);
        let plain = url.replace("https", "http");
        let found = levels(check(&settings(&plain)).await);
        assert_eq!(found, [Level::Warning, Level::Warning]);
    }
}
