//! How loud a recording is, and whether it begins or ends in silence, as ffmpeg measures it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use super::input;

/// What an address has after a conversion, in LUFS (EBU R 128).
const TARGET_LUFS: f64 = -16.0;
/// With more or less than that listeners change their volume.
const TOLERANCE_LU: f64 = 6.0;
/// Quieter than a room in which nobody speaks.
const SILENCE_DB: i32 = -50;
/// Silence that an audience takes for a fault.
const MIN_SILENCE: f64 = 2.0;

/// What was measured of a track of sound.
#[derive(Debug, Clone, PartialEq)]
struct Measured {
    /// The integrated loudness; none if there was nothing to hear.
    lufs: Option<f64>,
    /// The silences, each by its beginning and its end in seconds.
    silences: Vec<(f64, f64)>,
}

/// What an operator should know of the sound of a file, in sentences; none without an ffmpeg that can say it.
pub fn sound_warnings(file: &Path, tracks: usize, duration: Duration) -> Option<Vec<String>> {
    let mut warnings = Vec::new();
    for track in 0..tracks {
        let measured = measure(file, track, duration)?;
        warnings.extend(measured.warnings(track, tracks, duration));
    }
    Some(warnings)
}

fn measure(file: &Path, track: usize, duration: Duration) -> Option<Measured> {
    let filters = format!(
        "ebur128=framelog=verbose,silencedetect=noise={SILENCE_DB}dB:duration={MIN_SILENCE}"
    );
    let mut ffmpeg = Command::new("ffmpeg")
        .args(["-nostdin", "-nostats", "-hide_banner", "-v", "info", "-i"])
        .arg(input(file))
        .args(["-map", &format!("0:a:{track}"), "-af", &filters])
        .args(["-f", "null", "-"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let said = BufReader::new(ffmpeg.stderr.take()?);
    let measured = Measured::read(said.lines().map_while(Result::ok), duration);
    ffmpeg.wait().ok()?.success().then_some(measured)
}

impl Measured {
    fn read(lines: impl Iterator<Item = String>, duration: Duration) -> Self {
        let mut measured = Self {
            lufs: None,
            silences: Vec::new(),
        };
        let number = |text: &str| text.split_whitespace().next()?.parse::<f64>().ok();
        let mut begun = None;
        for line in lines {
            if let Some((_, start)) = line.split_once("silence_start:") {
                begun = number(start);
            } else if let Some((_, end)) = line.split_once("silence_end:") {
                measured.silences.extend(begun.take().zip(number(end)));
            } else if let Some(lufs) = line.trim_start().strip_prefix("I:") {
                // Below the gate of −70 LUFS there is nothing to measure.
                measured.lufs = number(lufs).filter(|lufs| *lufs > -70.0);
            }
        }
        let end = duration.as_secs_f64();
        measured.silences.extend(begun.map(|start| (start, end)));
        measured
    }

    fn warnings(&self, track: usize, tracks: usize, duration: Duration) -> Vec<String> {
        let of = if tracks > 1 {
            format!("Sound track {}: ", track + 1)
        } else {
            String::new()
        };
        let mut warnings = Vec::new();
        let Some(lufs) = self.lufs else {
            return vec![format!("{of}There is nothing to hear.")];
        };
        let away = lufs - TARGET_LUFS;
        if away.abs() > TOLERANCE_LU {
            let how = if away < 0.0 { "quieter" } else { "louder" };
            warnings.push(format!(
                "{of}The sound has {lufs:.0} LUFS, {:.0} LU {how} than is usual for speech; `plenary media add --convert` levels it.",
                away.abs()
            ));
        }
        let end = duration.as_secs_f64();
        // Encoders add some hundredths of a second.
        let near = |one: f64, other: f64| (one - other).abs() < 0.2;
        for (from, to) in &self.silences {
            let seconds = to - from;
            if near(*from, 0.0) {
                warnings.push(format!("{of}The first {seconds:.0} s are silent."));
            } else if near(*to, end) {
                warnings.push(format!("{of}The last {seconds:.0} s are silent."));
            }
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn read(said: &str) -> Measured {
        Measured::read(said.lines().map(str::to_owned), MINUTE)
    }

    #[test]
    fn what_ffmpeg_says_is_read_with_a_silence_that_lasts_to_the_end() {
        let said = "[silencedetect @ 0x1] silence_start: 0\n\
                    [silencedetect @ 0x1] silence_end: 3.5 | silence_duration: 3.5\n\
                    [silencedetect @ 0x1] silence_start: 56.02\n\
                    [Parsed_ebur128_0 @ 0x2] Summary:\n\n  Integrated loudness:\n    I:         -31.2 LUFS\n";
        let measured = read(said);
        assert_eq!(measured.lufs, Some(-31.2));
        assert_eq!(measured.silences, [(0.0, 3.5), (56.02, 60.0)]);
        let warnings = measured.warnings(1, 2, MINUTE);
        assert!(warnings[0].starts_with("Sound track 2: The sound has -31 LUFS, 15 LU quieter"));
        assert!(
            warnings[1].ends_with("The first 4 s are silent."),
            "{warnings:?}"
        );
        assert!(
            warnings[2].ends_with("The last 4 s are silent."),
            "{warnings:?}"
        );
    }

    #[test]
    fn speech_of_the_usual_loudness_has_no_warning_and_silence_has_one() {
        assert!(read("I: -18.0 LUFS\n").warnings(0, 1, MINUTE).is_empty());
        let silent = read("silence_start: 0\nI: -70.0 LUFS\n");
        assert_eq!(silent.warnings(0, 1, MINUTE), ["There is nothing to hear."]);
    }

    #[test]
    fn ffmpeg_measures_a_tone_between_two_silences() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tone.mka");
        let tone = "sine=frequency=997:duration=6,volume=enable='not(between(t,3,3.9))':volume=0";
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-f", "lavfi", "-i", tone])
            .args(["-c:a", "libopus"])
            .arg(&file)
            .status();
        assert!(made.unwrap().success());
        let warnings = sound_warnings(&file, 1, Duration::from_secs(6)).unwrap();
        assert!(
            warnings.iter().any(|it| it == "The first 3 s are silent."),
            "{warnings:?}"
        );
        assert!(
            warnings.iter().any(|it| it == "The last 2 s are silent."),
            "{warnings:?}"
        );
    }
}
