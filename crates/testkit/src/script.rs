//! A server of one connection that follows a script, for the tests of the client.

use std::error::Error;

use futures_util::{SinkExt, StreamExt};
use plenary_client::{Config, Entry, Server};
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        handshake::server::{Request, Response},
        http::HeaderValue,
        protocol::{CloseFrame, Message, frame::coding::CloseCode},
    },
};

pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// The server's end of the connection.
pub struct ServerEnd(WebSocketStream<TcpStream>);

impl ServerEnd {
    async fn accept(listener: TcpListener) -> Outcome<Self> {
        const PROTOCOL: &str = "sec-websocket-protocol";
        #[expect(clippy::result_large_err, reason = "the callback's type is given")]
        let agree = |request: &Request, mut response: Response| {
            assert_eq!(request.uri(), "/api/v1/ws");
            assert_eq!(request.headers()[PROTOCOL], "plenary.v1");
            let chosen = HeaderValue::from_static("plenary.v1");
            response.headers_mut().insert(PROTOCOL, chosen);
            Ok(response)
        };
        let (stream, _) = listener.accept().await?;
        Ok(Self(accept_hdr_async(stream, agree).await?))
    }

    pub async fn send(&mut self, message: Value) -> Outcome {
        Ok(self.0.send(Message::text(message.to_string())).await?)
    }

    pub async fn receive(&mut self) -> Outcome<Value> {
        let message = self.next().await?;
        Ok(serde_json::from_str(message.to_text()?)?)
    }

    /// The next frame.
    pub async fn next(&mut self) -> Outcome<Message> {
        Ok(self.0.next().await.ok_or("the participant left")??)
    }

    pub async fn close(&mut self, code: u16) -> Outcome {
        let frame = CloseFrame {
            code: CloseCode::from(code),
            reason: "as the script has it".into(),
        };
        Ok(self.0.close(Some(frame)).await?)
    }
}

/// Serves one connection by `script`. Returns the configuration of a participant that joins there.
pub async fn serve<T, F>(
    script: impl FnOnce(ServerEnd) -> F + Send + 'static,
) -> Outcome<(Config, JoinHandle<Outcome<T>>)>
where
    T: Send + 'static,
    F: Future<Output = Outcome<T>> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = Server::new(&format!("http://{}", listener.local_addr()?))?;
    let config = Config {
        entry: Entry::Token("a token".to_owned()),
        ..Config::new(server, "", "climate")
    };
    let played = async { script(ServerEnd::accept(listener).await?).await };
    Ok((config, tokio::spawn(played)))
}
