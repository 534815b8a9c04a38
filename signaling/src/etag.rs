//! Entity tags (RFC 9110, section 8.8.3) that have passed a compressing proxy.
//!
//! Such a proxy sends other bytes than we did, so it makes our tag weak (`W/"42"`) or marks it (`"42-gzip"`), and the
//! client gives it back like that. Our tags name a version and no bytes, so they are compared by what we wrote.

use axum::http::{HeaderMap, HeaderName};

/// What proxies add to a tag for the coding that they have applied.
const CODING_MARKS: [&str; 4] = ["-gzip", "-br", "-zstd", "-deflate"];

/// The tags that a request's header lists, over all its lines. One of them may be `*`.
pub fn listed<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

/// What we wrote between the quotes of a tag; none if it is no tag.
pub fn opaque(tag: &str) -> Option<&str> {
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let written = tag.strip_prefix('"')?.strip_suffix('"')?;
    let marked = CODING_MARKS
        .iter()
        .find_map(|mark| written.strip_suffix(mark));
    Some(marked.unwrap_or(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_that_a_compressing_proxy_has_changed_is_still_ours() {
        for tag in [
            "\"42\"",
            "W/\"42\"",
            "\"42-gzip\"",
            "\"42-br\"",
            "W/\"42-zstd\"",
        ] {
            assert_eq!(opaque(tag), Some("42"), "{tag}");
        }
    }

    #[test]
    fn what_is_no_tag_matches_nothing() {
        for tag in ["", "42", "*", "\"", "w/\"42\"", "\"42"] {
            assert_eq!(opaque(tag), None, "{tag}");
        }
    }

    #[test]
    fn several_header_lines_are_one_list() {
        let mut headers = HeaderMap::new();
        let name = axum::http::header::IF_MATCH;
        for line in ["\"1\", W/\"2\"", "*"] {
            headers.append(name.clone(), line.parse().unwrap());
        }
        let all: Vec<&str> = listed(&headers, &name).collect();
        assert_eq!(all, ["\"1\"", "W/\"2\"", "*"]);
    }
}
