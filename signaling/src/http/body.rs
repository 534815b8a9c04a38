//! A request's body: one JSON object, or nothing.

use std::error::Error;

use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};
use plenary_protocol::{Code, Problem, read_object};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Refusal;
use crate::listener::BodyError;

/// The largest body, in bytes.
const LARGEST: u64 = 64 * 1024;

/// The fields of the body's object; an empty body is an object without fields.
#[derive(Debug, Default)]
pub struct Fields(pub Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let promised = request.headers().get(header::CONTENT_LENGTH);
        let promised = promised.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if promised.is_some_and(|length| length > LARGEST) {
            return Err(too_large(LARGEST));
        }
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_none_or(is_json);
        let limit = usize::try_from(LARGEST).unwrap_or(usize::MAX);
        let body = axum::body::to_bytes(request.into_body(), limit)
            .await
            .map_err(|error| unread(&error))?;
        if body.is_empty() {
            return Ok(Self::default());
        }
        if !is_json {
            let problem = Problem::new(
                Code::Invalid,
                "A body is JSON: send it as application/json.",
            );
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE.as_u16();
            return Err(Refusal::from(Problem { status, ..problem }));
        }
        read_object(&body).map(Self).map_err(|error| {
            Refusal::from(Problem::new(
                Code::Invalid,
                format!("The body is not one JSON object: {error}."),
            ))
        })
    }
}

impl Fields {
    /// Refuses every field, for a request that takes none.
    pub fn none(self) -> Result<(), Refusal> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}
        self.read::<Nothing>().map(|_| ())
    }

    /// The fields as a type that refuses unknown ones.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, Refusal> {
        serde_json::from_value(Value::Object(self.0)).map_err(|error| {
            Refusal::from(Problem::new(
                Code::Invalid,
                format!("The body is not understood: {error}."),
            ))
        })
    }

    /// Adds a field from the path. The body must not have it too, because it could contradict the path.
    pub fn with(mut self, name: &str, value: &str) -> Result<Self, Refusal> {
        if self.0.insert(name.to_owned(), Value::from(value)).is_none() {
            return Ok(self);
        }
        let detail = format!("The address says \"{name}\" already; leave it out of the body.");
        Err(Refusal::from(Problem::new(Code::Invalid, detail)))
    }
}

fn is_json(kind: &axum::http::HeaderValue) -> bool {
    let kind = kind.to_str().unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// The refusal of a body that was not read to its end.
pub(super) fn unread(error: &axum::Error) -> Refusal {
    unread_beyond(error, LARGEST)
}

/// The refusal of a body that was not read to its end, of which so many bytes are read.
pub(super) fn unread_beyond(error: &axum::Error, largest: impl std::fmt::Display) -> Refusal {
    let invalid = |detail: String| Problem::new(Code::Invalid, detail);
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        match error.downcast_ref() {
            Some(BodyError::Timeout) => {
                let detail = "The body of this request did not come in time.".to_owned();
                let status = StatusCode::REQUEST_TIMEOUT.as_u16();
                let problem = invalid(detail);
                return Refusal::from(Problem { status, ..problem });
            }
            Some(BodyError::Lost(_)) => {
                return Refusal::from(invalid(format!("The body cannot be read: {error}.")));
            }
            None => cause = error.source(),
        }
    }
    too_large(largest)
}

fn too_large(largest: impl std::fmt::Display) -> Refusal {
    Refusal::from(Problem::new(
        Code::TooLarge,
        format!("A body has at most {largest} bytes."),
    ))
}
