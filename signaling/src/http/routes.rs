//! The table of the routes under `/api/v1`, commands apart. The router and the documents are both made from it, so they
//! have the same routes.

use std::sync::Arc;

use axum::{
    Router,
    http::StatusCode,
    routing::{MethodRouter, delete, get, patch, post, put},
};
use plenary_floor::FloorView;
use plenary_proceedings::Proceedings;
use plenary_protocol::{Access, Method, NoticeRecorded, SchemaOf, Token, schema_of as of};
use plenary_room::Snapshot;

use super::{
    commands, conference, documents,
    health::{self, Health, RoomHealth},
    invitations::{self, Redeem, Redeemed},
    media::{self, MediaItem},
    notices::{self, NoticeToAll},
    proceedings,
    recordings::{self, SittingRecorded, SpeechRecorded, TakeListed},
    rooms::{self, Seen},
    subtitles::{self, Subtitles},
    uploads::{self, MediaUpload},
    whip,
};
use crate::{
    http::floor,
    links::Link,
    people::{ConferenceFacts, Me},
    state::App,
    ws,
};

/// The callers who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody, even without a token.
    Anybody,
    /// Every caller who has a valid token.
    Bearer,
    /// The roles that have this permission.
    May(Access),
    /// The roles that may give the command of this `type`.
    MayGive(&'static str),
}

/// The content of a successful response.
#[derive(Debug, Clone, Copy)]
pub enum Gives {
    /// No body, or the connection becomes a WebSocket.
    Nothing,
    /// JSON of the described type.
    Json(SchemaOf),
    /// JSON, or another of these media types, as `Accept` asks for.
    Forms(SchemaOf, &'static [&'static str]),
    /// Text of a kind, such as `text/calendar`.
    Text(&'static str),
    /// A file of one of these media types.
    File(&'static [&'static str]),
}

/// A route that is no command.
#[derive(Debug)]
pub struct Route {
    /// The `operationId` of the route, for programs.
    pub name: &'static str,
    /// The method of the request.
    pub method: Method,
    /// The path under `/api/v1`.
    pub path: &'static str,
    /// The description of the route, in a sentence.
    pub does: &'static str,
    /// The callers who may use it.
    pub who: Who,
    /// The schema of the body, if one is read.
    pub body: Option<SchemaOf>,
    /// The media types of the file that the body is, if it is one.
    pub file: &'static [&'static str],
    /// The query parameters, each with its name, its meaning and an example.
    pub query: &'static [(&'static str, &'static str, &'static str)],
    /// The status of a success.
    pub status: StatusCode,
    /// The content of a successful response.
    pub gives: Gives,
    /// The handler that serves the route.
    pub handler: MethodRouter<Arc<App>>,
}

fn read(
    name: &'static str,
    path: &'static str,
    does: &'static str,
    gives: SchemaOf,
    handler: MethodRouter<Arc<App>>,
) -> Route {
    Route {
        name,
        method: Method::Get,
        path,
        does,
        who: Who::Bearer,
        body: None,
        file: &[],
        query: &[],
        status: StatusCode::OK,
        gives: Gives::Json(gives),
        handler,
    }
}

/// Everything but the commands, which have a table of their own.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn routes() -> Vec<Route> {
    let anything = of::<serde_json::Map<String, serde_json::Value>>;
    vec![
        Route {
            method: Method::Post,
            who: Who::Anybody,
            body: Some(of::<Redeem>),
            ..read(
                "redeem",
                "/invitations/redeem",
                "Exchanges an invitation for a token.",
                of::<Redeemed>,
                post(invitations::redeem),
            )
        },
        Route {
            method: Method::Delete,
            who: Who::May(Access::RevokeInvitation),
            status: StatusCode::NO_CONTENT,
            gives: Gives::Nothing,
            ..read(
                "revoke_invitation",
                "/invitations/{invitation}",
                "Makes an invitation and its tokens worthless, and ends its seats.",
                anything,
                delete(invitations::revoke),
            )
        },
        Route {
            method: Method::Post,
            ..read(
                "renew_token",
                "/token/renew",
                "Exchanges a token that is still valid for one that lasts longer.",
                of::<Token>,
                post(invitations::renew),
            )
        },
        read(
            "conference",
            "/conference",
            "The public facts of the conference.",
            of::<ConferenceFacts>,
            get(conference::show),
        ),
        read(
            "me",
            "/me",
            "Who one is, and where one may go.",
            of::<Me>,
            get(conference::me),
        ),
        Route {
            gives: Gives::Text("text/calendar"),
            ..read(
                "my_agenda",
                "/me/agenda.ics",
                "The agenda of the rooms that one may enter, for one's own calendar (RFC 5545).",
                anything,
                get(conference::calendar),
            )
        },
        read(
            "rooms",
            "/rooms",
            "The rooms that one may enter, and what is on in each.",
            of::<Vec<rooms::RoomListed>>,
            get(rooms::list),
        ),
        read(
            "room",
            "/rooms/{room}",
            "A room as it is.",
            of::<Snapshot>,
            get(rooms::show),
        ),
        Route {
            query: &[(
                "after",
                "The sequence number of the last event that is known; without it, from the beginning.",
                "0",
            )],
            ..read(
                "events",
                "/rooms/{room}/events",
                "The events after a sequence number, as far as they are kept, in their order.",
                of::<Vec<Seen>>,
                get(rooms::events),
            )
        },
        read(
            "floor",
            "/rooms/{room}/floor",
            "The floor as it is. Its ETag is for the If-Match of a command.",
            of::<FloorView>,
            get(floor::show),
        ),
        Route {
            who: Who::May(Access::ReadProceedings),
            gives: Gives::Forms(of::<Proceedings>, &proceedings::FORMS),
            ..read(
                "proceedings",
                "/rooms/{room}/proceedings",
                "The record of a room: as data, as minutes to be sent, or the speeches as a table.",
                of::<Proceedings>,
                get(proceedings::show),
            )
        },
        Route {
            who: Who::May(Access::ReadProceedings),
            ..read(
                "recordings",
                "/rooms/{room}/recordings",
                "The takes of a room's recording, in the order in which they began.",
                of::<Vec<TakeListed>>,
                get(recordings::list),
            )
        },
        Route {
            who: Who::May(Access::ReadProceedings),
            ..read(
                "recorded_speeches",
                "/rooms/{room}/recordings/speeches",
                "The speeches of which something was recorded, in the order in which they began.",
                of::<Vec<SpeechRecorded>>,
                get(recordings::speeches),
            )
        },
        Route {
            who: Who::May(Access::ReadProceedings),
            query: &[
                (
                    "key",
                    "The key of a link from the list of speeches, in place of a token.",
                    "",
                ),
                (
                    "language",
                    "The channel whose sound is in the file instead of the floor's.",
                    "ja",
                ),
            ],
            gives: Gives::File(&["video/webm", "audio/webm", "video/x-matroska"]),
            ..read(
                "recorded_speech",
                "/rooms/{room}/recordings/speeches/{file}",
                "A speech as one file, also in ranges; `language` gives the sound of a channel.",
                anything,
                get(recordings::speech),
            )
        },
        Route {
            who: Who::May(Access::ReadProceedings),
            ..read(
                "recorded_sittings",
                "/rooms/{room}/recordings/sittings",
                "What was recorded between two pauses of half an hour or more, in the order of time.",
                of::<Vec<SittingRecorded>>,
                get(recordings::sittings),
            )
        },
        Route {
            who: Who::May(Access::ReadProceedings),
            query: &[
                (
                    "key",
                    "The key of a link from the list of sittings, in place of a token.",
                    "",
                ),
                (
                    "language",
                    "The channel whose sound is in the file, with the floor's where nobody interpreted; without it the floor and every channel.",
                    "ja",
                ),
            ],
            gives: Gives::File(&["video/webm", "audio/webm", "video/x-matroska"]),
            ..read(
                "recorded_sitting",
                "/rooms/{room}/recordings/sittings/{file}",
                "A sitting as one file with a chapter for each speech, also in ranges. It is made while it is sent.",
                anything,
                get(recordings::sitting),
            )
        },
        Route {
            who: Who::May(Access::ReadProceedings),
            query: &[(
                "key",
                "The key of a link from the list of takes, in place of a token.",
                "",
            )],
            gives: Gives::File(&["video/webm", "audio/webm", "video/x-matroska"]),
            ..read(
                "recording",
                "/recordings/{take}",
                "The file of a take, also in ranges.",
                anything,
                get(recordings::file),
            )
        },
        Route {
            method: Method::Delete,
            who: Who::May(Access::DeleteRecording),
            status: StatusCode::NO_CONTENT,
            gives: Gives::Nothing,
            ..read(
                "remove_recording",
                "/recordings/{take}",
                "Deletes the file of a take; the record keeps its hash, and says who deleted it.",
                anything,
                delete(recordings::remove),
            )
        },
        Route {
            who: Who::May(Access::ReadHealth),
            ..read(
                "room_health",
                "/rooms/{room}/health",
                "How every seat of a room is doing.",
                of::<RoomHealth>,
                get(health::of_room),
            )
        },
        Route {
            who: Who::May(Access::ReadHealth),
            ..read(
                "health",
                "/health",
                "How every seat is doing.",
                of::<Health>,
                get(health::all),
            )
        },
        Route {
            who: Who::May(Access::ManageMedia),
            ..read(
                "list_media",
                "/media",
                "The recordings of the media library.",
                of::<Vec<MediaItem>>,
                get(media::list),
            )
        },
        Route {
            method: Method::Post,
            who: Who::May(Access::ManageMedia),
            file: &media::FORMS,
            query: &[(
                "name",
                "The name of the recording for people; its id is made of it.",
                "Mayor's address",
            )],
            status: StatusCode::CREATED,
            ..read(
                "add_media",
                "/media",
                "Adds a recording to the media library, once it is checked to its end.",
                of::<MediaItem>,
                post(media::add),
            )
        },
        Route {
            who: Who::May(Access::ManageMedia),
            ..read(
                "list_uploads",
                "/media/uploads",
                "One's own uploads of recordings: the unfinished ones, and what came of the others.",
                of::<Vec<MediaUpload>>,
                uploads::speak(get(uploads::list).options(uploads::abilities)),
            )
        },
        Route {
            method: Method::Post,
            who: Who::May(Access::ManageMedia),
            status: StatusCode::CREATED,
            ..read(
                "create_upload",
                "/media/uploads",
                "Begins to send a recording in parts, by tus 1.0: Tus-Resumable, Upload-Length and Upload-Metadata are headers.",
                of::<MediaUpload>,
                uploads::speak(post(uploads::create)),
            )
        },
        Route {
            who: Who::May(Access::ManageMedia),
            ..read(
                "upload",
                "/media/uploads/{upload}",
                "How far an upload is, and what came of it; a HEAD gives Upload-Offset.",
                of::<MediaUpload>,
                uploads::speak(get(uploads::show).post(uploads::overridden)),
            )
        },
        Route {
            method: Method::Patch,
            who: Who::May(Access::ManageMedia),
            file: &uploads::PART,
            status: StatusCode::NO_CONTENT,
            gives: Gives::Nothing,
            ..read(
                "append_upload",
                "/media/uploads/{upload}",
                "Sends the next part of a recording; after the last one it is checked and added.",
                anything,
                uploads::speak(patch(uploads::append)),
            )
        },
        Route {
            method: Method::Delete,
            who: Who::May(Access::ManageMedia),
            status: StatusCode::NO_CONTENT,
            gives: Gives::Nothing,
            ..read(
                "remove_upload",
                "/media/uploads/{upload}",
                "Cancels an upload and removes what was received of it.",
                anything,
                uploads::speak(delete(uploads::remove)),
            )
        },
        Route {
            method: Method::Post,
            who: Who::May(Access::ManageMedia),
            ..read(
                "link_media",
                "/media/{media}/link",
                "Makes a link by which a player reads the file of a recording without a token, for a few minutes.",
                of::<Link>,
                post(media::link),
            )
        },
        Route {
            who: Who::May(Access::ManageMedia),
            gives: Gives::File(&media::FORMS),
            query: &[(
                "key",
                "The key of a link, in place of a token.",
                "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSJ9…",
            )],
            ..read(
                "media_content",
                "/media/{media}/content",
                "The file of a recording, whole or the range that is asked for (RFC 9110, section 14).",
                anything,
                get(media::content),
            )
        },
        Route {
            method: Method::Delete,
            who: Who::May(Access::ManageMedia),
            status: StatusCode::NO_CONTENT,
            gives: Gives::Nothing,
            ..read(
                "remove_media",
                "/media/{media}",
                "Removes a recording from the media library.",
                anything,
                delete(media::remove),
            )
        },
        Route {
            method: Method::Put,
            who: Who::May(Access::ManageMedia),
            file: &subtitles::FORMS,
            ..read(
                "set_subtitles",
                "/media/{media}/subtitles/{language}",
                "Adds subtitles to a recording, or replaces those in that language.",
                of::<MediaItem>,
                put(subtitles::set),
            )
        },
        Route {
            method: Method::Delete,
            who: Who::May(Access::ManageMedia),
            status: StatusCode::NO_CONTENT,
            gives: Gives::Nothing,
            ..read(
                "remove_subtitles",
                "/media/{media}/subtitles/{language}",
                "Removes the subtitles of a recording in a language.",
                anything,
                delete(subtitles::remove),
            )
        },
        read(
            "subtitles",
            "/rooms/{room}/recording/subtitles/{language}",
            "The subtitles of the recording that the room plays, to be shown by its position.",
            of::<Subtitles>,
            get(subtitles::show),
        ),
        Route {
            method: Method::Post,
            who: Who::MayGive("notice.post"),
            body: Some(of::<NoticeToAll>),
            status: StatusCode::CREATED,
            ..read(
                "post_notice",
                "/notices",
                "Posts a notice to every room that one may enter. An Idempotency-Key holds in each of them.",
                of::<Vec<NoticeRecorded>>,
                post(notices::post),
            )
        },
        Route {
            method: Method::Post,
            who: Who::MayGive("device.use"),
            file: &whip::OFFER,
            status: StatusCode::CREATED,
            gives: Gives::File(&whip::OFFER),
            ..read(
                "publish",
                "/whip/{room}",
                "Publishes by WHIP (RFC 9725): Location is the address of the session. An invitation is a bearer token here, too.",
                anything,
                whip::publishing(),
            )
        },
        Route {
            method: Method::Patch,
            file: &whip::FRAGMENT,
            status: StatusCode::NO_CONTENT,
            gives: Gives::Nothing,
            ..read(
                "patch_publishing",
                "/whip/{room}/{session}",
                "Names candidates, or restarts ICE: then it is 200, with the new fragment and ETag. It needs an If-Match.",
                anything,
                whip::patch_published(),
            )
        },
        Route {
            method: Method::Delete,
            gives: Gives::Nothing,
            ..read(
                "end_publishing",
                "/whip/{room}/{session}",
                "Ends a session of WHIP, and gives up its seat.",
                anything,
                whip::end_published(),
            )
        },
        Route {
            method: Method::Post,
            who: Who::May(Access::ReadRoom),
            file: &whip::OFFER,
            status: StatusCode::CREATED,
            gives: Gives::File(&whip::OFFER),
            ..read(
                "watch",
                "/whep/{room}",
                "Watches by WHEP: voices and the stage. An invitation or a display link is a bearer token here, too.",
                anything,
                whip::watching(),
            )
        },
        Route {
            method: Method::Patch,
            file: &whip::FRAGMENT,
            status: StatusCode::NO_CONTENT,
            gives: Gives::Nothing,
            ..read(
                "patch_watching",
                "/whep/{room}/{session}",
                "Names candidates, or restarts ICE, as for WHIP.",
                anything,
                whip::patch_watched(),
            )
        },
        Route {
            method: Method::Delete,
            gives: Gives::Nothing,
            ..read(
                "end_watching",
                "/whep/{room}/{session}",
                "Ends a session of WHEP.",
                anything,
                whip::end_watched(),
            )
        },
        Route {
            who: Who::Anybody,
            status: StatusCode::SWITCHING_PROTOCOLS,
            gives: Gives::Nothing,
            ..read(
                "ws",
                "/ws",
                "Becomes a WebSocket of the subprotocol plenary.v1, which asyncapi.json describes.",
                anything,
                get(ws::upgrade),
            )
        },
        Route {
            who: Who::Anybody,
            ..read(
                "openapi",
                "/openapi.json",
                "This document.",
                anything,
                get(documents::openapi),
            )
        },
        Route {
            who: Who::Anybody,
            ..read(
                "asyncapi",
                "/asyncapi.json",
                "The document of the WebSocket.",
                anything,
                get(documents::asyncapi),
            )
        },
    ]
}

/// The router of both tables: routes and commands.
pub fn router() -> Router<Arc<App>> {
    let mut router = Router::new();
    for route in routes() {
        router = router.route(route.path, route.handler);
    }
    for (path, handler) in commands::routes() {
        router = router.route(&path, handler);
    }
    router
}
