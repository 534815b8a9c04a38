//! The path of `public.url`, below which a proxy may serve everything.

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, Uri, header, uri::PathAndQuery},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::web;

/// Answers a request below the base path as if that were cut off.
pub async fn serve(base_path: &str, mut request: Request, next: Next) -> Response {
    match target(base_path, request.uri()) {
        Target::Here => next.run(request).await,
        Target::Below(uri) => {
            *request.uri_mut() = uri;
            next.run(request).await
        }
        Target::Folder(address) => redirect(&address),
    }
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// An address that stands for itself.
    Here,
    /// An address below the base path, without that path.
    Below(Uri),
    /// The base path itself is redirected to the folder of that name: the page's addresses are relative to it.
    Folder(String),
}

fn target(base_path: &str, uri: &Uri) -> Target {
    let path = uri.path();
    let Some(rest) = path.strip_prefix(base_path) else {
        return Target::Here;
    };
    if rest.is_empty() {
        return Target::Folder(format!("{base_path}/"));
    }
    // A base path such as `/api` must not hide the server's own addresses.
    let own = ["/api/v1/", "/whip/", "/whep/"];
    if !rest.starts_with('/') || own.iter().any(|own| path.starts_with(own)) || web::has(path) {
        return Target::Here;
    }
    let rest = uri
        .query()
        .map_or_else(|| rest.to_owned(), |query| format!("{rest}?{query}"));
    PathAndQuery::try_from(rest).map_or(Target::Here, |rest| Target::Below(Uri::from(rest)))
}

fn redirect(to: &str) -> Response {
    match HeaderValue::try_from(to) {
        Ok(to) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to)]).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target_of(base_path: &str, address: &str) -> Target {
        target(base_path, &address.parse().unwrap())
    }

    fn below(address: &str) -> Target {
        Target::Below(address.parse().unwrap())
    }

    #[test]
    fn everything_is_found_below_the_base_path_and_without_it() {
        for (address, expected) in [
            ("/plenary/", below("/")),
            (
                "/plenary/api/v1/rooms/climate/events?after=17",
                below("/api/v1/rooms/climate/events?after=17"),
            ),
            ("/api/v1/rooms", Target::Here),
            ("/", Target::Here),
            ("/plenary-2/", Target::Here),
        ] {
            assert_eq!(target_of("/plenary", address), expected, "{address}");
        }
    }

    #[test]
    fn the_base_path_without_its_slash_leads_to_the_page() {
        let folder = Target::Folder("/plenary/".to_owned());
        assert_eq!(target_of("/plenary", "/plenary"), folder);
    }

    #[test]
    fn a_base_path_that_looks_like_an_address_of_the_server_hides_nothing() {
        assert_eq!(target_of("/api", "/api/v1/rooms"), Target::Here);
        assert_eq!(
            target_of("/api", "/api/api/v1/rooms"),
            below("/api/v1/rooms")
        );
    }
}
