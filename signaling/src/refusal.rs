//! Refusals of HTTP requests, as problem documents with the headers that go with them.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use plenary_conference::Rejection;
use plenary_protocol::{Code, Problem};

use crate::allowances::Exceeded;

/// A refusal as a problem document (RFC 9457).
#[derive(Debug)]
pub struct Refusal {
    problem: Problem,
    /// How long the client should wait before it tries again.
    retry_after: Option<Duration>,
}

/// The result of a handler of the API.
pub type ApiResult<T> = Result<T, Refusal>;

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        // A fault that concerns everybody is over in a moment, or an operator is alarmed.
        let passes = matches!(problem.code, Code::Unavailable | Code::RateLimited);
        let retry_after = passes.then_some(Duration::from_secs(1));
        Self {
            problem,
            retry_after,
        }
    }
}

impl From<Exceeded> for Refusal {
    fn from(exceeded: Exceeded) -> Self {
        Self {
            retry_after: Some(exceeded.wait),
            problem: exceeded.into(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.problem)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::UNAUTHORIZED {
            // A 401 names the scheme that it wants (RFC 9110, section 11.6.1).
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            // Whole seconds (RFC 9110, section 10.2.3), rounded up so that the client is not too early.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let seconds = HeaderValue::from(seconds.max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

/// The problem of an invitation or token that does not open what was asked for.
pub fn rejected(rejection: Rejection) -> Problem {
    let code = match rejection {
        Rejection::Unauthorized => Code::Unauthorized,
        Rejection::OnlyChecks => Code::Forbidden,
    };
    Problem::new(code, rejection.to_string())
}
