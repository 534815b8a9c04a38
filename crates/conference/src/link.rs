//! The secret of an invitation within what is left of a link, once mail programs and people have handed it on.

use plenary_text::hidden;

/// A secret begins with a JSON object in Base64 (RFC 7515, section 3.1).
const BEGINNING: &str = "eyJ";

/// The characters of an Ed25519 signature, 64 bytes, in Base64 (RFC 8037, section 3.1). What follows them is no part.
const SIGNATURE_CHARS: usize = 86;

/// How often a text may have been percent-encoded: by the program that sends it, and by one that rewrites links.
const MAX_ENCODINGS: usize = 3;

/// The secret in a text: in the whole link, in what stands behind `#i=`, with brackets, quotes, a full stop or another
/// word around it, percent-encoded, or broken into lines. A text without one stays as it is, and is refused as it is.
pub(crate) fn secret_in(text: &str) -> String {
    let mut decoded = text.to_owned();
    for _ in 0..MAX_ENCODINGS {
        if decoded.contains('%') {
            decoded = percent_decoded(&decoded);
        }
    }
    // A mail in quoted-printable ends a broken line with an equals sign (RFC 2045, section 6.7).
    let lines = decoded.replace("=\r\n", "").replace("=\n", "");
    let is_joiner = |c: char| matches!(c, '\u{200c}' | '\u{200d}');
    // A mail that quotes another begins each of its lines with this.
    let is_quoting = |c: char| c == '>';
    let seen =
        |c: &char| !c.is_whitespace() && hidden(*c).is_none() && !is_joiner(*c) && !is_quoting(*c);
    let seen: String = lines.chars().filter(seen).collect();
    // What a program that rewrites links puts before one may begin in the same way.
    let mut found = seen.match_indices(BEGINNING).map(|(start, _)| start);
    found
        .find_map(|start| signed(seen.get(start..)?))
        .unwrap_or_else(|| text.to_owned())
}

/// The three parts that a text begins with, without what stands behind them.
fn signed(text: &str) -> Option<String> {
    let mut parts = text.splitn(3, '.');
    let (head, claims, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !head.chars().chain(claims.chars()).all(is_part) {
        return None;
    }
    let signature: String = rest
        .chars()
        .take_while(|c| is_part(*c))
        .take(SIGNATURE_CHARS)
        .collect();
    (signature.len() == SIGNATURE_CHARS).then(|| format!("{head}.{claims}.{signature}"))
}

/// A text with its percent-encoded octets decoded (RFC 3986, section 2.1). What decodes to no UTF-8 is no part of a secret.
fn percent_decoded(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let encoded = after.split_at_checked(2).filter(|_| *first == b'%');
        let decoded = encoded.and_then(|(digits, after)| {
            let [high, low] = digits else { return None };
            let digit = |octet: u8| char::from(octet).to_digit(16);
            let value = digit(*high)? * 16 + digit(*low)?;
            Some((u8::try_from(value).ok()?, after))
        });
        let (octet, after) = decoded.unwrap_or((*first, after));
        octets.push(octet);
        rest = after;
    }
    String::from_utf8_lossy(&octets).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The cases that the page reads too.
    const LINKS: &str = include_str!("../tests/links.json");

    #[test]
    fn a_secret_is_found_whatever_mail_and_people_put_around_it() {
        let links: serde_json::Value = serde_json::from_str(LINKS).unwrap();
        let secret = links["secret"].as_str().unwrap();
        let cases = links["fragments"].as_array().unwrap();
        for case in cases {
            let fragment = case.as_str().unwrap();
            assert_eq!(secret_in(fragment), secret, "{fragment:?}");
        }
        assert_eq!(
            secret_in(&format!("https://plenary.example/#i={secret}.")),
            secret
        );
        assert_eq!(secret_in(secret), secret);
    }

    #[test]
    fn a_text_without_a_secret_stays_as_it_is() {
        for text in ["", "nobody", "eyJ", "eyJ.a", "a.b.c"] {
            assert_eq!(secret_in(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange_to_look_for_a_secret_in(text in any::<String>()) {
            secret_in(&text);
        }
    }
}
