//! `plenary demo`: the example conference on this machine, in a folder that is gone afterwards.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

use plenary_conference::{Conference, Role};

use crate::{
    cities::Cities,
    cli::Demo,
    failure::Failure,
    invite::{Invitation, invitations},
    server::Server,
    settings::Settings,
    state::Limits,
    terminate,
};

/// The conference that is shown, embedded so that the binary needs nothing else.
const EXAMPLE: &[u8] = include_bytes!("../../config/conferences/cmc-2021.toml");
/// Where browsers connect, unless it is taken.
const USUAL_PORT: u16 = 8080;

/// Serves the example until the end is asked for.
pub async fn run(demo: Demo) -> Result<(), Failure> {
    let conference =
        plenary_conference::parse(EXAMPLE, "cmc-2021.toml").map_err(Failure::Conference)?;
    let folder = tempfile::Builder::new().prefix("plenary-demo-").tempdir()?;
    let settings = Settings {
        http: local(demo.port.unwrap_or_else(usual_or_free)),
        // All addresses: Firefox sends no media to the loopback.
        media: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        ops: local(0),
        data: folder.path().to_owned(),
        ..Settings::default()
    };
    let server = Server::start(conference.clone(), &settings, Limits::default()).await?;
    let url = settings.public_url(server.http());
    let app = server.app();
    let links = invitations(&conference, &[], &app.keys, &url, app.clock.now())?;

    let end = terminate::asked_for();
    let mut out = io::stdout();
    writeln!(out, "{}", server.ready_line())?;
    show(&mut out, &conference, &links, &url)?;
    let cities = if demo.with_cities {
        Some(Cities::seat(&conference, &links, &url)?)
    } else {
        None
    };
    end.await;
    drop(cities);
    server.drain().await;
    folder.close()?;
    Ok(())
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn usual_or_free() -> u16 {
    if TcpListener::bind(local(USUAL_PORT)).is_ok() {
        USUAL_PORT
    } else {
        0
    }
}

/// A link for a moderator, an operator, an interpreter and each delegate; more than one of a role would only be confusing.
fn show(
    out: &mut impl Write,
    conference: &Conference,
    links: &[Invitation],
    url: &str,
) -> io::Result<()> {
    writeln!(out, "\n{}: {url}", conference.name)?;
    writeln!(
        out,
        "Open two of these in two browser windows; each is a seat of its own.\n"
    )?;
    let first = |role| links.iter().find(|it| it.role == role);
    let staff = [Role::Moderator, Role::Operator, Role::Interpreter];
    let staff = staff.into_iter().filter_map(first);
    let delegates = links.iter().filter(|it| it.role == Role::Delegate);
    for it in staff.chain(delegates) {
        writeln!(out, "{}\n  {}", it.name, it.url)?;
    }
    writeln!(out, "\nCtrl-C ends it and leaves nothing behind.")?;
    out.flush()
}
