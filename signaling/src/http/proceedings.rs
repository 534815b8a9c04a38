//! The proceedings of a room, in the format that the caller asks for.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use plenary_conference::Claims;
use plenary_ids::{PersonId, RoomId, Seq};
use plenary_journal::{Log, ReadError};
use plenary_protocol::{Access, Code, Problem};
use plenary_room::authority::check_access;

use super::{
    ApiResult, Refusal, accept,
    caller::{Caller, PathParameters},
};
use crate::{
    allowances::{Exceeded, Limit, cost_of_reading},
    cli::ProceedingsFormat,
    proceedings::{ProceedingsError, write},
    rate::Origin,
    state::App,
};

/// The formats; the first one is the default.
pub const FORMS: [&str; 3] = ["application/json", "text/markdown", "text/csv"];

/// `GET /rooms/{room}/proceedings`, also of a room that was in an earlier conference file only.
pub async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    origin: Origin,
    parameters: PathParameters,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let room = app.readable_room(&caller.claims, parameters.get("room"))?;
    app.take_reading(&caller.claims.sub, origin, &room, Seq(0))?;
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
    let proceedings = match app.proceedings(&room).await {
        Err(ProceedingsError::Read(ReadError::NoRoom(_))) => return Err(no_such_room().into()),
        drawn_up => drawn_up.map_err(unreadable)?,
    };
    let text = write(&proceedings, format).map_err(unreadable)?;
    let mut response = ([(header::CONTENT_TYPE, kind)], text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    let name = format!("inline; filename=\"{room}-proceedings.{ending}\"");
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

impl App {
    /// Takes what it counts to read a room's log from a place on, which may be long.
    pub(super) fn take_reading(
        &self,
        person: &PersonId,
        origin: Origin,
        room: &RoomId,
        after: Seq,
    ) -> Result<(), Exceeded> {
        match cost_of_reading(after, self.journal.head(room).borrow().seq) {
            0 => Ok(()),
            cost => self.allowances.take(Limit::Requests, person, origin, cost),
        }
    }

    /// The room of that name, if the caller may read its record. Of a room that the conference file has lost nobody knows
    /// any more who had a place in it, so it is for those who may enter every room.
    pub(super) fn readable_room(&self, claims: &Claims, name: &str) -> Result<RoomId, Problem> {
        let id = RoomId::new(name).map_err(|_| no_such_room())?;
        if self.conference.room(&id).is_some() {
            self.enter(claims, name)?;
            check_access(claims.role, Access::ReadProceedings)?;
            return Ok(id);
        }
        let mut all = self.conference.rooms.iter();
        let enters_all = all.all(|room| claims.rooms.contains(&room.id));
        if check_access(claims.role, Access::ReadProceedings).is_err() || !enters_all {
            return Err(no_such_room());
        }
        Ok(id)
    }
}

fn no_such_room() -> Problem {
    Problem::new(Code::NotFound, "This conference has no such room.")
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
pub(super) fn unreadable(error: ProceedingsError) -> Refusal {
    tracing::error!(%error, "the proceedings cannot be drawn up");
    Refusal::from(Problem::new(
        Code::Unavailable,
        "The record cannot be read at the moment; the operators were told.",
    ))
}
