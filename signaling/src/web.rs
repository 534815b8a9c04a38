//! The browser client, embedded in the binary.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use plenary_protocol::{Code, Problem};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::http::Refusal;

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Client;

/// Nothing from another host, nothing inline. Cameras are shown as `blob:` streams, and our own WebSocket has its own
/// scheme, which older browsers do not count as `'self'`.
const POLICY: &str = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; \
    media-src 'self' blob: mediastream:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Vite names these after their content, so they never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Asked for again every time, and answered by 304 as long as it is the same.
const ASK_AGAIN: &str = "no-cache";

/// Answers `GET` of a page or file of the client.
pub fn file(uri: &Uri, headers: &HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    match Client::get(path) {
        Some(plain) => {
            let packed = takes_gzip(headers)
                .then(|| Client::get(&format!("{path}.gz")))
                .flatten();
            answer(path, &plain, packed.as_ref(), headers)
        }
        None => {
            Refusal::from(Problem::new(Code::NotFound, "There is no such page.")).into_response()
        }
    }
}

/// Whether the reader unpacks gzip (RFC 9110, section 12.5.3). Only a plain refusal is heeded: no browser weighs them.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim() == "gzip" && weight.trim() != "q=0"
    })
}

/// The build puts a `.gz` beside every text; its tag is its own, because it is another representation.
fn answer(
    path: &str,
    plain: &EmbeddedFile,
    packed: Option<&EmbeddedFile>,
    asked: &HeaderMap,
) -> Response {
    let file = packed.unwrap_or(plain);
    let tag = tag(file);
    let cache = if path.starts_with("assets/") {
        FOR_EVER
    } else {
        ASK_AGAIN
    };
    let same = asked
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| *known == tag);
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data.clone()).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if packed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(kind) = HeaderValue::from_str(plain.metadata.mimetype()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    response
}

fn tag(file: &EmbeddedFile) -> HeaderValue {
    let hash = file.metadata.sha256_hash();
    let start = hash.first_chunk().copied().unwrap_or_default();
    let hex = format!("{:032x}", u128::from_be_bytes(start));
    // Hexadecimal digits in quotes are always a header value.
    HeaderValue::try_from(format!("\"{hex}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}
