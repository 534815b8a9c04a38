//! Replies in the log, so that a command given twice under one idempotency key happens once.

use plenary_protocol::{CommandOutput, CommandResult, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The form of a reply in the log.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LoggedReply<R, P> {
    Result(R),
    Problem(P),
}

/// Encodes a reply for the log.
pub(crate) fn write(reply: &CommandResult) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&match reply {
        Ok(result) => LoggedReply::Result(result),
        Err(problem) => LoggedReply::Problem(problem),
    })
}

/// Decodes a reply from the log. Its result is given again unchanged, whatever its command gives today.
pub(crate) fn read(logged: &[u8]) -> serde_json::Result<CommandResult> {
    Ok(
        match serde_json::from_slice::<LoggedReply<Value, Problem>>(logged)? {
            LoggedReply::Result(result) => Ok(CommandOutput::Stored(result)),
            LoggedReply::Problem(problem) => Err(problem),
        },
    )
}
