//! `plenary media`: the recordings of a data folder, from the command line.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Write},
    path::Path,
};

use plenary_ids::Language;
use plenary_library::{Item, Kind, Library, Limits, Listed, Refused, Upload, inspect};
use plenary_text::isolated;

use crate::{
    cli::{ConfigFile, Media, MediaFormat},
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
            convert,
            config,
        } => add(&file, name, &language, convert, config),
        Media::List { format, config } => list(format, config),
        Media::Remove { media, config } => {
            library(config)?.0.remove(&media)?;
            writeln!(io::stdout(), "{media} is removed")?;
            Ok(())
        }
    }
}

fn library(config: ConfigFile) -> Result<(Library, Limits), Failure> {
    let settings = settings(config)?;
    let limits = settings.library_limits();
    Ok((Library::open(&settings.data, limits)?, limits))
}

fn add(
    path: &Path,
    name: Option<String>,
    languages: &[Language],
    convert_anyway: bool,
    config: ConfigFile,
) -> Result<(), Failure> {
    let (library, limits) = library(config)?;
    let name = name.or_else(|| Some(path.file_stem()?.to_string_lossy().into_owned()));
    let name = name.unwrap_or_default();
    let mut upload = library.upload()?;
    let file = File::open(path).map_err(Refused::from);
    match file.and_then(|file| inspect(file, limits)) {
        Ok(_) if !convert_anyway => copy(path, &mut upload)?,
        Ok(_) => convert::convert(path, &upload)?,
        Err(refused) if refused.can_be_converted() => {
            eprintln!("plenary: {refused}");
            eprintln!("plenary: ffmpeg converts it now.");
            convert::convert(path, &upload)?;
        }
        Err(refused) => return Err(plenary_library::LibraryError::from(refused).into()),
    }
    let item = library.add(&name, upload, languages)?;
    for warning in &item.warnings {
        eprintln!("plenary: {warning}");
    }
    writeln!(io::stdout(), "{}", line(&item))?;
    Ok(())
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
    let listed = library(config)?.0.list()?;
    let mut out = io::stdout().lock();
    match format {
        MediaFormat::Json => {
            let items: Vec<MediaItem> = listed.iter().map(MediaItem::from).collect();
            let text = serde_json::to_string_pretty(&items).map_err(io::Error::from)?;
            writeln!(out, "{text}")?;
        }
        MediaFormat::Text => {
            for it in &listed {
                match it {
                    Listed::Whole(item) => writeln!(out, "{}", line(item))?,
                    Listed::Damaged { id, why } => writeln!(out, "{id}: damaged: {why}")?,
                }
            }
        }
    }
    Ok(())
}

/// `mayor-address: Mayor's address, 5:00; VP8 720p, 360p, 180p; Opus en, ja`
fn line(item: &Item) -> String {
    let mut parts = vec![format!(
        "{}: {}, {}",
        item.id,
        isolated(&item.name),
        length(item)
    )];
    for kind in [Kind::Video, Kind::Audio, Kind::Text] {
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
    parts.join("; ")
}

fn length(item: &Item) -> String {
    let seconds = item.duration.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
