//! A server as a process, asked over its addresses.

use plenary_testkit::{api::Api, process::Process};
use serde_json::json;

/// The addresses of a process.
pub fn api(process: &Process) -> Api {
    Api {
        http: process.http().parse().unwrap(),
        ops: process.ops().parse().unwrap(),
    }
}

/// A token for an invitation.
pub async fn token(api: &Api, invitation: &str) -> String {
    let body = json!({ "invitation": invitation });
    let redeemed = api.call("POST", "/invitations/redeem", None, Some(body));
    redeemed.await.ok()["token"].as_str().unwrap().to_owned()
}
