//! Runs the cities of `plenary demo --with-cities`: a program of its own, so that the server contains no client.

use std::{
    env, io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use plenary_conference::{Conference, Role};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
    time::timeout,
};

use crate::invite::Invitation;

/// The program's name. It is built together with the server and lies in the same folder.
const PROGRAM: &str = "plenary-cities";
/// How long the cities may take to leave before they are killed.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(2);

/// Why no cities come to the demo.
#[derive(Debug, thiserror::Error)]
pub enum CitiesError {
    /// The program is not installed beside this one.
    #[error(
        "--with-cities needs the program {}, which is not there; build it with `cargo build -p {PROGRAM}`, or run the demo without it", .0.display()
    )]
    Missing(PathBuf),
    /// The program cannot be started.
    #[error("{} cannot be started: {error}", .program.display())]
    Start {
        /// The program's path.
        program: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
}

/// The path of the program: in the folder of this executable.
pub fn find() -> Result<PathBuf, CitiesError> {
    let program = env::current_exe().map_or_else(
        |_| PathBuf::from(PROGRAM),
        |own| own.with_file_name(PROGRAM),
    );
    if program.is_file() {
        Ok(program)
    } else {
        Err(CitiesError::Missing(program))
    }
}

/// The running program. It leaves when its standard input ends, so it never outlives the demo, however that ends.
#[derive(Debug)]
pub struct Cities {
    process: Child,
}

impl Cities {
    /// Starts the program and hands it the invitations.
    pub async fn start(program: &Path, invitations: &[Invitation]) -> Result<Self, CitiesError> {
        let failed = |error| CitiesError::Start {
            program: program.to_owned(),
            error,
        };
        let mut process = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // A process group of its own: Ctrl-C reaches the demo alone, which then lets the cities leave.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        if let Some(input) = process.stdin.as_mut() {
            let array = serde_json::to_vec(invitations).map_err(|error| failed(error.into()))?;
            let written = input.write_all(&array).await;
            // A program that has already ended is reported by its exit status.
            if let Err(error) = written
                && error.kind() != io::ErrorKind::BrokenPipe
            {
                return Err(failed(error));
            }
        }
        Ok(Self { process })
    }

    /// Waits until the program ends by itself or is killed.
    pub async fn exited(&mut self) -> io::Result<ExitStatus> {
        // `Child::wait` would close the standard input first, which asks the cities to leave.
        let input = self.process.stdin.take();
        let status = self.process.wait().await;
        drop(input);
        status
    }

    /// Lets the cities leave, and kills them if they do not.
    pub async fn leave(mut self) {
        drop(self.process.stdin.take());
        if timeout(LEAVE_TIMEOUT, self.process.wait()).await.is_err() {
            let _ = self.process.kill().await;
        }
    }
}

/// The invitation of the first delegate of every delegation, under the city's name. The host's seats stay free for the
/// people who try the demo.
pub fn guests(conference: &Conference, invitations: &[Invitation]) -> Vec<Invitation> {
    let guests = conference
        .delegations
        .iter()
        .filter(|delegation| conference.host.as_ref() != Some(&delegation.id));
    guests
        .filter_map(|delegation| {
            let invitation = invitations.iter().find(|it| {
                it.role == Some(Role::Delegate) && it.delegation.as_ref() == Some(&delegation.id)
            })?;
            Some(Invitation {
                name: delegation.name.clone(),
                ..invitation.clone()
            })
        })
        .collect()
}
