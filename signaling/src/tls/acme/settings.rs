//! The section `[acme]` of the settings.

use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr};

use hyper::Uri;

/// The directory of Let's Encrypt.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// The longest name and the longest part of it between dots (RFC 1035, section 2.3.4).
const MAX_NAME_BYTES: usize = 253;
const MAX_LABEL_BYTES: usize = 63;

/// The section `[acme]` of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AcmeSettings {
    /// `acme.domains`: the names of the certificate. Empty: ACME is off.
    pub domains: Vec<Domain>,
    /// `acme.email`: where the authority may write to.
    pub email: Option<Email>,
    /// `acme.directory`: where the ACME server begins.
    pub directory: DirectoryUrl,
    /// `acme.ca`: PEM with the authorities by which the ACME server itself is known, in place of the system's.
    pub ca: Option<PathBuf>,
}

impl AcmeSettings {
    /// Whether the certificate comes from an ACME server.
    pub fn is_on(&self) -> bool {
        !self.domains.is_empty()
    }

    /// A key that is set and means nothing, because ACME is off.
    pub fn key_without_domains(&self) -> Option<&'static str> {
        match self {
            _ if self.is_on() => None,
            Self { email: Some(_), .. } => Some("acme.email"),
            Self { ca: Some(_), .. } => Some("acme.ca"),
            _ if self.directory != DirectoryUrl::default() => Some("acme.directory"),
            _ => None,
        }
    }
}

/// The name of a host, in lower case, as a certificate has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for Domain {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.to_ascii_lowercase();
        if name.contains('*') {
            return Err("a wildcard cannot be proved by TLS-ALPN-01; name each host");
        }
        if name.parse::<IpAddr>().is_ok() {
            return Err("it is an address, and certificates are issued for names");
        }
        if !name.is_ascii() {
            return Err("write it as DNS has it, beginning with xn--");
        }
        let is_label = |label: &str| {
            let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '-';
            (1..=MAX_LABEL_BYTES).contains(&label.len())
                && label.chars().all(is_inside)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if name.len() > MAX_NAME_BYTES || !name.split('.').all(is_label) {
            return Err("it is the name of a host alone, such as plenary.example.org");
        }
        Ok(Self(name))
    }
}

/// An address of mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// As an ACME account has it (RFC 8555, section 7.3).
    pub fn url(&self) -> String {
        format!("mailto:{}", self.0)
    }
}

impl FromStr for Email {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // RFC 8555, section 7.3 allows neither several addresses nor header fields.
        let is_foreign = |c: char| c.is_whitespace() || c.is_control() || ",?".contains(c);
        match text.split_once('@') {
            Some((name, host))
                if !name.is_empty() && !host.is_empty() && !text.contains(is_foreign) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err("it is one address, such as operators@example.org"),
        }
    }
}

/// The address of an ACME server's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryUrl(String);

impl DirectoryUrl {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for DirectoryUrl {
    fn default() -> Self {
        Self(LETS_ENCRYPT.to_owned())
    }
}

impl fmt::Display for DirectoryUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for DirectoryUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url: Option<Uri> = text.parse().ok();
        // RFC 8555, section 6.1: HTTPS and nothing else.
        let is_https = url.is_some_and(|url| url.scheme_str() == Some("https"));
        if is_https {
            Ok(Self(text.to_owned()))
        } else {
            Err("it is the https:// address of an ACME server's directory")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_the_name_of_one_host() {
        let domain: Domain = "Plenary.Example.org".parse().unwrap();
        assert_eq!(domain.as_str(), "plenary.example.org");
        for (wrong, why) in [
            ("*.example.org", "wildcard"),
            ("192.0.2.1", "address"),
            ("2001:db8::1", "address"),
            ("會議.tw", "xn--"),
            ("https://example.org", "of a host alone"),
            ("example.org:443", "of a host alone"),
            ("example..org", "of a host alone"),
            ("-a.example.org", "of a host alone"),
            ("", "of a host alone"),
        ] {
            let said = wrong.parse::<Domain>().unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }

    #[test]
    fn an_email_is_one_address_and_a_directory_is_reached_by_https() {
        let email: Email = "operators@example.org".parse().unwrap();
        assert_eq!(email.url(), "mailto:operators@example.org");
        for wrong in ["operators", "@example.org", "a@b.org,c@d.org", "a@b?cc=x"] {
            assert!(wrong.parse::<Email>().is_err(), "{wrong}");
        }
        assert!(
            "https://localhost:14000/dir"
                .parse::<DirectoryUrl>()
                .is_ok()
        );
        for wrong in [
            "",
            "http://ca.example.org/dir",
            "ca.example.org",
            "https://",
        ] {
            assert!(wrong.parse::<DirectoryUrl>().is_err(), "{wrong}");
        }
    }
}
