//! Writes the body of a request to the disk. No thread waits for a slow sender: a part is written once it is there.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use bytes::BytesMut;
use futures_util::StreamExt;
use plenary_library::{LibraryError, PartWriter, Upload};
use tokio::{task::spawn_blocking, time::timeout};

use super::{ApiResult, Refusal, body::unread, media::refusal};
use crate::receiving::Place;
use plenary_protocol::{Code, Problem};

const PART_BYTES: usize = 256 * 1024;
/// How long the disk may take for a part.
const DISK_TIMEOUT: Duration = Duration::from_secs(10);

/// What receives a file.
pub trait Receives: Send + 'static {
    /// Writes the next part. It may wait for the disk.
    fn write(&mut self, part: &[u8]) -> Result<(), LibraryError>;

    /// Has on disk what was written, as far as that matters before the end.
    fn sync(&self) -> Result<(), LibraryError> {
        Ok(())
    }
}

impl Receives for Upload {
    fn write(&mut self, part: &[u8]) -> Result<(), LibraryError> {
        Self::write(self, part)
    }
}

impl Receives for PartWriter {
    fn write(&mut self, part: &[u8]) -> Result<(), LibraryError> {
        Self::write(self, part)
    }

    fn sync(&self) -> Result<(), LibraryError> {
        Self::sync(self)
    }
}

/// Why the body is not read further.
enum End {
    Complete,
    Superseded,
    Lost(Refusal),
}

/// Writes a body to its end, or to where it breaks off. What had come by then is written too.
pub async fn receive<W: Receives>(mut writer: W, body: Body, place: &Place) -> ApiResult<W> {
    let mut body = body.into_data_stream();
    loop {
        let (part, end) = part(&mut body, place).await;
        writer = on_disk(writer, part, end.is_some()).await?;
        match end {
            None => {}
            Some(End::Complete) => return Ok(writer),
            Some(End::Superseded) => return Err(superseded().into()),
            Some(End::Lost(why)) => return Err(why),
        }
    }
}

/// The next part of a body, and why there is no more of it.
async fn part(body: &mut BodyDataStream, place: &Place) -> (Bytes, Option<End>) {
    let mut part = BytesMut::new();
    while part.len() < PART_BYTES {
        let next = tokio::select! {
            next = body.next() => next,
            () = place.superseded() => return (part.freeze(), Some(End::Superseded)),
        };
        match next {
            Some(Ok(bytes)) => part.extend_from_slice(&bytes),
            Some(Err(error)) => return (part.freeze(), Some(End::Lost(unread(&error)))),
            None => return (part.freeze(), Some(End::Complete)),
        }
    }
    (part.freeze(), None)
}

async fn on_disk<W: Receives>(mut writer: W, part: Bytes, is_last: bool) -> ApiResult<W> {
    let written = spawn_blocking(move || {
        if !part.is_empty() {
            writer.write(&part)?;
        }
        if is_last {
            writer.sync()?;
        }
        Ok(writer)
    });
    match timeout(DISK_TIMEOUT, written).await {
        Ok(Ok(written)) => Ok(written.map_err(|error| refusal(&error))?),
        Ok(Err(_)) | Err(_) => Err(slow_disk().into()),
    }
}

fn superseded() -> Problem {
    let detail = "Another request goes on with this upload.";
    Problem::new(Code::Conflict, detail)
}

fn slow_disk() -> Problem {
    let detail = "The disk of the data folder does not keep up. Try again later.";
    Problem::new(Code::Unavailable, detail)
}
