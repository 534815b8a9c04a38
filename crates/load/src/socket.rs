//! A participant's WebSocket, for whatever is spoken on it.

use std::{net::IpAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::time::timeout;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        client::ClientRequestBuilder,
        protocol::{CloseFrame, Message, WebSocketConfig, frame::coding::CloseCode},
    },
};

use crate::{
    failure::LoadError,
    server::{Server, Stream},
};

/// How long the opening handshake may take. A server with a queue of joins is slow, not broken.
const OPEN_TIMEOUT: Duration = Duration::from_secs(30);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// What a connection keeps resident while nothing arrives.
const READ_BUFFER_BYTES: usize = 4096;
const WRITE_BUFFER_BYTES: usize = 1024;

pub struct Socket {
    stream: WebSocketStream<Box<dyn Stream>>,
    /// The server's address on this connection.
    pub reached: IpAddr,
}

impl Socket {
    pub async fn open(server: &Server, url: &str, subprotocol: &str) -> Result<Self, LoadError> {
        let (stream, reached) = server.connect().await?;
        let uri = url.parse();
        let uri = uri.map_err(|_| LoadError::Address(url.to_owned()))?;
        let request = ClientRequestBuilder::new(uri).with_sub_protocol(subprotocol);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(WRITE_BUFFER_BYTES);
        let opened = tokio_tungstenite::client_async_with_config(request, stream, Some(config));
        let opened = timeout(OPEN_TIMEOUT, opened).await;
        let opened = opened.map_err(|_| LoadError::Late("the WebSocket"))?;
        let protocol =
            |error| LoadError::Protocol(server.name().to_owned(), format!("WebSocket: {error}"));
        let (stream, _) = opened.map_err(|error| protocol(error.to_string()))?;
        Ok(Self { stream, reached })
    }

    pub async fn send(&mut self, message: &Value) -> Result<(), LoadError> {
        let sent = self.stream.send(Message::text(message.to_string())).await;
        sent.map_err(|error| broken(&error.to_string()))
    }

    /// Waits for the next text. Dropping the future loses none.
    pub async fn text(&mut self) -> Result<String, LoadError> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Err(LoadError::Closed {
                        code: u16::from(frame.code).to_string(),
                        detail: frame.reason.to_string(),
                    });
                }
                Some(Ok(Message::Close(None))) | None => return Err(broken("it broke")),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(broken(&error.to_string())),
            }
        }
    }

    /// Closes with the closing handshake, or drops the connection if that takes too long.
    pub async fn close(mut self) {
        let frame = CloseFrame {
            code: CloseCode::Normal,
            reason: "".into(),
        };
        let closed = async {
            // An error means that the connection has already ended.
            let _ = self.stream.close(Some(frame)).await;
            while let Some(Ok(_)) = self.stream.next().await {}
        };
        let _ = timeout(CLOSE_TIMEOUT, closed).await;
    }
}

fn broken(detail: &str) -> LoadError {
    LoadError::Closed {
        code: "1006".to_owned(),
        detail: detail.to_owned(),
    }
}
