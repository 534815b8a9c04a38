//! A disk that fills up while a room is recorded: the recording stops, those who can act are told at once, and the meeting
//! and its log go on.

use std::{
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use plenary_client::{Config, Media, Participant, Server as Address, Source};
use plenary_ids::RequestId;
use plenary_recorder::{Disk, DiskFile, SystemDisk, TakeInfo};
use plenary_testkit::{WAIT_TIMEOUT, api::Connection};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::test_server::{TestServer, sound};

/// The disk of the machine, until it is filled.
#[derive(Debug)]
struct FillingDisk {
    /// What is said to be free.
    free: AtomicU64,
    is_full: AtomicBool,
    /// Bytes of takes that were written.
    written: watch::Sender<u64>,
}

#[derive(Debug, Clone)]
struct TakeDisk(Arc<FillingDisk>);

struct TakeFile(Box<dyn DiskFile>, Arc<FillingDisk>);

impl TakeDisk {
    fn new() -> Self {
        Self(Arc::new(FillingDisk {
            free: AtomicU64::new(u64::MAX),
            is_full: AtomicBool::new(false),
            written: watch::Sender::new(0),
        }))
    }

    /// Waits until more of a take is on disk than now.
    async fn until_more_is_written(&self) {
        let mut written = self.0.written.subscribe();
        let now = *written.borrow_and_update();
        let more = written.wait_for(|bytes| *bytes > now);
        tokio::time::timeout(WAIT_TIMEOUT, more)
            .await
            .unwrap()
            .unwrap();
    }
}

impl Disk for TakeDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(TakeFile(
            SystemDisk.create(path)?,
            Arc::clone(&self.0),
        )))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        SystemDisk.open(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        SystemDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        SystemDisk.list(folder)
    }

    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(self.0.free.load(Relaxed))
    }
}

impl Write for TakeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.1.is_full.load(Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let written = self.0.write(bytes)?;
        self.1.written.send_modify(|all| *all += written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Read for TakeFile {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read(bytes)
    }
}

impl Seek for TakeFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl DiskFile for TakeFile {
    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.0.truncate(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }
}

/// A recorded meeting: Tokyo speaks, Seoul sees and hears it, and something of it is on disk.
struct Recorded {
    server: TestServer,
    disk: TakeDisk,
    chair: Connection,
    operator: Connection,
    seoul: Participant,
    _tokyo: Participant,
}

async fn with_media(server: &TestServer, person: &str, source: Source) -> Participant {
    let address = Address::new(&format!("http://{}", server.http)).unwrap();
    let media = Media {
        source,
        ..Media::default()
    };
    let config = Config::new(address, server.invitation(person), "climate").with_media(media);
    let (participant, _) = Participant::join(config).await.unwrap();
    participant.connected(WAIT_TIMEOUT).await.unwrap();
    participant
}

impl Recorded {
    async fn meeting() -> Self {
        let disk = TakeDisk::new();
        let server = TestServer::with_take_disk(Arc::new(disk.clone())).await;
        let (mut chair, _) = server.join("moderator-1", "climate").await;
        let (operator, _) = server.join("operator-1", "climate").await;
        chair.command("chair.take", json!({})).await;
        chair.command("record.start", json!({})).await;
        let source = Source::city("Tokyo", [200, 30, 30], 440).unwrap();
        let tokyo = with_media(&server, "tokyo-1", source).await;
        let seoul = with_media(&server, "seoul-1", Source::default()).await;
        let request = tokyo.command("floor.request", json!({})).await.unwrap();
        let grant = json!({ "request": request["id"] });
        let granted = chair.command("floor.grant", grant).await;
        assert!(granted["result"].is_object(), "{granted}");
        disk.until_more_is_written().await;
        Self {
            server,
            disk,
            chair,
            operator,
            seoul,
            _tokyo: tokyo,
        }
    }

    /// Both who can act are told why, without having asked.
    async fn until_told(&mut self) {
        for connection in [&mut self.chair, &mut self.operator] {
            let stopped = connection.wait_for("record.stopped", |_| true).await;
            assert_eq!(
                (&stopped["reason"], &stopped["by"]),
                (&json!("disk_full"), &Value::Null)
            );
        }
        let token = self.server.token("operator-1").await;
        let health = self.server.get("/health", &token).await;
        let alarm = &health["server"]["alarms"][0];
        assert_eq!(alarm["kind"], "recording_stopped", "{health}");
        assert_eq!(
            health["server"]["disk"]["state"], "ok",
            "the log's disk is well"
        );
    }

    /// Frames of the speaker go on arriving, commands are recorded, and the floor is as it was.
    async fn goes_on(&mut self) {
        let before: u64 = self.seoul.counts().values().map(|it| it.frames).sum();
        let more = self.seoul.until_counted(WAIT_TIMEOUT, |counts| {
            counts.values().map(|it| it.frames).sum::<u64>() > before + 30
        });
        more.await.unwrap();
        let post = json!({ "text": "We go on.", "to": "room" });
        let posted = self.chair.command("chat.post", post).await;
        assert!(posted["result"].is_object(), "{posted}");
        self.seoul
            .command("floor.request", json!({}))
            .await
            .unwrap();
    }

    async fn record(&self) -> Value {
        let token = self.server.token("clerk-1").await;
        self.server.get("/rooms/climate/proceedings", &token).await
    }

    /// Once there is room again, the chair switches it on, and it is recorded as before.
    async fn begins_again(&mut self) {
        self.disk.0.is_full.store(false, Relaxed);
        self.disk.0.free.store(u64::MAX, Relaxed);
        let started = self.chair.command("record.start", json!({})).await;
        assert!(started["result"]["recording"] == true, "{started}");
        self.disk.until_more_is_written().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_space_that_the_log_needs_ends_the_recording_and_nothing_else() {
    let mut meeting = Recorded::meeting().await;
    meeting.disk.0.free.store(1, Relaxed);
    meeting.until_told().await;
    meeting.goes_on().await;
    let token = meeting.server.token("clerk-1").await;
    // What was recorded until then becomes whole, sound and picture.
    loop {
        let takes = meeting
            .server
            .get("/rooms/climate/recordings", &token)
            .await;
        if takes.as_array().unwrap().len() == 2 {
            break;
        }
        meeting.operator.next().await.unwrap();
    }
    let record = meeting.record().await;
    let stopped = record["recording"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&stopped["recording"], &stopped["reason"]),
        (&json!(false), &json!("disk_full"))
    );

    // As long as there is no more room, it stops again at once.
    meeting.chair.command("record.start", json!({})).await;
    meeting.until_told().await;
    meeting.begins_again().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_in_the_middle_of_a_take_leaves_a_gap_in_the_record() {
    let mut meeting = Recorded::meeting().await;
    meeting.disk.0.is_full.store(true, Relaxed);
    meeting.until_told().await;
    meeting.goes_on().await;
    let record = meeting.record().await;
    let gap = &record["recording_gaps"][0];
    assert_eq!(gap["reason"], "disk_full", "{record}");
    let at = |time: &Value| time["utc"].as_str().unwrap().to_owned();
    assert!(at(&gap["from"]) < at(&gap["to"]), "{gap}");
    let stopped = record["recording"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&stopped["recording"], &stopped["reason"]),
        (&json!(false), &json!("disk_full"))
    );
    meeting.begins_again().await;
}

#[tokio::test]
async fn a_speech_is_not_made_into_a_file_where_the_log_needs_the_disk_and_a_sitting_is_sent() {
    let disk = TakeDisk::new();
    let server = TestServer::with_take_disk(Arc::new(disk.clone())).await;
    let speech = TakeInfo {
        speech: Some(RequestId(1)),
        ..sound("t1", "tokyo-1", server.now())
    };
    server.add_sound(speech).await;
    let token = server.token("clerk-1").await;
    disk.0.free.store(1, Relaxed);
    let path = "/rooms/climate/recordings/speeches/r1.webm";
    let refused = server.call("GET", path, Some(&token), None).await;
    assert_eq!(refused.code(), "unavailable");
    assert!(!server.data_folder().join("recordings-muxed").exists());
    let sittings = server
        .get("/rooms/climate/recordings/sittings", &token)
        .await;
    let url = format!("/api/v1{}", sittings[0]["url"].as_str().unwrap());
    let sent = server.send("GET", &url, &[], "").await;
    assert_eq!(sent.status, 200);
}
