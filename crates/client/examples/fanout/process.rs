//! The processes that are measured, by what the system says of them.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::Outcome;

/// The yardstick as a process, which is killed when it is dropped.
pub struct LeanProcess {
    child: Child,
    pub address: String,
}

impl LeanProcess {
    pub fn start() -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("lean")
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        let out = child.stdout.take().ok_or("no output")?;
        BufReader::new(out).read_line(&mut address)?;
        Ok(Self {
            child,
            address: address.trim().to_owned(),
        })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for LeanProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The CPU time of all threads of a process.
pub fn cpu(process: u32) -> Outcome<Duration> {
    let mut sum = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        // The first figure is the time on a CPU, in nanoseconds; a thread that has just ended has none.
        let figures = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
        let first = figures.split(' ').next();
        sum += first.and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(Duration::from_nanos(sum))
}

/// The resident memory of a process in KiB.
pub fn resident_kib(process: u32) -> Outcome<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|it| it.split_whitespace().next());
    Ok(kib.ok_or("no VmRSS")?.parse()?)
}
