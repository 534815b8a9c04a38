//! The body of an answer, which says when its client is to take it and when it is written.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::Instant;

use super::turn::Turn;

/// Of HTTP/2 so much is offered at once. hyper asks for more when the client has room for it, and so an answer that
/// stands still shows.
const MAX_OFFERED_BYTES: usize = 16 * 1024;

/// An answer's body. When hyper has all of it, the connection waits for its client.
#[derive(Debug)]
pub struct Answer<B> {
    body: B,
    /// None for the answer that makes the connection a WebSocket.
    turn: Option<Arc<Turn>>,
    /// What is left of a large part.
    rest: Bytes,
    /// Whether the client is to take something now.
    is_offered: bool,
}

impl<B> Answer<B> {
    /// The answer to a request.
    pub fn new(body: B, turn: Arc<Turn>) -> Self {
        turn.phases().offer(Instant::now());
        Self {
            body,
            turn: Some(turn),
            rest: Bytes::new(),
            is_offered: true,
        }
    }

    /// The answer after which the connection is a WebSocket.
    pub fn last(body: B) -> Self {
        Self {
            body,
            turn: None,
            rest: Bytes::new(),
            is_offered: false,
        }
    }

    fn offer(&mut self, bytes: usize) {
        let Some(turn) = &self.turn else { return };
        let (phases, now) = (turn.phases(), Instant::now());
        if !std::mem::replace(&mut self.is_offered, true) {
            phases.offer(now);
        }
        phases.taken(bytes, now);
        // A long answer that its client does not take is a wait for the client.
        turn.wait();
    }

    fn withdraw(&mut self) {
        if std::mem::replace(&mut self.is_offered, false)
            && let Some(turn) = &self.turn
        {
            turn.phases().withdraw();
        }
    }

    /// The first part of what is left.
    fn next_part(&mut self) -> Bytes {
        let length = self.rest.len().min(MAX_OFFERED_BYTES);
        self.rest.split_to(length)
    }

    fn is_split(&self) -> bool {
        let turn = self.turn.as_ref();
        turn.is_some_and(|turn| turn.phases().is_multiplexed())
    }
}

impl<B> Drop for Answer<B> {
    fn drop(&mut self) {
        self.withdraw();
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Answer<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.get_mut();
        if !this.rest.is_empty() {
            let part = this.next_part();
            this.offer(part.len());
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) else {
            // The server has nothing to offer, so nothing is the client's fault.
            this.withdraw();
            return Poll::Pending;
        };
        let frame = match frame {
            Some(Ok(frame)) if this.is_split() => frame.into_data().map_or_else(
                |other| Some(Ok(other)),
                |data| {
                    this.rest = data;
                    Some(Ok(Frame::data(this.next_part())))
                },
            ),
            frame => frame,
        };
        let bytes = match &frame {
            Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
            _ => 0,
        };
        this.offer(bytes);
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // It is asked before the first part.
        if self.rest.is_empty() {
            self.body.size_hint()
        } else {
            SizeHint::default()
        }
    }
}
