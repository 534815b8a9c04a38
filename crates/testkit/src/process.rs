//! The program `plenary` as a process, in a folder that is deleted afterwards.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::OnceLock,
};

use plenary_client::Server;
use serde_json::Value;
use tempfile::TempDir;

/// The name of the conference file in the folder.
pub const CONFERENCE: &str = "test.toml";

/// The name of the log file of a server in the folder.
pub const LOG: &str = "log";

const FREE_PORTS: [&str; 3] = ["127.0.0.1:0"; 3];

/// The program, and a folder with a conference file.
pub struct Program {
    binary: &'static str,
    folder: TempDir,
    settings: Vec<(&'static str, &'static str)>,
    descriptors: Option<(u32, u32)>,
    invitations: OnceLock<Vec<Value>>,
}

impl Program {
    /// `binary` is `env!("CARGO_BIN_EXE_plenary")`, which is known only to the tests of that package.
    pub fn new(binary: &'static str, conference: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Self {
            binary,
            folder,
            settings: Vec::new(),
            descriptors: None,
            invitations: OnceLock::new(),
        };
        program.write(CONFERENCE, conference);
        program
    }

    /// Sets an environment variable of every command, such as `PLENARY_LOG__FILTER`.
    #[must_use]
    pub fn with_setting(mut self, name: &'static str, value: &'static str) -> Self {
        self.settings.push((name, value));
        self
    }

    /// Starts every command with these limits of file descriptors: the soft one, and the hard one.
    #[must_use]
    pub fn with_descriptors(mut self, soft: u32, hard: u32) -> Self {
        self.descriptors = Some((soft, hard));
        self
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.folder().join(file), text).unwrap();
    }

    /// A command of the program in that folder, on free ports.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_on(FREE_PORTS, arguments)
    }

    fn command_on(&self, addresses: [&str; 3], arguments: &[&str]) -> Command {
        let mut command = self.program();
        command
            .args(arguments)
            .envs(self.settings.iter().copied())
            .current_dir(self.folder())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (name, address) in ["HTTP", "MEDIA", "OPS"].into_iter().zip(addresses) {
            command.env(format!("PLENARY_LISTEN__{name}"), address);
        }
        command
    }

    fn program(&self) -> Command {
        let Some((soft, hard)) = self.descriptors else {
            return Command::new(self.binary);
        };
        let script = format!("ulimit -n {hard} && ulimit -S -n {soft} && exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, self.binary]);
        shell
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub fn serve(&self) -> Process {
        Process::serve(self, FREE_PORTS)
    }

    /// The invitations of everybody in the conference file, as the program prints them.
    pub fn invitations(&self) -> &[Value] {
        self.invitations.get_or_init(|| {
            let invited = self.run(&["invite", CONFERENCE, "--format", "json"]);
            serde_json::from_slice(&invited.stdout).unwrap()
        })
    }

    pub fn invitation(&self, person: &str) -> &str {
        let mut invitations = self.invitations().iter();
        let invited = invitations.find(|it| it["person"] == person).unwrap();
        invited["invitation"].as_str().unwrap()
    }
}

/// A running server. Its log is the file [`LOG`] in the folder. It is killed when it is dropped.
pub struct Process {
    child: Child,
    ready: Value,
}

impl Process {
    fn serve(program: &Program, addresses: [&str; 3]) -> Self {
        let log = program.folder().join(LOG);
        let mut child = program
            .command_on(addresses, &["serve", CONFERENCE])
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        // It writes nothing after the ready line, so this end of the pipe may be closed.
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("{}", fs::read_to_string(&log).unwrap()));
        let ready = ready["ready"].clone();
        Self { child, ready }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn address_of(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    pub fn http(&self) -> &str {
        self.address_of("http")
    }

    pub fn ops(&self) -> &str {
        self.address_of("ops")
    }

    /// The address at which participants join.
    pub fn server(&self) -> Server {
        Server::new(&format!("http://{}", self.http())).unwrap()
    }

    /// A figure of `/metrics`, summed over its labels.
    pub fn metric(&self, name: &str) -> u64 {
        let mut stream = TcpStream::connect(self.ops()).unwrap();
        let request = "GET /metrics HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let values = response.lines().filter_map(|line| {
            let value = line.strip_prefix(name)?.rsplit(' ').next()?;
            value.parse::<u64>().ok()
        });
        values.sum()
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        terminate(&self.child);
    }

    /// Waits for the exit code.
    pub fn exit_code(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Sends SIGKILL, which a process cannot handle.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts the server again on the same addresses.
    pub fn restart(&mut self, program: &Program) {
        let addresses = ["http", "media", "ops"].map(|it| self.address_of(it));
        *self = Self::serve(program, addresses);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends SIGTERM to a process.
pub fn terminate(child: &Child) {
    let mut kill = Command::new("kill");
    let sent = kill.args(["-TERM", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
