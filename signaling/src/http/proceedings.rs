//! The record of a room, in the form that is asked for.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use plenary_protocol::{Access, Code, Problem};
use plenary_room::authority::check_access;

use super::{ApiResult, Refusal, accept, caller::RoomAccess};
use crate::{
    cli::ProceedingsFormat,
    proceedings::{ProceedingsError, write},
    state::App,
};

/// The forms, the one that is given unasked first.
pub const FORMS: [&str; 3] = ["application/json", "text/markdown", "text/csv"];

/// `GET /rooms/{room}/proceedings`
pub async fn show(
    State(app): State<Arc<App>>,
    access: RoomAccess,
    headers: HeaderMap,
) -> ApiResult<Response> {
    check_access(access.claims.role, Access::ReadProceedings)?;
    let form = accept::best(&headers, &FORMS).ok_or_else(|| {
        let status = StatusCode::NOT_ACCEPTABLE.as_u16();
        let detail = format!("The proceedings are given as {}.", FORMS.join(", "));
        Problem {
            status,
            ..Problem::new(Code::Invalid, detail)
        }
    })?;
    let (format, kind, ending) = match form {
        "text/markdown" => (ProceedingsFormat::Md, "text/markdown; charset=utf-8", "md"),
        "text/csv" => (
            ProceedingsFormat::Csv,
            "text/csv; charset=utf-8; header=present",
            "csv",
        ),
        _ => (ProceedingsFormat::Json, "application/json", "json"),
    };
    let room = app
        .conference
        .room(access.room.id())
        .ok_or_else(|| Problem::new(Code::NotFound, "This conference has no such room."))?;
    let proceedings = app.proceedings(room).await.map_err(unreadable)?;
    let text = write(&proceedings, format).map_err(unreadable)?;
    let mut response = ([(header::CONTENT_TYPE, kind)], text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    let name = format!("inline; filename=\"{}-proceedings.{ending}\"", room.id);
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn unreadable(error: ProceedingsError) -> Refusal {
    tracing::error!(%error, "the proceedings cannot be drawn up");
    Refusal::from(Problem::new(
        Code::Unavailable,
        "The record cannot be read at the moment; the operators were told.",
    ))
}
