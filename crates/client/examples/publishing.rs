//! Joins a room and publishes encoded frames from files in a loop, until its input ends.
//!
//! A file has each frame behind its length, four bytes in little-endian order. Both files begin their loop by themselves.
//!
//! ```text
//! publishing --server http://127.0.0.1:8080 --invitation TOKEN --room climate \
//!     --camera vp8.frames --frames-a-second 25 --microphone opus.frames
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use clap::Parser;
use plenary_client::{Clip, Config, Media, Participant, Server, Source};
use tokio::sync::oneshot;

const CONNECT_TIMEOUT: Duration = Duration::from_mins(1);
/// The length of a packet of sound, unless an encoder is told otherwise.
const SOUND_INTERVAL: Duration = Duration::from_millis(20);

#[derive(Parser)]
struct Arguments {
    /// The server's address, as `http://host:port`.
    #[arg(long)]
    server: String,
    /// The invitation, as `plenary invite` prints it.
    #[arg(long)]
    invitation: String,
    /// The id of the room to join.
    #[arg(long)]
    room: String,
    /// VP8 frames, the first of them a keyframe.
    #[arg(long)]
    camera: PathBuf,
    /// The number of pictures a second.
    #[arg(long)]
    frames_a_second: u32,
    /// Opus packets of 20 ms.
    #[arg(long)]
    microphone: PathBuf,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let server = Server::new(&arguments.server)?;
    let pictures = Duration::from_secs(1) / arguments.frames_a_second.max(1);
    let media = Media {
        source: Source {
            camera: Some(Arc::new(clip(&arguments.camera, pictures)?)),
            microphone: Some(Arc::new(clip(&arguments.microphone, SOUND_INTERVAL)?)),
        },
        ..Media::default()
    };
    let config = Config::new(server, arguments.invitation, arguments.room).with_media(media);
    let (participant, mut events) = Participant::join(config).await?;
    participant.connected(CONNECT_TIMEOUT).await?;
    println!("{{\"connected\":true}}");
    let read = async { while events.next().await.is_some() {} };
    tokio::select! {
        () = read => eprintln!("the server closed the connection"),
        _ = input_ended() => participant.leave().await,
    }
    Ok(())
}

fn clip(path: &Path, interval: Duration) -> Result<Clip, Box<dyn Error>> {
    let mut bytes = Bytes::from(std::fs::read(path)?);
    let mut frames = Vec::new();
    while bytes.has_remaining() {
        let length = usize::try_from(bytes.try_get_u32_le()?)?;
        if bytes.remaining() < length {
            return Err(format!("{} ends within a frame", path.display()).into());
        }
        frames.push(bytes.split_to(length));
    }
    Ok(Clip::new(frames, interval)?)
}

/// Resolves when standard input ends.
fn input_ended() -> oneshot::Receiver<()> {
    let (ended, end) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = ended.send(());
    });
    end
}
