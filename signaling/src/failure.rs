//! Why a command of the command line failed.

use std::{io, path::PathBuf};

use plenary_conference::{Diagnostic, KeysError, Severity};
use plenary_ids::RoomId;
use plenary_journal::{OpenError, ReadError};
use plenary_library::LibraryError;

use crate::{
    backup::BackupError, cities::CitiesError, convert::ConvertError, export::ExportError,
    invite::InviteError, proceedings::ProceedingsError, server::StartError,
    settings::SettingsError,
};

/// A failure, which is printed to standard error before exit code 1.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the field names say it")]
pub enum Failure {
    /// The conference file has faults.
    #[error("{}", all(.0))]
    Conference(Vec<Diagnostic>),
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The server does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The invitations cannot be written.
    #[error(transparent)]
    Invite(#[from] InviteError),
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The demo's cities cannot be started.
    #[error(transparent)]
    Cities(#[from] CitiesError),
    /// What was to be revoked names no invitation.
    #[error(
        "\"{0}\" names no invitation: it is a person and a number, such as tokyo-1.1; nothing was revoked"
    )]
    NoInvitation(String),
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] OpenError),
    /// The journal cannot be read, or was altered.
    #[error(transparent)]
    Record(#[from] ReadError),
    /// The journal has no such room.
    #[error("the journal has no room {0}; it has {1}")]
    NoRoom(RoomId, String),
    /// The proceedings cannot be written.
    #[error(transparent)]
    Proceedings(#[from] ProceedingsError),
    /// The media library refuses it.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// A file of subtitles cannot be read.
    #[error("{}: {why}", file.display())]
    Subtitles { file: PathBuf, why: String },
    /// A recording cannot be converted.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// What was recorded cannot be exported.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The machine's network has faults, which are printed.
    #[error("participants will not reach this server as it is")]
    Network,
    /// A backup was not made, or not restored.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Another operation of the system failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Failure {
    /// Whether the reader of standard output has closed it, as `| head` does.
    pub fn is_broken_pipe(&self) -> bool {
        let (Self::Io(error) | Self::Invite(InviteError::Io(error))) = self else {
            return false;
        };
        error.kind() == io::ErrorKind::BrokenPipe
    }
}

fn all(faults: &[Diagnostic]) -> String {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let errors = faults.iter().filter(|it| it.severity == Severity::Error);
    let count = match errors.count() {
        1 => "1 fault".to_owned(),
        many => format!("{many} faults"),
    };
    format!("{}\n{count}", lines.join("\n"))
}
