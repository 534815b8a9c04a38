//! The commands over HTTP: each has a path, and is the same command that the WebSocket has under its `type`.

use std::sync::Arc;

use axum::{
    Json,
    http::StatusCode,
    routing::{MethodFilter, MethodRouter, on},
};
use plenary_protocol::{Command, CommandOutput, CommandRow, Method, Route};
use plenary_room::{Caller, Preconditions};

use super::{
    ApiResult,
    body::Fields,
    caller::{PathParameters, PreconditionHeaders, RoomAccess},
    floor,
};
use crate::state::App;

/// The path of every command that has an address, and what serves it.
pub fn routes() -> impl Iterator<Item = (String, MethodRouter<Arc<App>>)> {
    Command::rows().filter_map(|CommandRow { kind, rules }| {
        let route = rules.route?;
        Some((path(&route), handler(kind, route)))
    })
}

/// The path of a command under `/api/v1`.
pub fn path(route: &Route) -> String {
    format!("/rooms/{{room}}{}", route.path)
}

fn handler(kind: &'static str, route: Route) -> MethodRouter<Arc<App>> {
    let status = StatusCode::from_u16(route.status).unwrap_or(StatusCode::OK);
    let execute = move |access: RoomAccess,
                        preconditions: PreconditionHeaders,
                        parameters: PathParameters,
                        fields: Fields| async move {
        let output = access
            .execute(kind, preconditions.0, &parameters, fields)
            .await?;
        let etag = floor::etag(output.floor_version());
        ApiResult::Ok((status, etag, Json(output)))
    };
    on(filter(route.method), execute)
}

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    }
}

impl RoomAccess {
    /// Reads the command and has the room carry it out.
    async fn execute(
        &self,
        kind: &str,
        preconditions: Preconditions,
        parameters: &PathParameters,
        fields: Fields,
    ) -> ApiResult<CommandOutput> {
        let mut fields = fields;
        for (name, value) in parameters.beyond_the_room() {
            fields = fields.with(name, value)?;
        }
        let command = Command::read(kind, fields.0)?;
        let caller = Caller::new(self.claims.sub.clone());
        Ok(self.room.command(caller, command, preconditions).await?)
    }
}
