//! The HTTP API: thin handlers, each of which reads, asks the room, and writes.
//!
//! Permissions are not checked here but by the table of `plenary_protocol`, so that HTTP and WebSocket cannot differ.

#![warn(clippy::indexing_slicing)]

mod accept;
mod base_path;
mod body;
mod caller;
pub mod commands;
mod conference;
mod documents;
mod file;
mod floor;
pub(crate) mod front;
pub(crate) mod health;
mod invitations;
pub(crate) mod media;
mod notices;
pub(crate) mod origin;
mod proceedings;
mod receive;
mod recordings;
mod rooms;
pub mod routes;
mod subtitles;
pub(crate) mod uploads;
mod whip;

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use plenary_protocol::{Code, Problem};

pub(crate) use self::caller::Caller;
pub use self::media::MAX_FILE_CHECKS;
pub use crate::refusal::{ApiResult, Refusal};
use crate::{state::App, web};

/// Everything on the public address: the API's tables, and the web client. They are at the root, and below the path of
/// `public.url` too: of two proxies in front one cuts that path off, and the other passes it on.
pub fn router(app: Arc<App>, base_path: &str) -> Router {
    let here = at_root(app);
    if base_path.is_empty() {
        return here;
    }
    let base_path: Arc<str> = base_path.into();
    Router::new()
        .fallback_service(here)
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            let base_path = Arc::clone(&base_path);
            async move { base_path::serve(&base_path, request, next).await }
        }))
}

fn at_root(app: Arc<App>) -> Router {
    Router::new()
        .nest("/api/v1", routes::router().fallback(nothing_here))
        .merge(whip::at_root())
        .fallback(web_or_nothing)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn(guard))
        .with_state(app)
}

async fn nothing_here() -> Refusal {
    Refusal::from(Problem::new(
        Code::NotFound,
        "There is nothing at this address.",
    ))
}

async fn web_or_nothing(request: Request) -> Response {
    if request.method() != axum::http::Method::GET && request.method() != axum::http::Method::HEAD {
        return wrong_method().await.into_response();
    }
    let (parts, _) = request.into_parts();
    web::file(&parts.uri, &parts.headers)
}

async fn wrong_method() -> Refusal {
    let problem = Problem::new(Code::Invalid, "This address does not take that method.");
    Refusal::from(Problem {
        status: 405,
        ..problem
    })
}

/// Around every handler: a panic becomes a problem and a line in the log, and every response says what a browser is to
/// keep to.
async fn guard(request: Request, next: Next) -> Response {
    let via = request.extensions().get().copied();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let mut response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            tracing::error!(%method, path, panic = panic_message(panic.as_ref()), "a handler panicked");
            let problem = Problem::new(
                Code::Conflict,
                "The server made a mistake; nothing is known to have changed.",
            );
            Refusal::from(Problem {
                status: 500,
                title: "A fault of the server".to_owned(),
                ..problem
            })
            .into_response()
        }
    };
    let status = response.status();
    metrics::counter!("plenary_http_responses_total", "status" => status.as_u16().to_string())
        .increment(1);
    front::protect(via, response.headers_mut());
    response
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
