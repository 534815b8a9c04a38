//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use plenary_ids::{PersonId, RoomId};

/// Formal conferences of many cities, in the browser.
#[derive(Debug, Parser)]
#[command(name = "plenary", version, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve a conference until SIGTERM
    Serve(Serve),
    /// Serve the example conference on this machine, and print links into it
    Demo(Demo),
    /// Find every fault of a conference file
    Check {
        /// The conference file
        conference: PathBuf,
    },
    /// Print invitation links
    Invite(Invite),
    /// Read what was recorded, beside a running server or without one
    #[command(subcommand)]
    Journal(Journal),
    /// Write the record of a room, beside a running server or without one
    Proceedings(Proceedings),
    /// Make invitations worthless, by their ids
    Revoke {
        /// The invitations' ids, as `invite` shows them
        #[arg(required = true)]
        invitations: Vec<String>,
        #[command(flatten)]
        #[expect(
            missing_docs,
            reason = "a doc comment here would become the command's help"
        )]
        config: ConfigFile,
    },
}

/// Where the settings are.
#[derive(Debug, Args)]
pub struct ConfigFile {
    /// The settings; without it, plenary.toml here if there is one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of keys and records (data.dir)
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// `plenary serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The conference file
    pub conference: PathBuf,
    #[command(flatten)]
    #[expect(
        missing_docs,
        reason = "a doc comment here would become the command's help"
    )]
    pub config: ConfigFile,
    /// Where browsers connect (listen.http)
    #[arg(long, value_name = "ADDRESS")]
    pub http: Option<String>,
    /// Where media arrives (listen.media)
    #[arg(long, value_name = "ADDRESS")]
    pub media: Option<String>,
    /// Where health and metrics are asked (listen.ops)
    #[arg(long, value_name = "ADDRESS")]
    pub ops: Option<String>,
}

/// `plenary demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Seat the other cities too, with moving pictures and tones
    #[arg(long)]
    pub with_cities: bool,
    /// The port for browsers; without it 8080, or a free one
    #[arg(long)]
    pub port: Option<u16>,
}

/// `plenary invite`.
#[derive(Debug, Args)]
pub struct Invite {
    /// The conference file
    pub conference: PathBuf,
    /// Whom to invite; without any, everybody
    pub persons: Vec<PersonId>,
    #[command(flatten)]
    #[expect(
        missing_docs,
        reason = "a doc comment here would become the command's help"
    )]
    pub config: ConfigFile,
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// `plenary proceedings`.
#[derive(Debug, Args)]
pub struct Proceedings {
    /// The room
    pub room: RoomId,
    /// Folder of keys and records (data.dir)
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// How to write it
    #[arg(long, value_enum, default_value_t = ProceedingsFormat::Json)]
    pub format: ProceedingsFormat,
    /// The conference file; without it, the one that was served last
    #[arg(long, value_name = "FILE")]
    pub conference: Option<PathBuf>,
}

/// How proceedings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProceedingsFormat {
    /// Everything, for programs.
    Json,
    /// Minutes, for people.
    Md,
    /// The speeches, for spreadsheets.
    Csv,
}

/// `plenary journal`.
#[derive(Debug, Subcommand)]
pub enum Journal {
    /// Follow the chain of every record; names the first bad one and exits with 1
    Verify {
        /// The room; without it, every room
        room: Option<RoomId>,
        /// Folder of keys and records (data.dir)
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// How to tell what was found
        #[arg(long, value_enum, default_value_t = VerdictFormat::Text)]
        format: VerdictFormat,
    },
    /// Write a room's records to standard output, one JSON object a line
    Export {
        /// The room
        room: RoomId,
        /// Folder of keys and records (data.dir)
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// How to write them
        #[arg(long, value_enum, default_value_t = ExportFormat::Jsonl)]
        format: ExportFormat,
    },
}

/// How it is told what `verify` found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VerdictFormat {
    /// A line for each room, for people.
    Text,
    /// An array of `{"room","whole","records","sha256"}`; of a bad one `{"room","whole","seq","trouble"}`.
    Json,
}

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// `{"seq","at_ms","hash","event"}`, one a line; the event as its hash has it.
    Jsonl,
}

/// How invitations are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line for each, for people.
    Text,
    /// For a mail merge.
    Csv,
    /// For programs.
    Json,
}
