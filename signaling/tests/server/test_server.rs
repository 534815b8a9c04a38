//! A server in the process of the test.

use std::{ops::Deref, path::Path};

use plenary_conference::{Conference, INVITATION_LIFE};
use plenary_ids::Moment;
use plenary_server::{server::Server, settings::Settings, state::Limits};
use plenary_testkit::{
    api::{Api, Connection, conference},
    person,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A server on free ports, with a data folder of its own.
pub struct TestServer {
    api: Api,
    server: Server,
    data: TempDir,
}

impl Deref for TestServer {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with_limits(Limits::default()).await
    }

    pub async fn with_limits(limits: Limits) -> Self {
        Self::with(conference().parse(), limits).await
    }

    /// With the conference that the documentation takes its examples from.
    pub async fn with_example_conference() -> Self {
        let example = include_bytes!("../../../config/conferences/cmc-2021.toml");
        let conference = plenary_conference::parse(example, "cmc-2021.toml").unwrap();
        Self::with(conference, Limits::default()).await
    }

    async fn with(conference: Conference, limits: Limits) -> Self {
        let data = tempfile::tempdir().unwrap();
        let free = "127.0.0.1:0".parse().unwrap();
        let settings = Settings {
            http: free,
            media: free,
            ops: free,
            data: data.path().to_owned(),
            ..Settings::default()
        };
        let server = Server::start(conference, &settings, limits).await.unwrap();
        let api = Api {
            http: server.http(),
            ops: server.ops(),
        };
        Self { api, server, data }
    }

    pub fn data_folder(&self) -> &Path {
        self.data.path()
    }

    /// An invitation with the usual lifetime.
    pub fn invitation(&self, name: &str) -> String {
        let now = self.server.app().clock.now();
        self.invitation_until(name, now.after(INVITATION_LIFE))
    }

    pub fn invitation_until(&self, name: &str, expires: Moment) -> String {
        let app = self.server.app();
        let person = app.conference.person(&person(name)).unwrap();
        let id = app.keys.next_invitation(&person.id).unwrap();
        let invitation = app.keys.invite(&app.conference, person, &id, expires);
        invitation.unwrap()
    }

    /// An access token.
    pub async fn token(&self, person: &str) -> String {
        let body = json!({ "invitation": self.invitation(person) });
        let redeemed = self.call("POST", "/invitations/redeem", None, Some(body));
        redeemed.await.ok()["token"].as_str().unwrap().to_owned()
    }

    /// Joins a room; returns the connection and the welcome.
    pub async fn join(&self, person: &str, room: &str) -> (Connection, Value) {
        let token = self.token(person).await;
        let connection = self.connect().await;
        connection.hello(&token, room, json!({})).await
    }
}
