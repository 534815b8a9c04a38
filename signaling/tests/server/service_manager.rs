//! What the program tells a service manager such as systemd.

use std::os::unix::net::UnixDatagram;

use plenary_testkit::WAIT_TIMEOUT;

use crate::process::program;

/// The end of the manager: the socket that it names to its services.
struct Manager {
    socket: UnixDatagram,
    path: String,
    _folder: tempfile::TempDir,
}

impl Manager {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify").to_str().unwrap().to_owned();
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(WAIT_TIMEOUT)).unwrap();
        Self {
            socket,
            path,
            _folder: folder,
        }
    }

    /// The next message that has this line.
    fn until(&self, line: &str) -> String {
        loop {
            let mut message = [0; 4096];
            let length = self.socket.recv(&mut message).unwrap();
            let message = std::str::from_utf8(&message[..length]).unwrap();
            if message.lines().any(|it| it == line) {
                return message.to_owned();
            }
        }
    }
}

#[test]
fn a_service_manager_is_told_that_the_server_is_ready_lives_and_ends() {
    let manager = Manager::new();
    let program = program()
        .with_setting("NOTIFY_SOCKET", manager.path.clone().leak())
        .with_setting("WATCHDOG_USEC", "150000");
    let mut process = program.serve();
    let ready = manager.until("READY=1");
    assert!(ready.contains(process.http()), "{ready}");
    for _ in 0..3 {
        manager.until("WATCHDOG=1");
    }
    process.terminate();
    manager.until("STOPPING=1");
    assert_eq!(process.exit_code(), Some(0));
}

#[test]
fn a_command_beside_the_server_tells_the_service_manager_nothing() {
    let manager = Manager::new();
    let program = program().with_setting("NOTIFY_SOCKET", manager.path.clone().leak());
    assert!(!program.invitations().is_empty());
    manager.socket.set_nonblocking(true).unwrap();
    assert!(manager.socket.recv(&mut [0; 64]).is_err());
}
