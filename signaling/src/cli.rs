//! The command line and its help texts.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, Parser, Subcommand, ValueEnum};
use plenary_ids::{Language, MediaId, PersonId, RequestId, RoomId};

/// Formal conferences of many cities, in the browser.
#[derive(Debug, Parser)]
#[command(name = "plenary", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    #[expect(
        missing_docs,
        reason = "a doc comment here would become the command's help"
    )]
    pub command: Command,
}

/// A command of the command line.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve a conference until SIGTERM
    Serve(Serve),
    /// Serve the example conference on this machine, and print links into it
    Demo(Demo),
    /// Find every fault of a conference file, and of the machine's network
    Check(Check),
    /// Print invitation links
    Invite(Invite),
    /// Write everything that must survive into one file, whether the server runs or not
    Backup {
        /// The file to write: FILE.tar or FILE.tar.gz, outside of the data folder
        file: PathBuf,
        /// Leave out what was recorded of rooms, which is the largest part
        #[arg(long)]
        without_recordings: bool,
        #[command(flatten)]
        #[expect(
            missing_docs,
            reason = "a doc comment here would become the command's help"
        )]
        config: ConfigFile,
    },
    /// Put a backup into an empty folder, for a server to go on from
    Restore {
        /// The file that `backup` has written
        file: PathBuf,
        /// The new data folder (data.dir)
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
    /// Read the records, whether the server runs or not
    #[command(subcommand)]
    Journal(Journal),
    /// Write the proceedings of a room, whether the server runs or not
    Proceedings(Proceedings),
    /// The recordings that can be played as a speech, whether the server runs or not
    #[command(subcommand)]
    Media(Media),
    /// What was recorded of a room, whether the server runs or not
    #[command(subcommand)]
    Recording(Recording),
    /// Revoke invitations, by their ids
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

/// The source of the settings.
#[derive(Debug, Args)]
pub struct ConfigFile {
    /// The settings; without it, plenary.toml here if there is one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of keys and records (data.dir)
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// The arguments of `plenary serve`.
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
    /// Address for browsers (listen.http)
    #[arg(long, value_name = "ADDRESS")]
    pub http: Option<String>,
    /// Address for browsers with TLS (listen.https)
    #[arg(long, value_name = "ADDRESS")]
    pub https: Option<String>,
    /// Address for media (listen.media)
    #[arg(long, value_name = "ADDRESS")]
    pub media: Option<String>,
    /// Address for health and metrics (listen.ops)
    #[arg(long, value_name = "ADDRESS")]
    pub ops: Option<String>,
    /// Begin with an empty journal, or an empty list of revoked invitations, where the data folder has lost its own
    #[arg(long)]
    pub begin_anew: bool,
}

/// The arguments of `plenary check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The conference file
    pub conference: PathBuf,
    /// Look at this machine too: addresses, NAT, public.url, certificate, clock, file descriptors, buffers, disk
    #[arg(long)]
    pub network: bool,
    /// A STUN server that says how the world sees this machine, such as stun.example.org:3478
    #[arg(long, value_name = "HOST:PORT", requires = "network")]
    pub stun: Option<String>,
    #[command(flatten)]
    #[expect(
        missing_docs,
        reason = "a doc comment here would become the command's help"
    )]
    pub config: ConfigFile,
}

/// The arguments of `plenary demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Seat the other cities too, with moving pictures and tones
    #[arg(long)]
    pub with_cities: bool,
    /// The port for browsers; without it 8080, or a free one
    #[arg(long)]
    pub port: Option<u16>,
}

/// The arguments of `plenary invite`.
#[derive(Debug, Args)]
pub struct Invite {
    /// The conference file
    pub conference: PathBuf,
    /// Persons to invite; without any, everybody
    pub persons: Vec<PersonId>,
    /// Print one link that shows a room on a screen or in a stream, and lets nobody speak or decide
    #[arg(long, value_name = "ROOM", conflicts_with = "persons")]
    pub display: Option<RoomId>,
    /// Print the addresses and the token with which a studio publishes for each person by WHIP, as from OBS
    #[arg(long, conflicts_with = "display")]
    pub whip: bool,
    /// Print one link for everybody that tests camera, microphone and network, and opens nothing else
    #[arg(long, conflicts_with_all = ["persons", "display", "whip"])]
    pub check: bool,
    /// The language of the display; without it, those of the conference alternate
    #[arg(long, value_name = "LANGUAGE", requires = "display")]
    pub language: Option<Language>,
    #[command(flatten)]
    #[expect(
        missing_docs,
        reason = "a doc comment here would become the command's help"
    )]
    pub config: ConfigFile,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// A day, or a time in the conference's zone; without it a month, and to the end of the conference at least
    #[arg(long, value_name = "TIME")]
    pub valid_until: Option<String>,
}

/// The arguments of `plenary proceedings`.
#[derive(Debug, Args)]
pub struct Proceedings {
    /// The room, by its id in the conference file
    pub room: RoomId,
    /// Folder of keys and records (data.dir)
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t = ProceedingsFormat::Json)]
    pub format: ProceedingsFormat,
    /// The conference file; without it, the one that was served last
    #[arg(long, value_name = "FILE")]
    pub conference: Option<PathBuf>,
}

/// The format in which proceedings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProceedingsFormat {
    /// All proceedings, as JSON.
    Json,
    /// Minutes, as Markdown.
    Md,
    /// The speeches, as a table.
    Csv,
}

/// The subcommands of `plenary journal`.
#[derive(Debug, Subcommand)]
pub enum Journal {
    /// Verify the hash chain of every record; a bad record is named and gives exit code 1
    Verify {
        /// The room; without it, every room
        room: Option<RoomId>,
        /// Folder of keys and records (data.dir)
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Output format
        #[arg(long, value_enum, default_value_t = VerdictFormat::Text)]
        format: VerdictFormat,
    },
    /// Write a room's records to standard output, one JSON object a line
    Export {
        /// The room, by its id in the conference file
        room: RoomId,
        /// Folder of keys and records (data.dir)
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Output format
        #[arg(long, value_enum, default_value_t = ExportFormat::Jsonl)]
        format: ExportFormat,
    },
}

/// The subcommands of `plenary media`.
#[derive(Debug, Subcommand)]
pub enum Media {
    /// Add a recording; ffmpeg converts what cannot be played as it is
    Add {
        /// The video or sound file
        file: PathBuf,
        /// The name for people; without it, that of the file
        #[arg(long)]
        name: Option<String>,
        /// The language of its sound, once for each track of sound in their order; without it, as the file says
        #[arg(long, value_name = "LANGUAGE")]
        language: Vec<Language>,
        /// A file of subtitles as WebVTT, and their language, such as ja=FILE.vtt; once for each language
        #[arg(long, value_name = "LANGUAGE=FILE")]
        subtitles: Vec<SubtitlesFile>,
        /// Convert it in any case, into three sizes and to the usual loudness
        #[arg(long)]
        convert: bool,
        #[command(flatten)]
        #[expect(
            missing_docs,
            reason = "a doc comment here would become the command's help"
        )]
        config: ConfigFile,
    },
    /// List the recordings
    List {
        /// Output format
        #[arg(long, value_enum, default_value_t = MediaFormat::Text)]
        format: MediaFormat,
        #[command(flatten)]
        #[expect(
            missing_docs,
            reason = "a doc comment here would become the command's help"
        )]
        config: ConfigFile,
    },
    /// Remove a recording
    Remove {
        /// Its id, as `list` shows it
        media: MediaId,
        #[command(flatten)]
        #[expect(
            missing_docs,
            reason = "a doc comment here would become the command's help"
        )]
        config: ConfigFile,
    },
}

/// The subcommands of `plenary recording`.
#[derive(Debug, Subcommand)]
pub enum Recording {
    /// Make one file of a speech, or of a whole sitting with a chapter for each speech
    Export(RecordingExport),
}

/// The arguments of `plenary recording export`.
#[derive(Debug, Args)]
pub struct RecordingExport {
    /// The room, by its id in the conference file
    pub room: RoomId,
    /// Folder of keys and records (data.dir)
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The request of the speech, as the proceedings have it, such as r17
    #[arg(
        long,
        value_name = "REQUEST",
        required_unless_present = "whole",
        conflicts_with = "whole"
    )]
    pub speech: Option<RequestId>,
    /// Everything that was recorded of the room
    #[arg(long)]
    pub whole: bool,
    /// Only the sound of this channel, and the floor where nobody interpreted; without it the floor and every channel
    #[arg(long, value_name = "LANGUAGE")]
    pub language: Option<Language>,
    /// Convert it to MP4 (H.264, AAC) with ffmpeg; without it WebM or Matroska, as it was recorded
    #[arg(long)]
    pub mp4: bool,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// A file of subtitles, and the language that they are in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentence above names both")]
pub struct SubtitlesFile {
    pub language: Language,
    pub file: PathBuf,
}

impl FromStr for SubtitlesFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (tag, file) = text
            .split_once('=')
            .filter(|(_, file)| !file.is_empty())
            .ok_or("write a language and a file, such as ja=FILE.vtt")?;
        let language = Language::new(tag)
            .map_err(|_| format!("\"{tag}\" is not a language tag such as ja or zh-Hant-TW"))?;
        Ok(Self {
            language,
            file: file.into(),
        })
    }
}

/// The format in which recordings are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MediaFormat {
    /// One line for each recording.
    Text,
    /// A JSON array, as `GET /media` gives it.
    Json,
}

/// The format of the verdicts of `verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VerdictFormat {
    /// One line for each room.
    Text,
    /// An array of `{"room","whole","records","sha256"}`, or `{"room","whole","seq","trouble"}` for a bad room.
    Json,
}

/// The format in which records are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One `{"seq","at_ms","hash","event"}` a line; the hash covers the bytes of the event.
    Jsonl,
}

/// The format in which invitations are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Plain text, one entry for each person.
    Text,
    /// A table, as for a mail merge.
    Csv,
    /// A JSON array.
    Json,
}
