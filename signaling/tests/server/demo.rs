//! `plenary demo --with-cities` and the program that it starts.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use plenary_testkit::process::{terminate, text};

const TIMEOUT: Duration = Duration::from_secs(20);

/// A folder with the server and, in the place of `plenary-cities`, a shell script.
fn installation(cities: Option<&str>) -> TempDir {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let server = folder.path().join("plenary");
    fs::hard_link(env!("CARGO_BIN_EXE_plenary"), server).unwrap();
    if let Some(script) = cities {
        let program = folder.path().join("plenary-cities");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(folder.join("plenary"));
    command
        .args(["demo", "--with-cities", "--port", "0"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Starts the demo and reads up to its last line.
fn start(folder: &Path) -> Child {
    let mut child = command(folder).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("Ctrl-C")));
    child
}

/// The content of a file that the script writes and then renames into place.
fn written(file: &Path) -> String {
    let started = Instant::now();
    while !file.exists() {
        assert!(
            started.elapsed() < TIMEOUT,
            "{} was not written",
            file.display()
        );
        sleep(Duration::from_millis(20));
    }
    fs::read_to_string(file).unwrap()
}

const RECORD_INPUT: &str = "touch started; cat > input && mv input seats.json";

#[test]
fn a_demo_whose_cities_are_not_installed_names_the_missing_program_and_starts_nothing() {
    let folder = installation(None);
    let output = command(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("plenary-cities, which is not there"),
        "{said}"
    );
    assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
}

#[test]
fn the_cities_get_an_invitation_for_every_guest_and_leave_with_the_demo() {
    let folder = installation(Some(RECORD_INPUT));
    let mut demo = start(folder.path());
    terminate(&demo);
    assert_eq!(demo.wait().unwrap().code(), Some(0));
    let seats: Value = serde_json::from_str(&written(&folder.path().join("seats.json"))).unwrap();
    let seats = seats.as_array().unwrap();
    let names: Vec<&str> = seats.iter().filter_map(|it| it["name"].as_str()).collect();
    assert!(names.contains(&"Tokyo"), "{names:?}");
    assert!(
        !names.contains(&"Taipei"),
        "the host's seat is taken: {names:?}"
    );
    for seat in seats {
        assert!(
            seat["url"].as_str().unwrap().starts_with("http://"),
            "{seat}"
        );
        assert!(!seat["invitation"].as_str().unwrap().is_empty(), "{seat}");
        assert!(!seat["rooms"].as_array().unwrap().is_empty(), "{seat}");
    }
}

#[test]
fn the_cities_leave_when_the_demo_is_killed() {
    let folder = installation(Some(RECORD_INPUT));
    let mut demo = start(folder.path());
    written(&folder.path().join("started"));
    demo.kill().unwrap();
    demo.wait().unwrap();
    written(&folder.path().join("seats.json"));
}

#[test]
fn a_demo_whose_cities_are_killed_says_so_and_goes_on() {
    let folder = installation(Some("kill -9 $$"));
    let mut demo = start(folder.path());
    let mut said = String::new();
    BufReader::new(demo.stderr.as_mut().unwrap())
        .read_line(&mut said)
        .unwrap();
    assert!(said.contains("the cities have left (signal: 9"), "{said}");
    assert!(demo.try_wait().unwrap().is_none(), "the demo ended");
    terminate(&demo);
    assert_eq!(demo.wait().unwrap().code(), Some(0));
}
