//! `plenary demo`: serves the example conference from this machine, with a data folder that is deleted at the end.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    pin::pin,
};

use plenary_conference::{Conference, Keys, Role};

use plenary_text::isolated;

use crate::{
    cities::{self, Cities},
    cli::Demo,
    descriptors,
    failure::Failure,
    invite::{self, Invitation, invitations},
    server::Server,
    settings::Settings,
    terminate,
};

/// The example conference, embedded so that the demo needs no other file.
const EXAMPLE: &[u8] = include_bytes!("../../config/conferences/cmc-2021.toml");
/// The port for browsers, unless another program uses it.
const DEFAULT_PORT: u16 = 8080;

/// Serves the example conference until SIGTERM or Ctrl-C.
pub async fn run(demo: Demo) -> Result<(), Failure> {
    // First of all, so that a missing program is reported before anything is started.
    let cities_program = demo.with_cities.then(cities::find).transpose()?;
    let conference =
        plenary_conference::parse(EXAMPLE, "cmc-2021.toml").map_err(Failure::Conference)?;
    let folder = tempfile::Builder::new().prefix("plenary-demo-").tempdir()?;
    let settings = Settings {
        http: localhost(demo.port.unwrap_or_else(default_or_free_port)),
        // All addresses: Firefox sends no media to the loopback.
        media: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        ops: localhost(0),
        data: folder.path().to_owned(),
        ..Settings::default()
    };
    descriptors::raise_limit();
    let server = Server::start(conference.clone(), &settings, settings.limits).await?;
    let url = settings.public_url(server.http());
    let app = server.app();
    let until = Keys::usual_expiry(&conference, app.now());
    let invitations = invitations(&conference, &[], &app.keys, &url, until)?;

    let first = conference.rooms.first();
    let display = first
        .map(|room| invite::display(&conference, &room.id, None, &app.keys, &url, until))
        .transpose()?;

    let mut end = pin!(terminate::requested());
    let mut out = io::stdout();
    writeln!(out, "{}", server.ready_line())?;
    print_links(&mut out, &conference, &invitations, display.as_ref(), &url)?;
    if let Some(program) = cities_program {
        let guests = cities::guests(&conference, &invitations);
        let mut cities = Cities::start(&program, &guests).await?;
        tokio::select! {
            () = &mut end => cities.leave().await,
            status = cities.exited() => {
                eprintln!("plenary: the cities have left ({}); the conference goes on without them", status?);
                end.await;
            }
        }
    } else {
        end.await;
    }
    server.drain().await;
    folder.close()?;
    Ok(())
}

fn localhost(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn default_or_free_port() -> u16 {
    if TcpListener::bind(localhost(DEFAULT_PORT)).is_ok() {
        DEFAULT_PORT
    } else {
        0
    }
}

/// Prints one link for each role of staff and one for each delegate, and the display link of the first room: several of
/// one kind would only confuse.
fn print_links(
    out: &mut impl Write,
    conference: &Conference,
    invitations: &[Invitation],
    display: Option<&Invitation>,
    url: &str,
) -> io::Result<()> {
    writeln!(out, "\n{}: {url}", conference.name)?;
    writeln!(
        out,
        "Open two of these in two browser windows; each is a seat of its own.\n"
    )?;
    let first = |role| invitations.iter().find(|it| it.role == Some(role));
    let staff = [Role::Moderator, Role::Operator, Role::Interpreter];
    let staff = staff.into_iter().filter_map(first);
    let delegates = invitations
        .iter()
        .filter(|it| it.role == Some(Role::Delegate));
    for it in staff.chain(delegates) {
        writeln!(out, "{}\n  {}", isolated(&it.name), it.url)?;
    }
    if let Some(it) = display {
        writeln!(
            out,
            "\nFor the screen of a hall: {}\n  {}",
            isolated(&it.name),
            it.url
        )?;
    }
    writeln!(out, "\nCtrl-C ends it and leaves nothing behind.")?;
    out.flush()
}
