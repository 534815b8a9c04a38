//! The proxies in front of the server: their addresses, and the header in which they name the client.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// The proxies whose word counts for the address of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxies {
    /// `listen.proxies`: the networks in which they are.
    pub networks: Vec<Network>,
    /// `listen.proxy_header`: where they name the client. The other header is the client's own, who may write anything.
    pub header: ProxyHeader,
}

impl Proxies {
    /// Whether an address is that of a proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|it| it.contains(address))
    }
}

impl Default for Proxies {
    /// A proxy on the same machine.
    fn default() -> Self {
        let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        Self {
            networks: loopback.map(Network::from).into(),
            header: ProxyHeader::XForwardedFor,
        }
    }
}

/// The header in which a proxy names the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`, which is written by most.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl FromStr for ProxyHeader {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.to_ascii_lowercase().as_str() {
            "x-forwarded-for" => Ok(Self::XForwardedFor),
            "forwarded" => Ok(Self::Forwarded),
            _ => Err("the headers are \"x-forwarded-for\" and \"forwarded\""),
        }
    }
}

/// An IP network, or a single address (RFC 4632, section 3.1; RFC 4291, section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// Whether an address is in it. An IPv4 address is one in either spelling.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differ = network.to_bits() ^ address.to_bits();
                differ.leading_zeros() >= self.prefix
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differ = network.to_bits() ^ address.to_bits();
                differ.leading_zeros() >= self.prefix
            }
            _ => false,
        }
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let prefix = if address.is_ipv4() { 32 } else { 128 };
        Self { address, prefix }
    }
}

impl FromStr for Network {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (address, prefix) = text
            .split_once('/')
            .map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|error| format!("{error}"))?;
        let whole = Self::from(address);
        let Some(prefix) = prefix else {
            return Ok(whole);
        };
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let wrong = || format!("the length of a prefix here is a number from 0 to {longest}");
        let prefix: u32 = prefix.parse().map_err(|_| wrong())?;
        if prefix > longest {
            return Err(wrong());
        }
        // A network of IPv4 addresses in the spelling of IPv6 is one of IPv4.
        let prefix = prefix.checked_sub(longest - whole.prefix);
        prefix
            .map(|prefix| Self { prefix, ..whole })
            .ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(network: &str, address: &str) -> bool {
        let network: Network = network.parse().unwrap();
        network.contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_holds_the_addresses_that_begin_as_it_does() {
        assert!(holds("10.1.2.3", "10.1.2.3") && !holds("10.1.2.3", "10.1.2.4"));
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(
            holds("10.1.2.3/8", "10.9.9.9"),
            "the rest of it says nothing"
        );
        assert!(holds("0.0.0.0/0", "192.0.2.1") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "fe80::1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.0.0.1"));
        assert!(holds("::ffff:10.0.0.0/104", "10.0.0.1"));
        assert!(!holds("::ffff:10.0.0.0/104", "11.0.0.1"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0.0/",
            "10.0/8",
            "fd00::/129",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        assert!("::ffff:10.0.0.0/8".parse::<Network>().is_err());
    }
}
