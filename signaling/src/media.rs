//! `plenary media`: the recordings of a data folder, from the command line.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    sync::Arc,
};

use plenary_ids::Language;
use plenary_library::{
    Cue, Item, Kind, Library, Limits, Listed, MAX_SUBTITLES_BYTES, Refused, Upload, inspect,
    parse_subtitles,
};
use plenary_text::isolated;

use crate::{
    cli::{ConfigFile, Media, MediaFormat, SubtitlesFile},
    convert,
    failure::Failure,
    http::media::MediaItem,
    run::settings,
};

const COPY_BUFFER_BYTES: usize = 1 << 20;

/// Runs one of the subcommands of `plenary media`.
pub fn run(command: Media) -> Result<(), Failure> {
    match command {
        Media::Add {
            file,
            name,
            language,
            subtitles,
            convert,
            config,
        } => add(
            &file,
            name,
            Languages {
                sound: &language,
                subtitles: &subtitles,
            },
            convert,
            config,
        ),
        Media::List { format, config } => list(format, config),
        Media::Remove { media, config } => {
            library(config)?.0.remove(&media)?;
            writeln!(io::stdout(), "{media} is removed")?;
            Ok(())
        }
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "its callers have no further use for it"
)]
fn library(config: ConfigFile) -> Result<(Library, Limits), Failure> {
    let settings = settings(&config)?;
    let limits = settings.library_limits();
    Ok((Library::open(&settings.data, limits)?, limits))
}

/// The languages that are given for a recording: of its sound, and with their files of its subtitles.
#[derive(Debug, Clone, Copy)]
struct Languages<'a> {
    sound: &'a [Language],
    subtitles: &'a [SubtitlesFile],
}

fn add(
    path: &Path,
    name: Option<String>,
    languages: Languages<'_>,
    convert_anyway: bool,
    config: ConfigFile,
) -> Result<(), Failure> {
    // Before a conversion that takes long.
    let subtitles = read_subtitles(languages.subtitles)?;
    let (library, limits) = library(config)?;
    let name = name.or_else(|| Some(path.file_stem()?.to_string_lossy().into_owned()));
    let name = name.unwrap_or_default();
    let mut upload = library.upload()?;
    let file = File::open(path).map_err(Refused::from);
    let mut left_out = Vec::new();
    match file.and_then(|file| inspect(file, limits)) {
        Ok(_) if !convert_anyway => copy(path, &mut upload)?,
        Ok(_) => left_out = convert::convert(path, &upload)?,
        Err(refused) if refused.can_be_converted() => {
            eprintln!("plenary: {refused}");
            eprintln!("plenary: ffmpeg converts it now.");
            left_out = convert::convert(path, &upload)?;
        }
        Err(refused) => return Err(plenary_library::LibraryError::from(refused).into()),
    }
    let item = library.add(&name, upload, languages.sound)?;
    let item = measured(&library, item)?;
    for (language, cues) in &subtitles {
        library.set_subtitles(&item.id, language, cues)?;
    }
    for warning in left_out.iter().chain(&item.warnings) {
        eprintln!("plenary: {warning}");
    }
    let subtitles = library.subtitles(&item.id)?;
    writeln!(io::stdout(), "{}", line(&item, &subtitles))?;
    Ok(())
}

/// Adds to a recording what ffmpeg says of its sound, if it is installed.
fn measured(library: &Library, item: Arc<Item>) -> Result<Arc<Item>, Failure> {
    let sounds = item.tracks.iter().filter(|it| it.kind == Kind::Audio);
    let content = library.content(&item.id)?;
    match convert::sound_warnings(&content.path, sounds.count(), item.duration) {
        Some(warnings) if !warnings.is_empty() => Ok(library.warn(&item.id, warnings)?),
        _ => Ok(item),
    }
}

fn read_subtitles(files: &[SubtitlesFile]) -> Result<Vec<(Language, Vec<Cue>)>, Failure> {
    let read = files.iter().map(|SubtitlesFile { language, file }| {
        let refused = |why: String| Failure::Subtitles {
            file: file.clone(),
            why,
        };
        let text = read_bounded(file).map_err(|error| refused(error.to_string()))?;
        let cues = parse_subtitles(&text).map_err(|bad| refused(bad.to_string()))?;
        Ok((language.clone(), cues))
    });
    read.collect()
}

/// The file, or a byte more of it than subtitles have.
fn read_bounded(file: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let most = u64::try_from(MAX_SUBTITLES_BYTES + 1).unwrap_or(u64::MAX);
    File::open(file)?.take(most).read_to_end(&mut text)?;
    Ok(text)
}

fn copy(path: &Path, upload: &mut Upload) -> Result<(), Failure> {
    let file = File::open(path)?;
    upload.expect(file.metadata()?.len())?;
    let mut file = BufReader::with_capacity(COPY_BUFFER_BYTES, file);
    loop {
        let part = file.fill_buf()?;
        if part.is_empty() {
            return Ok(());
        }
        upload.write(part)?;
        let length = part.len();
        file.consume(length);
    }
}

fn list(format: MediaFormat, config: ConfigFile) -> Result<(), Failure> {
    let (library, _) = library(config)?;
    let listed = library.list()?;
    let mut out = io::stdout().lock();
    match format {
        MediaFormat::Json => {
            let items = MediaItem::all(&library)?;
            let text = serde_json::to_string_pretty(&items).map_err(io::Error::from)?;
            writeln!(out, "{text}")?;
        }
        MediaFormat::Text => {
            for it in &listed {
                match it {
                    Listed::Whole(item) => {
                        let subtitles = library.subtitles(&item.id)?;
                        writeln!(out, "{}", line(item, &subtitles))?;
                    }
                    Listed::Damaged { id, why } => writeln!(out, "{id}: damaged: {why}")?,
                }
            }
        }
    }
    Ok(())
}

/// `mayor-address: Mayor's address, 5:00; VP8 720p, 360p, 180p; Opus en, ja; subtitles en`
fn line(item: &Item, subtitles: &[Language]) -> String {
    let mut parts = vec![format!(
        "{}: {}, {}",
        item.id,
        isolated(&item.name),
        length(item)
    )];
    for kind in [Kind::Video, Kind::Audio] {
        let tracks: Vec<_> = item.tracks.iter().filter(|it| it.kind == kind).collect();
        let Some(first) = tracks.first() else {
            continue;
        };
        let each = tracks
            .iter()
            .filter_map(|it| match (it.height, &it.language) {
                (Some(height), _) => Some(format!("{height}p")),
                (None, Some(language)) => Some(language.to_string()),
                (None, None) => None,
            });
        let each: Vec<String> = each.collect();
        let text = format!("{} {}", first.codec.name(), each.join(", "));
        parts.push(text.trim_end().to_owned());
    }
    if !subtitles.is_empty() {
        let subtitles: Vec<&str> = subtitles.iter().map(Language::as_str).collect();
        parts.push(format!("subtitles {}", subtitles.join(", ")));
    }
    parts.join("; ")
}

fn length(item: &Item) -> String {
    let seconds = item.duration.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
