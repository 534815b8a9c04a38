//! An exported recording as MP4.

use std::{ffi::OsString, fmt::Write, io::ErrorKind, path::Path};

use plenary_ids::Language;
use plenary_recorder::Muxed;

use super::{ConvertError, NotConverted, input, run};

/// Converts an exported recording to MP4: H.264 and AAC, with pauses filled and every picture in one size. Those who were
/// heard together are heard together.
pub fn to_mp4(file: &Path, to: &Path, seconds: f64, muxed: &Muxed) -> Result<(), ConvertError> {
    let mut words: Vec<OsString> = Vec::new();
    let mut add = |more: &[&str]| words.extend(more.iter().map(OsString::from));
    add(&["-nostdin", "-v", "error", "-progress", "pipe:1", "-y", "-i"]);
    words.push(input(file));
    let mut add = |more: &[&str]| words.extend(more.iter().map(OsString::from));
    let (filters, sounds) = mp4_filters(muxed);
    add(&["-filter_complex", &filters]);
    if muxed.size.is_some() {
        add(&["-map", "[picture]"]);
        add(&["-c:v", "libx264", "-preset", "veryfast", "-crf", "23"]);
    }
    for (at, language) in sounds.iter().enumerate() {
        add(&["-map", &format!("[sound{at}]")]);
        if let Some(language) = language {
            let letters = plenary_library::iso639_2(language).unwrap_or("und");
            add(&[
                &format!("-metadata:s:a:{at}"),
                &format!("language={letters}"),
                &format!("-metadata:s:a:{at}"),
                &format!("handler_name={language}"),
            ]);
        }
    }
    add(&["-map_chapters", "0"]);
    add(&["-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart"]);
    add(&["-max_muxing_queue_size", "4096", "-f", "mp4"]);
    words.push(input(to));
    let go_on = || Ok::<(), ConvertError>(());
    run(words, Some(seconds), go_on)?.map_err(|said| match said {
        NotConverted::NotRun(error) if error.kind() == ErrorKind::NotFound => {
            ConvertError::MissingForMp4
        }
        NotConverted::NotRun(error) => error.into(),
        NotConverted::Failed(said) => {
            let file = file.to_owned();
            ConvertError::Failed { file, said }
        }
    })
}

/// The filters that give MP4 its picture, and its sounds, of which each is named by its language: the floor first, with all
/// who were heard on it, then the channels.
fn mp4_filters(muxed: &Muxed) -> (String, Vec<Option<Language>>) {
    let mut filters: Vec<String> = Vec::new();
    if let Some((width, height)) = muxed.size {
        let (width, height) = ((width / 2 * 2).max(2), (height / 2 * 2).max(2));
        filters.push(format!(
            "[0:v:0]scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}:-1:-1,setsar=1,format=yuv420p[picture]"
        ));
    }
    let mut sounds: Vec<(Option<Language>, Vec<usize>)> = Vec::new();
    for (at, language) in muxed.sounds.iter().enumerate() {
        match sounds.iter_mut().find(|(known, _)| known == language) {
            Some((_, tracks)) => tracks.push(at),
            None => sounds.push((language.clone(), vec![at])),
        }
    }
    for (number, (_, tracks)) in sounds.iter().enumerate() {
        let mut inputs = String::new();
        for at in tracks {
            filters.push(format!(
                "[0:a:{at}]aresample=async=1:first_pts=0[track{at}]"
            ));
            let _ = write!(inputs, "[track{at}]");
        }
        // Nobody becomes softer because another could be heard.
        let count = tracks.len();
        filters.push(format!(
            "{inputs}amix=inputs={count}:duration=longest:normalize=0,alimiter=limit=0.95[sound{number}]"
        ));
    }
    let languages = sounds.into_iter().map(|(language, _)| language);
    (filters.join(";"), languages.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_are_heard_together_are_one_sound_of_mp4_and_each_channel_is_another() {
        let ja = Language::new("ja").unwrap();
        let muxed = Muxed {
            from: plenary_ids::Moment(0),
            duration_ms: 0,
            bytes: 0,
            media_type: String::new(),
            size: None,
            sounds: vec![None, None, Some(ja.clone())],
        };
        let (filters, sounds) = mp4_filters(&muxed);
        assert_eq!(sounds, [None, Some(ja)]);
        let parts: Vec<&str> = filters.split(';').collect();
        assert!(
            parts[2].starts_with("[track0][track1]amix=inputs=2"),
            "{filters}"
        );
        assert!(parts[4].starts_with("[track2]amix=inputs=1"), "{filters}");
    }
}
