//! Converts a file with ffmpeg into what can be played: three sizes of VP8 with a keyframe every two seconds, and Opus at
//! the loudness that broadcasters use for speech. `mp4.rs` converts what was recorded, and
//! `loudness.rs` measures sound.

mod loudness;
mod mp4;

use std::{
    ffi::OsString,
    io::{self, BufRead, BufReader, ErrorKind},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use plenary_library::{LibraryError, Upload};
use serde::Deserialize;

pub use self::{loudness::sound_warnings, mp4::to_mp4};
use crate::progress::ProgressBar;

/// The sizes of the pictures, by their lines, each with its bitrate in kbit/s.
const LAYERS: [(u32, u32); 3] = [(720, 1500), (360, 500), (180, 150)];
/// Integrated loudness in LUFS, true peak in dBTP and loudness range in LU (EBU R 128; −16 LUFS is usual for speech online).
const LOUDNESS: &str = "loudnorm=I=-16:TP=-1.5:LRA=11,aresample=48000";
const MAX_FRAMES_PER_SECOND: f64 = 30.0;

/// Why a file cannot be converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The machine has no ffmpeg installed.
    #[error(
        "ffmpeg, which converts recordings, is not installed. Install it (apt install ffmpeg) and try again; or convert the file on another machine, with sound and a keyframe every 2 s:\n  ffmpeg -i {} -c:v libvpx -b:v 1500k -force_key_frames 'expr:gte(t,n_forced*2)' -c:a libopus recording.webm",
        shell(file)
    )]
    Missing { file: PathBuf },
    /// The machine has no ffmpeg installed, which an export to MP4 needs.
    #[error(
        "ffmpeg, which makes MP4, is not installed. Install it (apt install ffmpeg) and try again, or export without --mp4"
    )]
    MissingForMp4,
    /// ffmpeg cannot read the file.
    #[error("ffmpeg cannot read {}: {said}", file.display())]
    Unreadable { file: PathBuf, said: String },
    /// The file has neither sound nor pictures.
    #[error("{} has neither sound nor pictures that ffmpeg knows", file.display())]
    Nothing { file: PathBuf },
    /// ffmpeg has ended with an error.
    #[error("ffmpeg could not convert {}: {said}", file.display())]
    Failed { file: PathBuf, said: String },
    /// What it writes is too large, or the disk has no room for more of it.
    #[error(transparent)]
    Stopped(#[from] LibraryError),
    /// ffmpeg cannot be run.
    #[error("ffmpeg cannot be run: {0}")]
    Io(#[from] io::Error),
}

/// What ffprobe says of a file.
#[derive(Debug, Default, Deserialize)]
struct Probe {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Debug, Default, Deserialize)]
struct Stream {
    #[serde(default)]
    codec_type: String,
    #[serde(default)]
    codec_name: String,
    height: Option<u32>,
    avg_frame_rate: Option<String>,
    #[serde(default)]
    tags: Tags,
    #[serde(default)]
    disposition: Disposition,
}

#[derive(Debug, Default, Deserialize)]
struct Tags {
    language: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Disposition {
    /// A cover, which is a picture and no pictures.
    #[serde(default)]
    attached_pic: u8,
}

#[derive(Debug, Default, Deserialize)]
struct Format {
    duration: Option<String>,
}

/// The subtitles that ffmpeg knows and that are pictures of text.
const PICTURED_SUBTITLES: [&str; 4] = ["dvb_subtitle", "dvd_subtitle", "hdmv_pgs_subtitle", "xsub"];

/// Converts a file into the place of an upload, and shows how far it is. Returns what could not be carried over, in
/// sentences.
pub fn convert(file: &Path, to: &Upload) -> Result<Vec<String>, ConvertError> {
    let probe = probe(file)?;
    let arguments = arguments(file, to.path(), &probe).ok_or_else(|| ConvertError::Nothing {
        file: file.to_owned(),
    })?;
    let seconds = probe.format.duration.as_deref();
    let seconds = seconds.and_then(|it| it.parse().ok());
    let ended = run(arguments, seconds, || Ok(to.check_file()?))?;
    ended.map_err(|said| match said {
        NotConverted::NotRun(error) => not_run(error, file),
        NotConverted::Failed(said) => {
            let file = file.to_owned();
            ConvertError::Failed { file, said }
        }
    })?;
    Ok(left_out(&probe))
}

/// The subtitles of a file, each with its place among them and whether it is text.
fn subtitles(probe: &Probe) -> impl Iterator<Item = (usize, &Stream, bool)> {
    let of_kind = probe
        .streams
        .iter()
        .filter(|it| it.codec_type == "subtitle");
    of_kind.enumerate().map(|(at, stream)| {
        let is_text = !PICTURED_SUBTITLES.contains(&stream.codec_name.as_str());
        (at, stream, is_text && !stream.codec_name.is_empty())
    })
}

fn left_out(probe: &Probe) -> Vec<String> {
    let left_out = subtitles(probe).filter(|(_, _, is_text)| !is_text);
    let sentences = left_out.map(|(at, stream, _)| {
        let of = stream.tags.language.as_deref().map_or_else(String::new, |it| format!(" ({it})"));
        format!(
            "Subtitle track {}{of} is made of pictures and not of text, and was left out. Add its text as WebVTT: `plenary media add --subtitles LANGUAGE=FILE.vtt`.",
            at + 1
        )
    });
    sentences.collect()
}

/// Why ffmpeg has not done what it was told.
enum NotConverted {
    NotRun(io::Error),
    /// What it said last.
    Failed(String),
}

/// Runs ffmpeg, and shows how far it is, until it may not go on.
fn run(
    arguments: Vec<OsString>,
    seconds: Option<f64>,
    may_go_on: impl Fn() -> Result<(), ConvertError>,
) -> Result<Result<(), NotConverted>, ConvertError> {
    let started = Command::new("ffmpeg")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut ffmpeg = match started {
        Ok(ffmpeg) => ffmpeg,
        Err(error) => return Ok(Err(NotConverted::NotRun(error))),
    };
    let errors = ffmpeg.stderr.take();
    // Read beside the progress, so that ffmpeg never waits for a full pipe.
    let errors = std::thread::spawn(move || last_line(errors));
    if let Some(progress) = ffmpeg.stdout.take()
        && let Err(error) = show(BufReader::new(progress), seconds, may_go_on)
    {
        // It would write on.
        let _ = ffmpeg.kill();
        let _ = ffmpeg.wait();
        return Err(error);
    }
    let ended = ffmpeg.wait()?;
    let said = errors.join().unwrap_or_default();
    Ok(if ended.success() {
        Ok(())
    } else {
        Err(NotConverted::Failed(said))
    })
}

fn not_run(error: io::Error, file: &Path) -> ConvertError {
    if error.kind() == ErrorKind::NotFound {
        let file = file.to_owned();
        return ConvertError::Missing { file };
    }
    error.into()
}

fn probe(file: &Path) -> Result<Probe, ConvertError> {
    let output = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-show_streams",
            "-show_format",
            "-of",
            "json",
        ])
        .arg(input(file))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| not_run(error, file))?;
    if !output.status.success() {
        let said = last_line(Some(output.stderr.as_slice()));
        let file = file.to_owned();
        return Err(ConvertError::Unreadable { file, said });
    }
    Ok(serde_json::from_slice(&output.stdout).map_err(io::Error::from)?)
}

/// The arguments of ffmpeg; none if there is nothing to convert.
fn arguments(file: &Path, to: &Path, probe: &Probe) -> Option<Vec<OsString>> {
    let of_kind = |kind: &'static str| {
        let streams = probe.streams.iter().filter(move |it| it.codec_type == kind);
        streams.filter(|it| it.disposition.attached_pic == 0)
    };
    let picture = of_kind("video").next();
    let sounds: Vec<&Stream> = of_kind("audio").collect();
    if picture.is_none() && sounds.is_empty() {
        return None;
    }
    let mut words: Vec<OsString> = Vec::new();
    let mut add = |more: &[&str]| words.extend(more.iter().map(OsString::from));
    add(&["-nostdin", "-v", "error", "-progress", "pipe:1", "-y", "-i"]);
    words.push(input(file));
    let mut add = |more: &[&str]| words.extend(more.iter().map(OsString::from));
    if let Some(picture) = picture {
        let layers = layers(picture.height.unwrap_or(u32::MAX));
        add(&["-filter_complex", &filters(picture, &layers)]);
        for (at, (_, kilobits)) in layers.iter().enumerate() {
            add(&["-map", &format!("[v{at}]")]);
            add(&[&format!("-b:v:{at}"), &format!("{kilobits}k")]);
            add(&[
                &format!("-maxrate:v:{at}"),
                &format!("{}k", kilobits * 3 / 2),
            ]);
            add(&[&format!("-bufsize:v:{at}"), &format!("{}k", kilobits * 2)]);
        }
        add(&["-c:v", "libvpx", "-deadline", "good", "-cpu-used", "4"]);
        add(&["-auto-alt-ref", "0", "-lag-in-frames", "0"]);
        add(&["-force_key_frames", "expr:gte(t,n_forced*2)"]);
    }
    for (at, sound) in sounds.iter().enumerate() {
        add(&["-map", &format!("0:a:{at}")]);
        if let Some(language) = &sound.tags.language {
            add(&[
                &format!("-metadata:s:a:{at}"),
                &format!("language={language}"),
            ]);
        }
    }
    if !sounds.is_empty() {
        add(&["-filter:a", LOUDNESS, "-ac", "2"]);
        add(&["-c:a", "libopus", "-b:a", "96k"]);
    }
    let texts = subtitles(probe).filter(|(_, _, is_text)| *is_text);
    for (place, (at, stream, _)) in texts.enumerate() {
        add(&["-map", &format!("0:s:{at}"), "-c:s", "webvtt"]);
        if let Some(language) = &stream.tags.language {
            add(&[
                &format!("-metadata:s:s:{place}"),
                &format!("language={language}"),
            ]);
        }
    }
    add(&["-max_muxing_queue_size", "4096", "-f", "matroska"]);
    words.push(input(to));
    Some(words)
}

/// A path as ffmpeg takes it, which would read a colon as the end of a protocol's name.
fn input(file: &Path) -> OsString {
    let mut word = OsString::from("file:");
    word.push(file);
    word
}

/// The sizes of pictures of so many lines: their own up to the largest, and those that are clearly smaller.
fn layers(height: u32) -> Vec<(u32, u32)> {
    let [(largest, _), smaller @ ..] = LAYERS;
    // The colours of VP8 have half the lines, so their number is even.
    let own = (height.min(largest) / 2 * 2).max(2);
    let enough_for = |lines: u32| LAYERS.iter().rev().find(|(upto, _)| lines <= upto * 3 / 2);
    let kilobits = enough_for(own).map_or(LAYERS[0].1, |(_, kilobits)| *kilobits);
    let smaller = smaller
        .into_iter()
        .filter(|(lines, _)| lines * 3 / 2 <= own);
    [(own, kilobits)].into_iter().chain(smaller).collect()
}

fn filters(picture: &Stream, layers: &[(u32, u32)]) -> String {
    let rate = picture
        .avg_frame_rate
        .as_deref()
        .and_then(frames_per_second);
    let slower = match rate {
        Some(rate) if rate > MAX_FRAMES_PER_SECOND + 0.5 => "fps=30,",
        _ => "",
    };
    let (mut inputs, mut scaled) = (Vec::new(), Vec::new());
    for (at, (lines, _)) in layers.iter().enumerate() {
        inputs.push(format!("[i{at}]"));
        scaled.push(format!(
            ";[i{at}]scale=-2:{lines},setsar=1,format=yuv420p[v{at}]"
        ));
    }
    let (split, inputs, scaled) = (inputs.len(), inputs.concat(), scaled.concat());
    format!("[0:v:0]{slower}split={split}{inputs}{scaled}")
}

/// A rate as ffprobe writes it, such as `30000/1001`.
fn frames_per_second(rate: &str) -> Option<f64> {
    let (frames, seconds) = rate.split_once('/')?;
    let (frames, seconds): (f64, f64) = (frames.parse().ok()?, seconds.parse().ok()?);
    (seconds > 0.0).then(|| frames / seconds)
}

/// Shows how far a conversion is, by what ffmpeg says of it, until it may not go on.
fn show<E: From<io::Error>>(
    progress: impl BufRead,
    seconds: Option<f64>,
    may_go_on: impl Fn() -> Result<(), E>,
) -> Result<(), E> {
    let mut bar = ProgressBar::new("Converting");
    for line in progress.lines() {
        let line = line?;
        let Some(done) = line.strip_prefix("out_time_us=") else {
            continue;
        };
        may_go_on()?;
        if let (Some(seconds), Ok(done)) = (seconds.filter(|it| *it > 0.0), done.parse::<f64>()) {
            bar.show(done / 1e6 / seconds)?;
        }
    }
    Ok(bar.finish()?)
}

/// The last line that a program has said; what came before it only led to it.
fn last_line(from: Option<impl io::Read>) -> String {
    let Some(from) = from else {
        return String::new();
    };
    let lines = BufReader::new(from).lines().map_while(Result::ok);
    let last = lines.filter(|line| !line.trim().is_empty()).last();
    last.unwrap_or_else(|| "it does not say why".to_owned())
}

/// A path as a shell takes it.
fn shell(file: &Path) -> String {
    format!("'{}'", file.display().to_string().replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(streams: &str) -> Option<Vec<String>> {
        let probe: Probe = serde_json::from_str(streams).unwrap();
        let words = arguments(Path::new("a:b.mp4"), Path::new("out"), &probe)?;
        Some(
            words
                .into_iter()
                .map(|it| it.into_string().unwrap())
                .collect(),
        )
    }

    #[test]
    fn pictures_become_three_sizes_that_are_no_larger_than_they_are() {
        let sizes = |height| {
            layers(height)
                .into_iter()
                .map(|(lines, _)| lines)
                .collect::<Vec<_>>()
        };
        assert_eq!(sizes(2160), [720, 360, 180]);
        assert_eq!(sizes(720), [720, 360, 180]);
        assert_eq!(sizes(577), [576, 360, 180]);
        assert_eq!(sizes(360), [360, 180]);
        assert_eq!(sizes(400), [400, 180]);
        assert_eq!(sizes(200), [200]);
        assert_eq!(sizes(91), [90]);
    }

    #[test]
    fn every_track_of_sound_keeps_its_language() {
        let words = words(
            r#"{"streams":[
                {"codec_type":"audio","tags":{"language":"jpn"}},
                {"codec_type":"video","height":1080,"avg_frame_rate":"60/1"},
                {"codec_type":"audio"},
                {"codec_type":"video","height":300,"disposition":{"attached_pic":1}}
            ]}"#,
        );
        let words = words.unwrap().join(" ");
        assert!(words.contains("-i file:a:b.mp4"), "{words}");
        assert!(
            words.contains("[0:v:0]fps=30,split=3[i0][i1][i2]"),
            "{words}"
        );
        assert!(
            words.contains("-map 0:a:0 -metadata:s:a:0 language=jpn -map 0:a:1"),
            "{words}"
        );
        assert!(words.contains("loudnorm=I=-16"), "{words}");
    }

    #[test]
    fn subtitles_of_text_are_carried_over_and_those_of_pictures_are_named() {
        let streams = r#"{"streams":[
            {"codec_type":"audio"},
            {"codec_type":"subtitle","codec_name":"hdmv_pgs_subtitle","tags":{"language":"eng"}},
            {"codec_type":"subtitle","codec_name":"subrip","tags":{"language":"jpn"}},
            {"codec_type":"subtitle","codec_name":"mov_text"}
        ]}"#;
        let all = words(streams).unwrap().join(" ");
        assert!(
            all.contains(
                "-map 0:s:1 -c:s webvtt -metadata:s:s:0 language=jpn -map 0:s:2 -c:s webvtt -max"
            ),
            "{all}"
        );
        let [left_out] = &left_out(&serde_json::from_str(streams).unwrap())[..] else {
            panic!("one is left out");
        };
        assert!(
            left_out.starts_with("Subtitle track 1 (eng) is made of pictures"),
            "{left_out}"
        );
    }

    #[test]
    fn sound_alone_needs_no_pictures_and_a_cover_is_none() {
        let cover = r#"{"codec_type":"video","disposition":{"attached_pic":1}}"#;
        let sound = words(&format!(
            r#"{{"streams":[{{"codec_type":"audio"}},{cover}]}}"#
        ));
        assert!(!sound.unwrap().join(" ").contains("libvpx"));
        assert_eq!(words(&format!(r#"{{"streams":[{cover}]}}"#)), None);
    }

    #[test]
    fn a_conversion_that_writes_too_much_is_stopped() {
        let progress = &b"out_time_us=1000\nprogress=continue\nout_time_us=2000\n"[..];
        let asked = std::cell::Cell::new(0);
        let full = || {
            asked.set(asked.get() + 1);
            let (free, reserved) = (1, 2);
            Err(ConvertError::from(LibraryError::DiskFull {
                free,
                reserved,
            }))
        };
        let stopped = show(progress, None, full).unwrap_err().to_string();
        assert!(stopped.contains("stay free for the record"), "{stopped}");
        assert_eq!(asked.get(), 1);
    }

    #[test]
    fn a_path_in_the_advice_can_be_pasted_into_a_shell() {
        assert_eq!(shell(Path::new("it's.mp4")), "'it'\\''s.mp4'");
    }
}
