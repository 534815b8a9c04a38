//! The server as a process, which can be killed.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use plenary_client::Server as Address;
use serde_json::Value;
use tempfile::TempDir;

/// Four cities, two moderators and staff, two rooms; `floor` is put into the first room's `[room.floor]`.
fn conference(gallery: bool, floor: &str) -> String {
    let cities = ["tokyo", "seoul", "delhi", "brussels"].map(|city| {
        let status = if city == "brussels" { "observer" } else { "member" };
        format!(
            "[[delegation]]\nid = \"{city}\"\nname = \"{city}\"\ncountry = \"JP\"\nstatus = \"{status}\"\n\
             [[person]]\nid = \"{city}-1\"\nname = \"{city}\"\ndelegation = \"{city}\"\nrole = \"delegate\"\n"
        )
    });
    let staff = [
        ("moderator-1", "moderator"),
        ("moderator-2", "moderator"),
        ("clerk-1", "clerk"),
        ("interpreter-1", "interpreter"),
        ("interpreter-2", "interpreter"),
        ("operator-1", "operator"),
    ]
    .map(|(id, role)| format!("[[person]]\nid = \"{id}\"\nname = \"{id}\"\nrole = \"{role}\"\n"));
    format!(
        "[conference]\nid = \"scenes\"\nname = \"Scenes\"\ntime_zone = \"Asia/Taipei\"\nstarts = 2021-10-12\n\
         ends = 2021-10-14\nlanguages = [\"en\", \"ja\", \"fr\"]\n{}{}\
         [[room]]\nid = \"climate\"\ntitle = \"Climate\"\ngallery = {gallery}\n[room.floor]\n{floor}\n\
         [[room]]\nid = \"covid\"\ntitle = \"Covid\"\n\
         [[item]]\nid = \"address\"\nroom = \"climate\"\ntitle = \"Address\"\nkind = \"address\"\n\
         starts = 2021-10-12T09:00:00\nminutes = 10\nspeakers = [\"tokyo-1\"]\n",
        cities.concat(),
        staff.concat()
    )
}

/// A running server and its folder.
pub struct Server {
    folder: TempDir,
    child: Child,
    ready: Value,
    invitations: Value,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn plenary(folder: &TempDir, addresses: [&str; 3]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plenary"));
    command.current_dir(folder.path()).stdin(Stdio::null());
    for (name, address) in ["HTTP", "MEDIA", "OPS"].into_iter().zip(addresses) {
        command.env(format!("PLENARY_LISTEN__{name}"), address);
    }
    command
}

fn serve(folder: &TempDir, addresses: [&str; 3]) -> (Child, Value) {
    let mut child = plenary(folder, addresses)
        .args(["serve", "conference.toml"])
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(folder.path().join("log")).unwrap())
        .spawn()
        .unwrap();
    let mut line = String::new();
    // It says nothing after its ready line, so this end may be closed.
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
        panic!(
            "{}",
            std::fs::read_to_string(folder.path().join("log")).unwrap()
        )
    });
    (child, ready["ready"].clone())
}

impl Server {
    pub fn start(gallery: bool, floor: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("conference.toml"),
            conference(gallery, floor),
        )
        .unwrap();
        let (child, ready) = serve(&folder, ["127.0.0.1:0"; 3]);
        let invited = plenary(&folder, ["127.0.0.1:0"; 3])
            .args(["invite", "conference.toml", "--format", "json"])
            .output()
            .unwrap();
        let invitations = serde_json::from_slice(&invited.stdout).unwrap();
        Self {
            folder,
            child,
            ready,
            invitations,
        }
    }

    pub fn address(&self) -> Address {
        Address::new(&format!("http://{}", self.ready["http"].as_str().unwrap())).unwrap()
    }

    pub fn invitation(&self, person: &str) -> String {
        let all = self.invitations.as_array().unwrap();
        let invited = all.iter().find(|it| it["person"] == person).unwrap();
        invited["invitation"].as_str().unwrap().to_owned()
    }

    /// A figure at `/metrics`.
    pub fn metric(&self, name: &str) -> u64 {
        let ops = self.ready["ops"].as_str().unwrap();
        let mut stream = TcpStream::connect(ops).unwrap();
        write!(
            stream,
            "GET /metrics HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
            .lines()
            .filter_map(|line| {
                line.strip_prefix(name)?
                    .rsplit(' ')
                    .next()?
                    .parse::<u64>()
                    .ok()
            })
            .sum()
    }

    /// No signal that it could answer to: SIGKILL.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again where it was.
    pub fn start_again(&mut self) {
        let addresses = ["http", "media", "ops"].map(|it| self.ready[it].as_str().unwrap());
        (self.child, _) = serve(&self.folder, addresses);
    }
}
