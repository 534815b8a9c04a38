//! Replies as they are kept, so that a command said again happens once.

use plenary_protocol::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a command came to.
pub(crate) type Reply = Result<Value, Problem>;

/// As it stands in the log.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept<R, P> {
    Result(R),
    Problem(P),
}

/// A reply for the log.
pub(crate) fn write(reply: &Reply) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&match reply {
        Ok(result) => Kept::Result(result),
        Err(problem) => Kept::Problem(problem),
    })
}

/// A reply from the log.
pub(crate) fn read(kept: &[u8]) -> serde_json::Result<Reply> {
    Ok(
        match serde_json::from_slice::<Kept<Value, Problem>>(kept)? {
            Kept::Result(result) => Ok(result),
            Kept::Problem(problem) => Err(problem),
        },
    )
}
