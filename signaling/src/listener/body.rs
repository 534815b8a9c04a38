//! The bodies of a connection: requests that have to come in time, and answers that say when they are written.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{
    pace::Pace,
    phases::{Phases, poll_timer},
};
use crate::{allowances::count_limited, connections::Connection};

/// Why a body did not come.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The client took too long.
    #[error("the body did not come in time")]
    Timeout,
    /// The connection ended, or the body is not as HTTP has it.
    #[error("the body did not come: {0}")]
    Lost(#[from] hyper::Error),
}

/// A request's body, which its client has to send in time.
#[derive(Debug)]
pub struct TimedBody {
    body: Incoming,
    pace: Pace,
    timer: Pin<Box<Sleep>>,
    connection: Arc<Connection>,
    is_complete: bool,
}

impl TimedBody {
    /// The body of a request whose header is read.
    pub fn new(body: Incoming, timeout: Duration, connection: Arc<Connection>) -> Self {
        let now = Instant::now();
        let mut body = Self {
            body,
            pace: Pace::new(timeout, now),
            timer: Box::pin(sleep_until(now + timeout)),
            connection,
            is_complete: false,
        };
        body.check_complete();
        body
    }

    fn check_complete(&mut self) {
        if !self.is_complete && self.body.is_end_stream() {
            self.complete();
        }
    }

    fn complete(&mut self) {
        if !std::mem::replace(&mut self.is_complete, true) {
            self.connection.work();
        }
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                this.pace.progress(bytes, Instant::now());
                this.check_complete();
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => {
                this.complete();
                Poll::Ready(None)
            }
            Poll::Pending => {
                let late = poll_timer(&mut this.timer, this.pace.deadline(), context);
                late.map(|()| {
                    count_limited("body_timeout");
                    Some(Err(BodyError::Timeout))
                })
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body. When hyper has all of it, the connection waits for its client.
#[derive(Debug)]
pub struct Answer<B> {
    body: B,
    /// None for the answer that makes the connection a WebSocket.
    request: Option<PendingRequest>,
}

/// A request that is being answered, until it is dropped.
#[derive(Debug)]
pub struct PendingRequest {
    connection: Arc<Connection>,
    phases: Phases,
    is_upgraded: bool,
}

impl PendingRequest {
    /// A request whose header is read.
    pub fn new(connection: Arc<Connection>, phases: Phases) -> Self {
        phases.begin_request();
        Self {
            connection,
            phases,
            is_upgraded: false,
        }
    }

    /// It was the last one of its connection, which is a WebSocket from now on, and waits for a hello.
    pub fn upgrade(mut self) {
        self.is_upgraded = true;
        self.phases.upgrade();
        self.connection.wait();
    }
}

impl Drop for PendingRequest {
    fn drop(&mut self) {
        if !self.is_upgraded {
            self.phases.end_request(Instant::now());
            self.connection.end_request();
        }
    }
}

impl<B> Answer<B> {
    /// The answer to a request.
    pub fn new(body: B, request: PendingRequest) -> Self {
        Self {
            body,
            request: Some(request),
        }
    }

    /// The answer after which the connection is a WebSocket.
    pub fn last(body: B) -> Self {
        Self {
            body,
            request: None,
        }
    }
}

impl<B: Body + Unpin> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(context);
        // A long answer that its client does not take is a wait for the client.
        if frame.is_ready()
            && let Some(request) = &this.request
        {
            request.connection.wait();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
