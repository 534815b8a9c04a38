//! Content negotiation by `Accept` (RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, header};

/// The best of the forms that are offered, the first of equals; none if none is acceptable. Without an
/// `Accept` the first is.
pub fn best<'a>(headers: &HeaderMap, offered: &[&'a str]) -> Option<&'a str> {
    let wanted: Vec<(String, f32)> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(range)
        .collect();
    if wanted.is_empty() {
        return offered.first().copied();
    }
    let mut best: Option<(&str, f32)> = None;
    for form in offered {
        let weight = weight(form, &wanted);
        if weight > best.map_or(0.0, |(_, weight)| weight) {
            best = Some((form, weight));
        }
    }
    best.map(|(form, _)| form)
}

/// A media range and its weight.
fn range(item: &str) -> Option<(String, f32)> {
    let mut parts = item.split(';');
    let kind = parts.next()?.trim().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.trim().parse().ok());
    (!kind.is_empty()).then(|| (kind, weight.unwrap_or(1.0)))
}

/// The most specific range that names a form decides about it.
fn weight(form: &str, wanted: &[(String, f32)]) -> f32 {
    let family = form.split_once('/').map_or("", |(family, _)| family);
    let exactly = |range: &str| wanted.iter().find(|(kind, _)| kind == range);
    let range = exactly(form)
        .or_else(|| exactly(&format!("{family}/*")))
        .or_else(|| exactly("*/*"));
    range.map_or(0.0, |(_, weight)| *weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMS: [&str; 3] = ["application/json", "text/markdown", "text/csv"];

    fn chosen(accept: &'static str) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        best(&headers, &FORMS)
    }

    #[test]
    fn the_offered_media_type_with_the_highest_weight_is_chosen() {
        for (accept, form) in [
            ("*/*", Some("application/json")),
            ("text/csv", Some("text/csv")),
            ("TEXT/Markdown;charset=utf-8", Some("text/markdown")),
            ("text/*", Some("text/markdown")),
            ("text/*;q=0.5, text/csv", Some("text/csv")),
            ("application/json;q=0.1, text/csv;q=0.2", Some("text/csv")),
            ("application/json;q=0, */*", Some("text/markdown")),
            ("image/png", None),
            ("", Some("application/json")),
        ] {
            assert_eq!(chosen(accept), form, "{accept:?}");
        }
        assert_eq!(best(&HeaderMap::new(), &FORMS), Some("application/json"));
    }
}
