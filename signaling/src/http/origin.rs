//! The origin of a request: the address at the other end of its connection or, if that is one of the trusted proxies,
//! the address that the proxy names.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, header, request::Parts},
};

use crate::{
    proxies::{Proxies, ProxyHeader},
    rate::Origin,
};

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // The listener adds the origin; without a listener, as in tests, all requests have the same one.
        let unspecified = || Self::from(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Ok(parts.extensions.get().copied().unwrap_or_else(unspecified))
    }
}

/// The nearest address that is not a trusted proxy. Entries further left in the header were written by the caller, who
/// may write anything.
pub fn address(peer: IpAddr, headers: &HeaderMap, proxies: &Proxies) -> IpAddr {
    let (name, read): (HeaderName, fn(&str) -> Option<IpAddr>) = match proxies.header {
        ProxyHeader::XForwardedFor => (HeaderName::from_static("x-forwarded-for"), node),
        ProxyHeader::Forwarded => (header::FORWARDED, forwarded),
    };
    // Split at every comma, also at one in quotes: no address has one, and a caller's quote that is left open must not
    // swallow what the proxy says behind it.
    let lines = headers.get_all(name).iter();
    let words = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    let said: Vec<&str> = words.collect();
    let mut way = said.into_iter().rev().map_while(|word| read(word.trim()));
    let mut last = peer;
    while proxies.contains(last)
        && let Some(before) = way.next()
    {
        last = before;
    }
    last
}

/// The client in an element of `Forwarded` (RFC 7239, section 4).
fn forwarded(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    node(value.trim().trim_matches('"'))
}

/// An address as proxies write it; some name the port as well, and of IPv6 some write the brackets alone.
fn node(word: &str) -> Option<IpAddr> {
    let with_port = || word.parse().ok().map(|it: SocketAddr| it.ip());
    let in_brackets = || word.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    word.parse().ok().or_else(with_port).or_else(in_brackets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn from(peer: &str, lines: &[&str]) -> IpAddr {
        from_header(ProxyHeader::XForwardedFor, "x-forwarded-for", peer, lines)
    }

    fn from_header(header: ProxyHeader, name: &'static str, peer: &str, lines: &[&str]) -> IpAddr {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, line.parse().unwrap());
        }
        let networks = ["127.0.0.1", "10.0.0.0/28"];
        let networks = networks.map(|it| it.parse().unwrap()).into();
        address(ip(peer), &headers, &Proxies { networks, header })
    }

    #[test]
    fn an_untrusted_peer_is_the_origin_whatever_the_header_says() {
        assert_eq!(from("192.0.2.1", &[]), ip("192.0.2.1"));
        assert_eq!(from("192.0.2.1", &["198.51.100.9"]), ip("192.0.2.1"));
    }

    #[test]
    fn a_trusted_proxy_names_the_origin_and_entries_further_left_are_ignored() {
        assert_eq!(from("127.0.0.1", &["192.0.2.1"]), ip("192.0.2.1"));
        assert_eq!(from("127.0.0.1", &["1.2.3.4, 192.0.2.1"]), ip("192.0.2.1"));
        assert_eq!(
            from("127.0.0.1", &["1.2.3.4", "192.0.2.1, 10.0.0.7"]),
            ip("192.0.2.1")
        );
        assert_eq!(
            from("127.0.0.1", &["junk, 192.0.2.1:4711"]),
            ip("192.0.2.1")
        );
        assert_eq!(from("::ffff:127.0.0.1", &["192.0.2.1"]), ip("192.0.2.1"));
    }

    #[test]
    fn a_trusted_proxy_without_a_readable_entry_is_the_origin_itself() {
        assert_eq!(from("127.0.0.1", &[]), ip("127.0.0.1"));
        assert_eq!(from("127.0.0.1", &["unknown"]), ip("127.0.0.1"));
    }

    #[test]
    fn a_proxy_that_writes_forwarded_names_the_origin_there_and_nowhere_else() {
        let from =
            |peer, lines: &[&str]| from_header(ProxyHeader::Forwarded, "forwarded", peer, lines);
        assert_eq!(from("192.0.2.1", &["for=198.51.100.9"]), ip("192.0.2.1"));
        assert_eq!(from("127.0.0.1", &["for=192.0.2.1"]), ip("192.0.2.1"));
        let long = "For=\"[2001:db8:cafe::17]:4711\";proto=https;by=10.0.0.7";
        assert_eq!(from("127.0.0.1", &[long]), ip("2001:db8:cafe::17"));
        assert_eq!(
            from("127.0.0.1", &["for=\"[2001:db8::1]\""]),
            ip("2001:db8::1")
        );
        assert_eq!(
            from(
                "127.0.0.1",
                &["for=1.2.3.4, for=192.0.2.1;proto=https", "for=10.0.0.7"]
            ),
            ip("192.0.2.1")
        );
        // What the caller leaves open does not swallow what the proxy adds.
        assert_eq!(
            from("127.0.0.1", &["for=\"1.2.3.4, for=192.0.2.1"]),
            ip("192.0.2.1")
        );
        assert_eq!(from("127.0.0.1", &["for=_hidden"]), ip("127.0.0.1"));
        let other = from_header(
            ProxyHeader::Forwarded,
            "x-forwarded-for",
            "127.0.0.1",
            &["192.0.2.1"],
        );
        assert_eq!(other, ip("127.0.0.1"), "the caller wrote it");
    }
}
