//! The SHA-256 fingerprint of a certificate, as SDP carries it (RFC 8122, section 5).

use std::fmt;
use std::str::FromStr;

/// A certificate's SHA-256 fingerprint, written `AB:CD:…` with 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

/// The text is not 32 hexadecimal bytes separated by colons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sha-256 fingerprint is 32 hexadecimal bytes separated by colons")]
pub struct NotAFingerprint;

impl Fingerprint {
    /// The fingerprint of a certificate in DER.
    pub fn of(der: &[u8]) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, der);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    fn from_str(text: &str) -> Result<Self, NotAFingerprint> {
        let mut bytes = [0; 32];
        let mut parts = text.trim().split(':');
        for byte in &mut bytes {
            let part = parts.next().filter(|part| part.len() == 2);
            *byte = u8::from_str_radix(part.ok_or(NotAFingerprint)?, 16)
                .map_err(|_| NotAFingerprint)?;
        }
        match parts.next() {
            None => Ok(Self(bytes)),
            Some(_) => Err(NotAFingerprint),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_survives_being_written_and_read() {
        let fingerprint = Fingerprint::of(b"certificate");
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        assert_eq!(
            fingerprint.to_string().to_lowercase().parse(),
            Ok(fingerprint)
        );
    }

    #[test]
    fn a_fingerprint_that_is_too_short_or_too_long_is_refused() {
        let text = Fingerprint::of(b"certificate").to_string();
        assert_eq!(
            format!("{text}:00").parse::<Fingerprint>(),
            Err(NotAFingerprint)
        );
        assert_eq!(text[3..].parse::<Fingerprint>(), Err(NotAFingerprint));
        assert_eq!("".parse::<Fingerprint>(), Err(NotAFingerprint));
    }
}
