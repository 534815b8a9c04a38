//! The browser client, embedded in the binary.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use plenary_protocol::{Code, Problem};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::{etag, refusal::Refusal};

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Client;

/// The content security policy: nothing from another host, nothing inline. Cameras are `blob:` streams, and older browsers
/// do not count the WebSocket's scheme as `'self'`.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
    connect-src 'self' wss: ws:; img-src 'self' data: blob:; media-src 'self' blob: mediastream:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// What the page may use of the machine: what a conference needs, and nothing for anything else.
const PERMISSIONS_POLICY: &str = "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), \
    fullscreen=(self), picture-in-picture=(self), screen-wake-lock=(self), clipboard-write=(self), geolocation=(), \
    midi=(), payment=(), usb=(), serial=(), hid=()";

/// Vite names assets after their content, so they never change.
const CACHE_FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The browser revalidates a page every time, and gets a 304 as long as it is unchanged.
const REVALIDATE: &str = "no-cache";

/// Whether the client has a file of that path.
pub fn has(path: &str) -> bool {
    Client::get(path.trim_start_matches('/')).is_some()
}

/// Responds to `GET` of a page or file of the client.
pub fn file(uri: &Uri, headers: &HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    match Client::get(path) {
        Some(plain) => {
            let gzipped = accepts_gzip(headers)
                .then(|| Client::get(&format!("{path}.gz")))
                .flatten();
            respond(path, &plain, gzipped.as_ref(), headers)
        }
        None if path.starts_with(ENCODED_HASH) => to_the_fragment(path),
        None => {
            Refusal::from(Problem::new(Code::NotFound, "There is no such page.")).into_response()
        }
    }
}

/// A link whose `#` was encoded on its way leads here instead of to the page.
const ENCODED_HASH: &str = "%23i";

/// Sends the browser to the page, with the invitation where it belongs. Relative, because a proxy may serve the page under
/// a path.
fn to_the_fragment(path: &str) -> Response {
    let fragment = path.trim_start_matches("%23");
    let location = HeaderValue::try_from(format!("./#{fragment}"));
    let location = location.unwrap_or(HeaderValue::from_static("./"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// Whether the client accepts gzip (RFC 9110, section 12.5.3). Of the weights only 0 counts: no browser sends others.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim() == "gzip" && weight.trim() != "q=0"
    })
}

/// The build puts a `.gz` beside every text file. It has an `ETag` of its own, because it is another representation.
fn respond(
    path: &str,
    plain: &EmbeddedFile,
    gzipped: Option<&EmbeddedFile>,
    request: &HeaderMap,
) -> Response {
    let file = gzipped.unwrap_or(plain);
    let version = version(file);
    let cache = if path.starts_with("assets/") {
        CACHE_FOR_EVER
    } else {
        REVALIDATE
    };
    let is_unchanged = etag::listed(request, &header::IF_NONE_MATCH)
        .any(|known| known == "*" || etag::opaque(known) == Some(&version));
    let mut response = if is_unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data.clone()).into_response()
    };
    let headers = response.headers_mut();
    // Hexadecimal digits in quotes are always a header value.
    if let Ok(tag) = HeaderValue::try_from(format!("\"{version}\"")) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(PERMISSIONS_POLICY),
    );
    // No other page that opened this one, or was opened by it, can reach into it.
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if gzipped.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(kind) = HeaderValue::from_str(plain.metadata.mimetype()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    response
}

fn version(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let start = hash.first_chunk().copied().unwrap_or_default();
    format!("{:032x}", u128::from_be_bytes(start))
}
