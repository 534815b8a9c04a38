//! Runs the commands of the command line.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use plenary_conference::{Checked, Keys};
use plenary_room::Clock;
use plenary_text::isolated;

use crate::{
    backup,
    cli::{
        Check, Cli, Command, ConfigFile, Invite, Journal, Media, Proceedings, Recording,
        RecordingExport, Serve,
    },
    data_folder::{self, Missing},
    demo, descriptors, export,
    failure::Failure,
    folder_owner, invite, journal, logging, media, network_check,
    proceedings::{self, ProceedingsError},
    server::Server,
    service_manager,
    settings::Settings,
    terminate,
};

/// Runs a command of the command line.
pub async fn run(cli: Cli) -> Result<(), Failure> {
    let folder = cli.command.data_folder();
    let done = execute(cli.command).await;
    if let Some(folder) = folder {
        folder_owner::give_to_owner(&folder)?;
    }
    done
}

async fn execute(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(serve) => self::serve(serve).await,
        Command::Demo(demo) => {
            logging::start(&Settings {
                log_filter: "warn,rtc_dtls=error,rtc_ice=error,webrtc=error".to_owned(),
                ..Settings::default()
            });
            demo::run(demo).await
        }
        Command::Check(check) => self::check(&check).await,
        Command::Invite(invite) => self::invite(&invite),
        Command::Backup {
            file,
            without_recordings,
            config,
        } => {
            let data = settings(&config)?.data;
            for warning in backup::create(&data, &file, !without_recordings)? {
                eprintln!("plenary: {warning}");
            }
            Ok(())
        }
        Command::Restore { file, data } => {
            writeln!(io::stdout(), "{}", backup::restore(&file, &data)?)?;
            Ok(())
        }
        Command::Journal(journal) => journal::run(journal),
        Command::Proceedings(args) => self::proceedings(&args),
        Command::Media(media) => media::run(media),
        Command::Recording(Recording::Export(export)) => Ok(export::run(&export)?),
        Command::Revoke {
            invitations,
            config,
        } => revoke(&invitations, &config),
    }
}

pub(crate) fn settings(config: &ConfigFile) -> Result<Settings, Failure> {
    let mut settings = Settings::load(config.config.as_deref())?;
    settings.data_flag(config.data.as_deref())?;
    Ok(settings)
}

async fn check(check: &Check) -> Result<(), Failure> {
    let checked = plenary_conference::load(&check.conference).map_err(Failure::Conference)?;
    for warning in &checked.warnings {
        eprintln!("{warning}");
    }
    let mut out = io::stdout();
    let (file, name) = (check.conference.display(), &checked.conference.name);
    writeln!(out, "{file}: {} is in order", isolated(name))?;
    if !check.network {
        return Ok(());
    }
    let settings = settings(&check.config)?;
    let findings = network_check::run(&settings, check.stun.as_deref()).await;
    if network_check::write(&mut out, &findings)? {
        Ok(())
    } else {
        Err(Failure::Network)
    }
}

async fn serve(serve: Serve) -> Result<(), Failure> {
    let mut settings = settings(&serve.config)?;
    settings.flag("listen.http", serve.http)?;
    settings.flag("listen.https", serve.https)?;
    settings.flag("listen.media", serve.media)?;
    settings.flag("listen.ops", serve.ops)?;
    if serve.begin_anew {
        settings.missing = Missing::BeginAnew;
    }
    logging::start(&settings);
    let checked = plenary_conference::load(&serve.conference).map_err(Failure::Conference)?;
    for warning in &checked.warnings {
        tracing::warn!("{warning}");
    }
    descriptors::raise_limit();
    let conference = checked.conference.clone();
    let server = Server::start(conference, &settings, settings.limits).await?;
    let library = &server.app().library;
    for warning in checked.missing_recordings(|media| library.find(media).is_ok()) {
        tracing::warn!("{warning}");
    }
    if let Err(error) = proceedings::keep_conference(&serve.conference, &settings.data) {
        tracing::warn!(%error, "the conference file could not be copied beside the records");
    }
    let end = terminate::requested();
    writeln!(io::stdout(), "{}", server.ready_line())?;
    let https = server.https().map(tracing::field::display);
    tracing::info!(http = %server.http(), https, ops = %server.ops(), "ready");
    service_manager::ready(
        &settings.public_url(server.pages()),
        server.app().media.clone(),
    );
    end.await;
    service_manager::stopping();
    terminate::force_exit_later();
    server.drain().await;
    Ok(())
}

fn invite(invite: &Invite) -> Result<(), Failure> {
    let settings = settings(&invite.config)?;
    let Checked { conference, .. } =
        plenary_conference::load(&invite.conference).map_err(Failure::Conference)?;
    let keys = data_folder::keys(&settings.data)?;
    let url = if settings.has_public_url() {
        settings.public_url(settings.pages())
    } else {
        eprintln!(
            "plenary: the links lack the server's address, which is not known yet: its port is 0, so a free port is \
             picked when the server starts. Set public.url, or a port."
        );
        String::new()
    };
    let now = Clock::new().now();
    let until = match &invite.valid_until {
        Some(text) => invite::valid_until(text, &conference, now)?,
        None => Keys::usual_expiry(&conference, now),
    };
    let all = match &invite.display {
        None if invite.check => vec![invite::check(&conference, &keys, &url, until)?],
        Some(room) => {
            let language = invite.language.as_ref();
            vec![invite::display(
                &conference,
                room,
                language,
                &keys,
                &url,
                until,
            )?]
        }
        None => invite::invitations(&conference, &invite.persons, &keys, &url, until)?,
    };
    let all = if invite.whip {
        invite::for_studios(all, &url)
    } else {
        all
    };
    invite::write(&mut io::stdout().lock(), &all, &conference, invite.format)?;
    Ok(())
}

fn proceedings(args: &Proceedings) -> Result<(), Failure> {
    // Checked first: a folder without a journal is the wrong folder, and says more than a missing conference file.
    let kept = proceedings::kept_conference(&args.data).map_err(ProceedingsError::from)?;
    let file = args.conference.as_ref().unwrap_or(&kept);
    let Checked { conference, .. } = plenary_conference::load(file).map_err(Failure::Conference)?;
    let proceedings = proceedings::from_folder(&conference, &args.room, &args.data)?;
    let text = proceedings::write(&proceedings, args.format)?;
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

fn revoke(invitations: &[String], config: &ConfigFile) -> Result<(), Failure> {
    let keys = data_folder::keys(&settings(config)?.data)?;
    if let Some(wrong) = invitations.iter().find(|it| Keys::invited(it).is_none()) {
        return Err(Failure::NoInvitation(wrong.clone()));
    }
    for invitation in invitations {
        let state = if keys.revoke(invitation)? {
            "is revoked now"
        } else {
            "was revoked already"
        };
        writeln!(io::stdout(), "{invitation} {state}")?;
    }
    Ok(())
}

impl Command {
    /// The data folder in which a command works beside a server; none for a command that serves, or works in none.
    fn data_folder(&self) -> Option<PathBuf> {
        let of_settings = |config: &ConfigFile| Some(settings(config).ok()?.data);
        match self {
            Self::Serve(_) | Self::Demo(_) | Self::Check(_) => None,
            Self::Invite(Invite { config, .. })
            | Self::Media(
                Media::Add { config, .. }
                | Media::List { config, .. }
                | Media::Remove { config, .. },
            )
            | Self::Backup { config, .. }
            | Self::Revoke { config, .. } => of_settings(config),
            Self::Journal(Journal::Verify { data, .. } | Journal::Export { data, .. })
            | Self::Proceedings(Proceedings { data, .. })
            | Self::Recording(Recording::Export(RecordingExport { data, .. })) => {
                Some(data.clone())
            }
            Self::Restore { data, .. } => Some(data.clone()),
        }
    }
}
