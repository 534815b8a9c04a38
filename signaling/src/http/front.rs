//! What every answer says about security, and where pages move to once there is HTTPS.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{listener::Via, settings::Settings};

/// A year, of this host only: whether hosts below it have HTTPS is not for this server to say (RFC 6797, section 6.1).
const STRICT_TRANSPORT_SECURITY: &str = "max-age=31536000";
/// What is no page is not shown inside another one, and runs nothing.
const NO_PAGE: &str = "script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// Adds to an answer what a browser is to keep to.
pub fn protect(via: Option<Via>, headers: &mut HeaderMap) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // An invitation is in the part of a link that is not sent; a link that ends has its key in the query.
        (header::REFERRER_POLICY, "no-referrer"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if via.is_some_and(|via| via.is_tls) {
        let value = HeaderValue::from_static(STRICT_TRANSPORT_SECURITY);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let value = HeaderValue::from_static(NO_PAGE);
        headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Where the pages of the http address move to, because there is HTTPS and others than this machine reach that address.
#[derive(Debug, Clone)]
pub struct MovedPages {
    /// `public.url`, if it is one of HTTPS.
    url: Option<Arc<str>>,
    base_path: Arc<str>,
    https_port: u16,
}

impl MovedPages {
    /// None where pages stay. On the loopback there is nobody to listen, and a proxy may be there.
    pub fn new(settings: &Settings, https: Option<SocketAddr>) -> Option<Self> {
        let https = https.filter(|_| !settings.http.ip().is_loopback())?;
        let url = settings
            .url
            .as_deref()
            .filter(|it| it.starts_with("https:"));
        Some(Self {
            url: url.map(|it| it.trim_end_matches('/').into()),
            base_path: settings.base_path().into(),
            https_port: https.port(),
        })
    }

    /// Sends browsers to HTTPS. A proxy is served, because it has TLS of its own; so is the API, whose clients do not follow.
    pub async fn redirect(self, request: Request, next: Next) -> Response {
        let via: Option<&Via> = request.extensions().get();
        let is_of_proxy = via.is_some_and(|via| via.is_of_proxy);
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if reads
            && !is_of_proxy
            && let Some(location) = self.location(request.uri(), request.headers())
        {
            return (
                StatusCode::TEMPORARY_REDIRECT,
                [(header::LOCATION, location)],
            )
                .into_response();
        }
        next.run(request).await
    }

    fn location(&self, uri: &Uri, headers: &HeaderMap) -> Option<HeaderValue> {
        let path = uri.path_and_query().map_or("/", |it| it.as_str());
        let below = path.strip_prefix(&*self.base_path).unwrap_or(path);
        if below.starts_with("/api/") {
            return None;
        }
        let location = if let Some(url) = &self.url {
            format!("{url}{below}")
        } else {
            let host = headers.get(header::HOST)?.to_str().ok()?;
            let host = without_port(host);
            match self.https_port {
                443 => format!("https://{host}{path}"),
                port => format!("https://{host}:{port}{path}"),
            }
        };
        HeaderValue::try_from(location).ok()
    }
}

/// The host of a `Host` header; an IPv6 address has colons inside its brackets.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(url: Option<&str>, http: &str, path: &str, host: &str) -> Option<String> {
        let settings = Settings {
            url: url.map(str::to_owned),
            http: http.parse().unwrap(),
            ..Settings::default()
        };
        let https = Some("0.0.0.0:8443".parse().unwrap());
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        let location =
            MovedPages::new(&settings, https)?.location(&path.parse().unwrap(), &headers);
        Some(location?.to_str().unwrap().to_owned())
    }

    #[test]
    fn pages_move_to_the_public_url_or_to_the_same_host() {
        let any = "0.0.0.0:80";
        for (url, path, host, location) in [
            (None, "/", "a.example", Some("https://a.example:8443/")),
            (
                None,
                "/?x=1",
                "a.example:80",
                Some("https://a.example:8443/?x=1"),
            ),
            (
                None,
                "/",
                "[2001:db8::1]:80",
                Some("https://[2001:db8::1]:8443/"),
            ),
            (
                None,
                "/",
                "[2001:db8::1]",
                Some("https://[2001:db8::1]:8443/"),
            ),
            (
                Some("https://b.example/p/"),
                "/p/",
                "a.example",
                Some("https://b.example/p/"),
            ),
            (
                Some("https://b.example/p"),
                "/x",
                "a.example",
                Some("https://b.example/p/x"),
            ),
            (
                Some("http://b.example"),
                "/",
                "a.example",
                Some("https://a.example:8443/"),
            ),
            (None, "/api/v1/conference", "a.example", None),
            (
                Some("https://b.example/p"),
                "/p/api/v1/ws",
                "a.example",
                None,
            ),
        ] {
            assert_eq!(moved(url, any, path, host).as_deref(), location, "{path}");
        }
        assert_eq!(moved(None, "127.0.0.1:80", "/", "a.example"), None);
    }
}
