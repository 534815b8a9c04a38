//! A file as a response: whole, or a range of it (RFC 9110, section 14).

use std::{io, path::PathBuf};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use plenary_protocol::{Code, Problem};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};

use super::{ApiResult, Refusal};
use crate::{etag, record::Sending};

/// How much is read at once.
const PART_BYTES: u64 = 64 * 1024;

/// A file that never changes under its tag.
#[derive(Debug)]
pub struct ServedFile {
    pub content: Content,
    pub media_type: String,
    /// Names the content; hexadecimal digits.
    pub tag: String,
    /// The name under which it is saved.
    pub name: String,
}

/// Where the bytes of a file come from.
#[derive(Debug)]
pub enum Content {
    /// The disk.
    Disk(PathBuf),
    /// They are made of takes while they are sent.
    Made(Box<Sending>),
}

/// What a request asks of a file.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    /// The first byte, and the byte after the last.
    Range(u64, u64),
    Unsatisfiable,
}

impl ServedFile {
    /// The response to a request with these headers.
    pub async fn respond(self, request: &HeaderMap) -> ApiResult<Response> {
        let is_known = etag::listed(request, &header::IF_NONE_MATCH)
            .any(|known| known == "*" || etag::opaque(known) == Some(&self.tag));
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            self.content.range(&self.tag, request).await?
        };
        let headers = response.headers_mut();
        let disposition = format!("inline; filename=\"{}\"", self.name);
        for (name, value) in [
            (header::ETAG, format!("\"{}\"", self.tag)),
            (header::CONTENT_TYPE, self.media_type),
            (header::CONTENT_DISPOSITION, disposition),
            (header::ACCEPT_RANGES, "bytes".to_owned()),
            // Who may read it is asked each time; the bytes need not come again.
            (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        ] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        Ok(response)
    }
}

impl Content {
    async fn range(self, tag: &str, request: &HeaderMap) -> ApiResult<Response> {
        let (body, length, answered) = match self {
            Self::Made(sending) => {
                let length = sending.bytes();
                let answered = Answered::new(request, tag, length);
                let body = answered
                    .bytes()
                    .map(|(from, to)| Body::from_stream(sending.parts(from, to)));
                (body, length, answered)
            }
            Self::Disk(path) => {
                let mut file = File::open(&path).await.map_err(|error| gone(&error))?;
                let length = file.metadata().await.map_err(|error| gone(&error))?.len();
                let answered = Answered::new(request, tag, length);
                let body = match answered.bytes() {
                    None => None,
                    Some((from, to)) => {
                        let seek = file.seek(io::SeekFrom::Start(from)).await;
                        seek.map_err(|error| gone(&error))?;
                        Some(read(file, to - from))
                    }
                };
                (body, length, answered)
            }
        };
        Ok(answered.response(body, length))
    }
}

/// The bytes of a file from where it stands.
fn read(file: File, length: u64) -> Body {
    let parts = stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok::<_, io::Error>(None);
        }
        let mut part = vec![0; usize::try_from(left.min(PART_BYTES)).unwrap_or(0)];
        let read = file.read(&mut part).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        part.truncate(read);
        Ok(Some((Bytes::from(part), (file, left - read as u64))))
    });
    Body::from_stream(parts)
}

/// What a request is answered with: a status, and the first byte and the byte after the last.
#[derive(Debug)]
struct Answered(StatusCode, u64, u64);

impl Answered {
    fn new(request: &HeaderMap, tag: &str, length: u64) -> Self {
        match asked(request, tag, length) {
            Asked::Whole => Self(StatusCode::OK, 0, length),
            Asked::Range(from, to) => Self(StatusCode::PARTIAL_CONTENT, from, to),
            Asked::Unsatisfiable => Self(StatusCode::RANGE_NOT_SATISFIABLE, 0, 0),
        }
    }

    /// The bytes that are sent, if any are.
    fn bytes(&self) -> Option<(u64, u64)> {
        (self.0 != StatusCode::RANGE_NOT_SATISFIABLE).then_some((self.1, self.2))
    }

    fn response(&self, body: Option<Body>, length: u64) -> Response {
        let Self(status, from, to) = *self;
        let has_body = body.is_some();
        let mut response = (status, body.unwrap_or_default()).into_response();
        let headers = response.headers_mut();
        if has_body {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(to - from));
        }
        let range = match status {
            StatusCode::PARTIAL_CONTENT => {
                format!("bytes {from}-{}/{length}", to.saturating_sub(1))
            }
            StatusCode::RANGE_NOT_SATISFIABLE => format!("bytes */{length}"),
            _ => return response,
        };
        if let Ok(range) = HeaderValue::try_from(range) {
            headers.insert(header::CONTENT_RANGE, range);
        }
        response
    }
}

/// The range that a request asks for. Several ranges, another unit and what cannot be read are answered by the whole, as
/// RFC 9110, section 14.2, allows; a range of another version of the file too.
fn asked(request: &HeaderMap, tag: &str, length: u64) -> Asked {
    let Some(range) = request.get(header::RANGE) else {
        return Asked::Whole;
    };
    if let Some(version) = request.get(header::IF_RANGE)
        && version.to_str().ok().and_then(etag::opaque) != Some(tag)
    {
        return Asked::Whole;
    }
    let read = || {
        let (from, last) = range
            .to_str()
            .ok()?
            .strip_prefix("bytes=")?
            .split_once('-')?;
        let number = |digits: &str| digits.trim().parse::<u64>().ok();
        Some(match (number(from), number(last)) {
            (Some(from), Some(last)) if from <= last => (from, last.saturating_add(1).min(length)),
            (Some(from), None) if last.trim().is_empty() => (from, length),
            (None, Some(count)) if from.trim().is_empty() => (
                length - count.min(length),
                if count == 0 { 0 } else { length },
            ),
            _ => return None,
        })
    };
    match read() {
        None => Asked::Whole,
        Some((from, to)) if from < to => Asked::Range(from, to),
        Some(_) => Asked::Unsatisfiable,
    }
}

fn gone(error: &io::Error) -> Refusal {
    tracing::error!(%error, "a file of the recording cannot be read");
    let detail = "The file of this recording is not there any more, or cannot be read.";
    Refusal::from(Problem::new(Code::NotFound, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &str) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, range.parse().unwrap());
        asked(&headers, "a1", 100)
    }

    #[test]
    fn a_range_is_its_bytes_up_to_the_end_of_the_file() {
        assert_eq!(of("bytes=0-9"), Asked::Range(0, 10));
        assert_eq!(of("bytes=90-"), Asked::Range(90, 100));
        assert_eq!(of("bytes=90-1000"), Asked::Range(90, 100));
        assert_eq!(of("bytes=-10"), Asked::Range(90, 100));
        assert_eq!(of("bytes=-1000"), Asked::Range(0, 100));
    }

    #[test]
    fn a_range_beyond_the_end_is_refused_and_nonsense_gives_the_whole() {
        for beyond in ["bytes=100-", "bytes=100-200", "bytes=-0"] {
            assert_eq!(of(beyond), Asked::Unsatisfiable, "{beyond}");
        }
        for nonsense in [
            "bytes=9-0",
            "bytes=a-b",
            "bytes=0-1,5-6",
            "lines=0-1",
            "bytes=",
            "x",
        ] {
            assert_eq!(of(nonsense), Asked::Whole, "{nonsense}");
        }
    }

    #[test]
    fn a_range_of_another_version_gives_the_whole() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, "bytes=0-9".parse().unwrap());
        headers.insert(header::IF_RANGE, "\"b2\"".parse().unwrap());
        assert_eq!(asked(&headers, "a1", 100), Asked::Whole);
        headers.insert(header::IF_RANGE, "\"a1\"".parse().unwrap());
        assert_eq!(asked(&headers, "a1", 100), Asked::Range(0, 10));
    }
}
