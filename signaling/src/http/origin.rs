//! Whence a request comes: the address at the other end of its connection, or, where that is a proxy of ours, the one
//! that the proxy names.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};

use crate::{listener::Peer, rate::Origin, state::App};

impl FromRequestParts<Arc<App>> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
        // The listener says who is there; without one, all are alike.
        let peer = peer.unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0))).ip();
        Ok(address(peer, &parts.headers, &app.proxies).into())
    }
}

/// The address that the last proxy of ours was asked from. What stands further left in `X-Forwarded-For` was said by the
/// caller, who may say anything.
fn address(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let lines = headers.get_all("x-forwarded-for").iter();
    let words = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    let said: Vec<&str> = words.collect();
    let mut way = said.into_iter().rev().map_while(|word| read(word.trim()));
    let mut last = peer;
    while proxies.contains(&last.to_canonical())
        && let Some(before) = way.next()
    {
        last = before;
    }
    last
}

/// Some proxies name the port as well.
fn read(word: &str) -> Option<IpAddr> {
    let with_port = || word.parse().ok().map(|it: SocketAddr| it.ip());
    word.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn from(peer: &str, lines: &[&str]) -> IpAddr {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        address(ip(peer), &headers, &[ip("127.0.0.1"), ip("10.0.0.7")])
    }

    #[test]
    fn a_stranger_is_where_the_connection_comes_from_whatever_is_said() {
        assert_eq!(from("192.0.2.1", &[]), ip("192.0.2.1"));
        assert_eq!(from("192.0.2.1", &["198.51.100.9"]), ip("192.0.2.1"));
    }

    #[test]
    fn a_proxy_of_ours_says_who_asked_it_and_what_it_was_told_itself_is_not_believed() {
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
    fn a_proxy_that_says_nothing_that_can_be_read_stands_for_all_behind_it() {
        assert_eq!(from("127.0.0.1", &[]), ip("127.0.0.1"));
        assert_eq!(from("127.0.0.1", &["unknown"]), ip("127.0.0.1"));
    }
}
