//! The relays (TURN) that a participant is told of: the one in this process, and others that the settings name.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
    time::{Duration, SystemTime},
};

use plenary_conference::CHECK_TOKEN_LIFE;
use plenary_ids::PersonId;
use plenary_media::{Media, TurnCredentials, TurnSecret};
use plenary_protocol::IceServer;

use crate::rate::Origin;

/// How long credentials hold: a day of a conference. An allocation that was made in time outlives them.
const CREDENTIALS_LIFETIME: Duration = Duration::from_hours(12);
/// The same for whoever has the check link: as long as the token that comes with them.
const GUEST_CREDENTIALS_LIFETIME: Duration = Duration::from_millis(CHECK_TOKEN_LIFE.0);

/// For whom credentials of the relays are made.
#[derive(Debug, Clone, Copy)]
pub enum RelayUser<'a> {
    /// A participant or a watcher.
    Participant(&'a PersonId),
    /// Somebody who uses the check link from that address.
    Guest(Origin),
}

/// `turn`: the relays.
#[derive(Clone, PartialEq, Eq)]
pub struct Relays {
    /// `turn.enabled`: whether this process relays.
    pub enabled: bool,
    /// `turn.external`: the URLs of other relays.
    pub external: Vec<RelayUrl>,
    /// `turn.secret`: the secret by which those know the participants. Never shown.
    pub secret: String,
}

impl Default for Relays {
    fn default() -> Self {
        Self {
            enabled: true,
            external: Vec::new(),
            secret: String::new(),
        }
    }
}

impl fmt::Debug for Relays {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = out.debug_struct("Relays");
        shown.field("enabled", &self.enabled);
        shown.field("external", &self.external);
        shown.finish_non_exhaustive()
    }
}

/// The URL of a relay (RFC 7065), such as `turn:turn.example.org:3478?transport=udp`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayUrl(String);

impl FromStr for RelayUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text
            .strip_prefix("turn:")
            .or_else(|| text.strip_prefix("turns:"));
        let is_url = rest.is_some_and(|rest| {
            let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '/' | '#' | '@' | '"');
            !rest.is_empty() && !rest.starts_with('?') && rest.chars().all(plain)
        });
        if is_url {
            Ok(Self(text.to_owned()))
        } else {
            Err("it is a URL such as \"turn:turn.example.org:3478?transport=tcp\"")
        }
    }
}

/// Why the relays cannot be used as they are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RelaysError {
    /// Browsers would be given passwords that the other relay refuses.
    #[error(
        "turn.external is set without turn.secret, so the relay would refuse every participant: set turn.secret to the same as static-auth-secret of coturn, or remove turn.external"
    )]
    NoSecret,
}

impl Relays {
    /// Whether the settings of the relays go together.
    pub fn check(&self) -> Result<(), RelaysError> {
        if !self.external.is_empty() && self.secret.is_empty() {
            return Err(RelaysError::NoSecret);
        }
        Ok(())
    }

    /// What a browser is told: for each relay its URLs and the user's credentials. `tls` is the URL of the relay on the
    /// https address, if there is one.
    pub fn ice_servers(
        &self,
        media: &Media,
        tls: Option<&str>,
        user: RelayUser<'_>,
    ) -> Vec<IceServer> {
        let own = match user {
            RelayUser::Participant(id) => media.relay_credentials(id, CREDENTIALS_LIFETIME),
            RelayUser::Guest(origin) => {
                media.relay_guest_credentials(origin.network(), GUEST_CREDENTIALS_LIFETIME)
            }
        };
        let mut servers = Vec::new();
        if let Some(credentials) = own {
            let mut urls = own_urls(media.candidates());
            urls.extend(tls.map(ToOwned::to_owned));
            servers.push(ice_server(urls, credentials));
        }
        if !self.external.is_empty() {
            let secret = TurnSecret::new(&self.secret);
            let now = SystemTime::now();
            let credentials = match user {
                RelayUser::Participant(id) => {
                    secret.credentials(id.as_str(), now, CREDENTIALS_LIFETIME)
                }
                RelayUser::Guest(origin) => {
                    secret.guest_credentials(origin.network(), now, GUEST_CREDENTIALS_LIFETIME)
                }
            };
            let urls = self.external.iter().map(|url| url.0.clone()).collect();
            servers.push(ice_server(urls, credentials));
        }
        servers
    }
}

/// The URL of the relay on the https address of a server with that public URL; none if that is not https.
pub fn url_over_tls(public_url: &str) -> Option<String> {
    let authority = public_url.strip_prefix("https://")?.split('/').next()?;
    // An address of IPv6 ends with a bracket.
    let names_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, it)| !it.contains(']'));
    let port = if names_port { "" } else { ":443" };
    Some(format!("turns:{authority}{port}?transport=tcp"))
}

/// The URLs of the relay in this process: the first address of each family that others can reach, by TCP. More would only
/// make the browser slower. By UDP it answers too, and is not named: whom UDP reaches needs no relay, and Chromium takes
/// whatever comes from the address of a relay by UDP for the relay's, so that the media port itself would be lost to it.
fn own_urls(candidates: &[SocketAddr]) -> Vec<String> {
    let reachable = |address: &&SocketAddr| !address.ip().is_loopback();
    let first = |is_v4: bool| {
        let of_family = candidates.iter().filter(|it| it.is_ipv4() == is_v4);
        of_family
            .clone()
            .find(reachable)
            .or(of_family.clone().next())
    };
    let (v4, v6) = (first(true), first(false));
    // Loopback only where there is nothing else.
    let both = [v4, v6].into_iter().flatten();
    let any_reachable = both.clone().any(|it| reachable(&it));
    both.filter(|it| !any_reachable || reachable(it))
        .map(|address| {
            let port = address.port();
            let host = match address.ip() {
                IpAddr::V4(v4) => v4.to_string(),
                IpAddr::V6(v6) => format!("[{v6}]"),
            };
            format!("turn:{host}:{port}?transport=tcp")
        })
        .collect()
}

fn ice_server(urls: Vec<String>, credentials: TurnCredentials) -> IceServer {
    IceServer {
        urls,
        username: credentials.username,
        credential: credentials.password,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(candidates: &[&str]) -> Vec<String> {
        let read: Vec<SocketAddr> = candidates.iter().map(|it| it.parse().unwrap()).collect();
        own_urls(&read)
    }

    #[test]
    fn the_relay_is_named_by_the_first_address_of_each_family_that_others_reach() {
        let all = [
            "192.0.2.1:8081",
            "192.0.2.2:8081",
            "[2001:db8::1]:8081",
            "127.0.0.1:8081",
        ];
        assert_eq!(
            urls(&all),
            [
                "turn:192.0.2.1:8081?transport=tcp",
                "turn:[2001:db8::1]:8081?transport=tcp",
            ]
        );
        assert_eq!(urls(&["192.0.2.1:1", "[::1]:1"]).len(), 1);
        assert_eq!(urls(&["127.0.0.1:1"]), ["turn:127.0.0.1:1?transport=tcp"]);
        assert!(urls(&[]).is_empty());
    }

    #[test]
    fn the_relay_over_tls_is_where_the_pages_are() {
        for (pages, relay) in [
            (
                "https://a.example",
                Some("turns:a.example:443?transport=tcp"),
            ),
            (
                "https://a.example:8443/p",
                Some("turns:a.example:8443?transport=tcp"),
            ),
            ("https://[::1]", Some("turns:[::1]:443?transport=tcp")),
            ("http://a.example", None),
        ] {
            assert_eq!(url_over_tls(pages).as_deref(), relay, "{pages}");
        }
    }

    #[test]
    fn a_relay_has_a_url_of_its_own_kind() {
        for good in [
            "turn:turn.example.org",
            "turns:turn.example.org:443?transport=tcp",
            "turn:[2001:db8::1]:3478",
        ] {
            assert!(good.parse::<RelayUrl>().is_ok(), "{good}");
        }
        for bad in ["", "turn:", "stun:a", "https://a", "turn:a b", "turn://a"] {
            assert!(bad.parse::<RelayUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn another_relay_needs_a_secret_and_without_one_the_error_says_what_to_set() {
        let mut relays = Relays::default();
        assert_eq!(relays.check(), Ok(()));
        relays.external = vec!["turn:turn.example.org".parse().unwrap()];
        let refused = relays.check().unwrap_err().to_string();
        assert!(refused.contains("turn.external is set without turn.secret"));
        relays.secret = "north".to_owned();
        assert_eq!(relays.check(), Ok(()));
    }

    #[test]
    fn the_secret_is_not_shown() {
        let relays = Relays {
            secret: "north".to_owned(),
            ..Relays::default()
        };
        assert!(!format!("{relays:?}").contains("north"));
    }
}
