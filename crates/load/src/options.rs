//! The command line.

use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

use clap::{Args, Parser, ValueEnum};

use crate::media::{CameraSettings, Conditions, Mix, Network, Slots};

/// The options that mean nothing to a Janus.
const FOR_PLENARY: [&str; 10] = [
    "server",
    "authority",
    "invitations",
    "devices",
    "churn",
    "simulcast",
    "gallery",
    "floor_every",
    "metrics",
    "metrics_token",
];

/// Puts a Plenary server under load: many participants from one process, without a browser, and a report of what they
/// received.
///
/// Participants need invitations, as `plenary invite CONFERENCE.toml --format json` prints them. Delegates publish, a
/// moderator (if there is one) gives them the floor, and the others listen.
#[derive(Debug, Parser)]
#[command(name = "plenary-load", version, max_term_width = 100)]
pub struct Options {
    /// The server's address, with its scheme
    #[arg(long, value_name = "URL", required_unless_present = "janus")]
    pub server: Option<String>,
    /// Measures a video room of Janus in the same way, for comparison: the address of its WebSocket. It takes no invitations,
    /// and makes a room for the run unless --room names one
    #[arg(long, value_name = "URL", conflicts_with_all = FOR_PLENARY)]
    pub janus: Option<String>,
    /// A file of certificates (PEM) to trust for https instead of the system's
    #[arg(long, value_name = "FILE")]
    pub authority: Option<PathBuf>,
    /// The invitations: the JSON that `plenary invite` prints, or one invitation or link a line; - is standard input
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub invitations: PathBuf,
    /// A room to join; may be repeated. Without it, the first room that the first invitation opens
    #[arg(long = "room", value_name = "ID")]
    pub rooms: Vec<String>,
    #[command(flatten)]
    pub people: People,
    #[command(flatten)]
    pub sources: Sources,
    #[command(flatten)]
    pub slots: SlotOptions,
    #[command(flatten)]
    pub impairment: ImpairmentOptions,
    #[command(flatten)]
    pub time: TimeOptions,
    #[command(flatten)]
    pub output: Output,
    /// Threads for media; one suffices for a thousand listeners
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = count(1..=64))]
    pub threads: usize,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Participants")]
pub struct People {
    /// Listeners in each room
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = count(0..=100_000))]
    pub listeners: usize,
    /// Publishers with a camera in each room
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = count(0..=1_000))]
    pub publishers: usize,
    /// Publishers of sound alone in each room
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = count(0..=1_000))]
    pub voice_publishers: usize,
    /// As how many listeners each invitation may be used
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = count(1..=8))]
    pub devices: usize,
    /// Participants that join in a second
    #[arg(long, value_name = "N", default_value_t = 50.0, value_parser = positive)]
    pub join_rate: f64,
    /// Listeners that leave and come back, in a minute
    #[arg(long, value_name = "N", default_value_t = 0.0, value_parser = not_negative)]
    pub churn: f64,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What publishers send")]
pub struct Sources {
    /// Bits a second of a camera, all layers together; 1.2M and 800k are understood
    #[arg(long, value_name = "BITS", default_value = "1.2M", value_parser = bits)]
    pub bitrate: u32,
    /// Pictures a second
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub frames: u32,
    /// The longest payload of a packet
    #[arg(long, value_name = "BYTES", default_value_t = 1_160, value_parser = count(100..=1_400))]
    pub packet_bytes: usize,
    /// Packets as long as that in a second, instead of a bitrate
    #[arg(long, value_name = "N", conflicts_with = "bitrate", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub packets: Option<u32>,
    /// Cameras send three layers
    #[arg(long)]
    pub simulcast: bool,
    /// Publishers with a camera send no sound
    #[arg(long)]
    pub no_sound: bool,
    /// Publishers with a camera do not ask for the floor: they are seen as small pictures
    #[arg(long)]
    pub gallery: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What listeners receive")]
pub struct SlotOptions {
    /// Slots for voices
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = count(0..=60))]
    pub voices: usize,
    /// Slots for small pictures
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = count(0..=60))]
    pub tiles: usize,
    /// No slot for the stage
    #[arg(long)]
    pub no_stage: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Bad networks")]
pub struct ImpairmentOptions {
    /// Percentage of packets that are lost
    #[arg(long, value_name = "PERCENT", default_value_t = 0.0, value_parser = percentage)]
    pub loss: f64,
    /// Milliseconds that every packet is late
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    pub delay: u64,
    /// Up to so many milliseconds more; the order of packets is kept
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    pub jitter: u64,
    /// Bits a second that the network carries; what would wait for more than 300 ms is lost
    #[arg(long, value_name = "BITS", value_parser = bits)]
    pub rate: Option<u32>,
    /// Which way it is bad, as the participant sees it
    #[arg(long, value_enum, default_value_t = Direction::Both)]
    pub direction: Direction,
    /// Percentage of listeners whose network is bad
    #[arg(long, value_name = "PERCENT", default_value_t = 100.0, value_parser = percentage)]
    pub impaired: f64,
    /// The networks of publishers are bad, too
    #[arg(long)]
    pub impair_publishers: bool,
}

/// Which way a network is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Direction {
    Both,
    Down,
    Up,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Time")]
pub struct TimeOptions {
    /// How long to measure, after everybody has joined
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub seconds: u64,
    /// The same in minutes
    #[arg(long, value_name = "N", conflicts_with = "seconds", value_parser = clap::value_parser!(u64).range(1..=1_440))]
    pub minutes: Option<u64>,
    /// Seconds from one change of the floor to the next, by a moderator's invitation; 0 gives it once
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=3_600))]
    pub floor_every: u64,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// The address of the server's metrics, which is `/metrics` of its `listen.ops`, for its CPU time
    #[arg(long, value_name = "URL")]
    pub metrics: Option<String>,
    /// A bearer token for the metrics, if a proxy asks for one
    #[arg(long, value_name = "TOKEN", requires = "metrics")]
    pub metrics_token: Option<String>,
    /// The number of the server's process, if it is on this machine, for its CPU time
    #[arg(long, value_name = "PID", value_parser = clap::value_parser!(u32).range(1..))]
    pub process: Option<u32>,
    /// Writes the report as JSON; - is standard output, instead of the text
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Writes the report as a page with charts
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

impl Options {
    /// How long to measure.
    pub fn duration(&self) -> Duration {
        let seconds = self.time.minutes.map_or(self.time.seconds, |it| it * 60);
        Duration::from_secs(seconds)
    }

    /// What the publishers with a camera send.
    pub fn camera_mix(&self) -> Mix {
        let sources = &self.sources;
        let packet_bits = u32::try_from(sources.packet_bytes * 8).unwrap_or(u32::MAX);
        let bitrate = sources
            .packets
            .map_or(sources.bitrate, |it| it.saturating_mul(packet_bits));
        Mix {
            sound: !sources.no_sound,
            camera: Some(CameraSettings {
                bitrate,
                frames_a_second: sources.frames,
                packet_bytes: sources.packet_bytes,
                simulcast: sources.simulcast,
            }),
        }
    }

    /// The slots of each listener.
    pub fn listener_slots(&self) -> Slots {
        Slots {
            voices: self.slots.voices,
            stage: !self.slots.no_stage,
            tiles: self.slots.tiles,
        }
    }

    /// The network of those whose network is bad.
    pub fn bad_network(&self) -> Network {
        let impairment = &self.impairment;
        let conditions = Conditions {
            loss: impairment.loss / 100.0,
            delay: Duration::from_millis(impairment.delay),
            jitter: Duration::from_millis(impairment.jitter),
            rate: impairment.rate.map(u64::from),
        };
        let of = |direction| {
            let is_bad = [Direction::Both, direction].contains(&impairment.direction);
            if is_bad {
                conditions
            } else {
                Conditions::default()
            }
        };
        Network {
            up: of(Direction::Up),
            down: of(Direction::Down),
        }
    }
}

/// A number of things, in these bounds.
fn count(bounds: RangeInclusive<usize>) -> impl Fn(&str) -> Result<usize, String> + Clone {
    move |text| match text.parse() {
        Ok(number) if bounds.contains(&number) => Ok(number),
        _ => Err(format!(
            "it is a number from {} to {}",
            bounds.start(),
            bounds.end()
        )),
    }
}

/// A number of bits a second, with k or M.
fn bits(text: &str) -> Result<u32, String> {
    let (number, factor) = match text.strip_suffix(['k', 'K']) {
        Some(number) => (number, 1e3),
        None => match text.strip_suffix('M') {
            Some(number) => (number, 1e6),
            None => (text, 1.0),
        },
    };
    let wrong = || "it is a number of bits a second, such as 800k or 1.2M".to_owned();
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let bits = number * factor;
    if (1e3..=1e9).contains(&bits) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is in bounds"
        )]
        let bits = bits as u32;
        Ok(bits)
    } else {
        Err("it is from 1k to 1000M".to_owned())
    }
}

fn within(text: &str, bounds: RangeInclusive<f64>, sentence: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| sentence.to_owned())?;
    let fits = bounds.contains(&number);
    fits.then_some(number).ok_or_else(|| sentence.to_owned())
}

fn percentage(text: &str) -> Result<f64, String> {
    within(text, 0.0..=100.0, "it is a percentage from 0 to 100")
}

fn positive(text: &str) -> Result<f64, String> {
    within(text, 0.1..=1e4, "it is a number from 0.1 to 10000")
}

fn not_negative(text: &str) -> Result<f64, String> {
    within(text, 0.0..=1e5, "it is a number from 0 to 100000")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        let arguments = ["plenary-load", "--server", "http://h"]
            .iter()
            .chain(arguments);
        Options::try_parse_from(arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn bits_are_read_with_their_unit() {
        assert_eq!(bits("1.2M"), Ok(1_200_000));
        assert_eq!(bits("800k"), Ok(800_000));
        assert_eq!(bits("64000"), Ok(64_000));
        assert!(bits("fast").is_err() && bits("-1M").is_err() && bits("NaN").is_err());
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_a_sentence() {
        for (arguments, sentence) in [
            (["--loss", "101"], "it is a percentage from 0 to 100"),
            (["--devices", "9"], "it is a number from 1 to 8"),
            (["--rate", "1"], "it is from 1k to 1000M"),
        ] {
            let error = parse(&arguments).unwrap_err();
            assert!(error.contains(sentence), "{error}");
        }
        assert!(parse(&["--minutes", "1", "--seconds", "1"]).is_err());
    }

    #[test]
    fn a_network_is_bad_in_the_direction_that_was_named() {
        let options = parse(&["--loss", "5", "--direction", "down"]).unwrap();
        let network = options.bad_network();
        assert!(network.down.is_bad() && !network.up.is_bad());
    }

    #[test]
    fn a_janus_takes_the_place_of_a_server_and_takes_none_of_its_options() {
        let parse = |more: &[&str]| {
            let janus = ["plenary-load", "--janus", "ws://127.0.0.1:1"];
            Options::try_parse_from(janus.iter().chain(more))
        };
        let options = parse(&["--listeners", "2"]).unwrap();
        assert_eq!((options.server, options.people.listeners), (None, 2));
        assert!(parse(&["--server", "http://h"]).is_err());
        assert!(parse(&["--metrics", "http://h"]).is_err());
        assert!(Options::try_parse_from(["plenary-load"]).is_err());
    }

    #[test]
    fn packets_a_second_stand_for_a_bitrate() {
        let options = parse(&["--packets", "240", "--packet-bytes", "1200"]).unwrap();
        let camera = options.camera_mix().camera.unwrap();
        assert_eq!(camera.bitrate, 240 * 1_200 * 8);
    }
}
