//! The body of a request, which has to come in time.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{pace::Pace, phases::poll_timer, turn::Turn};
use crate::allowances::count_limited;

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
    turn: Arc<Turn>,
    is_complete: bool,
}

impl TimedBody {
    /// The body of a request whose header is read.
    pub fn new(body: Incoming, timeout: Duration, turn: Arc<Turn>) -> Self {
        let now = Instant::now();
        let mut body = Self {
            body,
            pace: Pace::new(timeout, now),
            timer: Box::pin(sleep_until(now + timeout)),
            turn,
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
            self.turn.work();
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
