//! The yardstick: a broadcaster on tokio-tungstenite that knows no rooms, people or records. A message goes to everybody,
//! or to the one connection that it names; a writer sends what is queued in one flush.

use std::{
    collections::BTreeMap,
    io::Write,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::{SinkExt, StreamExt};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_tungstenite::{
    accept_async_with_config,
    tungstenite::{Message, Utf8Bytes, protocol::WebSocketConfig},
};

use super::Outcome;

const READ_BUFFER_BYTES: usize = 4096;

type Queue = mpsc::UnboundedSender<Message>;

#[derive(Default)]
struct Lean {
    /// By the number that each connection says in its hello.
    queues: Mutex<BTreeMap<usize, Queue>>,
    /// The bytes of an event, of a reply and of a welcome, which a message sets.
    event_bytes: AtomicUsize,
    reply_bytes: AtomicUsize,
    welcome_bytes: AtomicUsize,
}

/// Serves on a free port, whose address is its only line.
#[tokio::main]
pub async fn serve() -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let lean = Arc::new(Lean::default());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(attend(stream, Arc::clone(&lean)));
    }
}

async fn attend(stream: TcpStream, lean: Arc<Lean>) {
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
    let Ok(socket) = accept_async_with_config(stream, Some(config)).await else {
        return;
    };
    let (mut sink, mut stream) = socket.split();
    let (queue, mut queued) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(message) = queued.recv().await {
            if sink.feed(message).await.is_err() {
                return;
            }
            while let Ok(message) = queued.try_recv() {
                if sink.feed(message).await.is_err() {
                    return;
                }
            }
            if sink.flush().await.is_err() {
                return;
            }
        }
    });
    while let Some(Ok(message)) = stream.next().await {
        if let Message::Text(text) = message {
            lean.handle(text, &queue);
        }
    }
}

impl Lean {
    fn queues(&self) -> MutexGuard<'_, BTreeMap<usize, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `sizes E R W` sets the sizes, `hello N` asks for a welcome, `to N …` is relayed as it is; all else is broadcast.
    fn handle(&self, text: Utf8Bytes, own: &Queue) {
        if let Some(sizes) = text.strip_prefix("sizes ") {
            let targets = [&self.event_bytes, &self.reply_bytes, &self.welcome_bytes];
            for (to, size) in targets.into_iter().zip(sizes.split(' ')) {
                to.store(size.parse().unwrap_or(0), Ordering::Relaxed);
            }
        } else if let Some(number) = text.strip_prefix("hello ") {
            let number = number.parse().unwrap_or_default();
            self.queues().insert(number, own.clone());
            let _ = own.send(filler("welcome", &self.welcome_bytes));
        } else if let Some(rest) = text.strip_prefix("to ") {
            let index = rest.split(' ').next().and_then(|it| it.parse().ok());
            let queues = self.queues();
            if let Some(queue) = index.and_then(|index: usize| queues.get(&index)) {
                let _ = queue.send(Message::Text(text));
            }
        } else {
            let event = filler("event", &self.event_bytes);
            for queue in self.queues().values() {
                let _ = queue.send(event.clone());
            }
            let _ = own.send(filler("reply", &self.reply_bytes));
        }
    }
}

/// A text of that kind and size.
fn filler(kind: &str, bytes: &AtomicUsize) -> Message {
    let size = bytes.load(Ordering::Relaxed);
    let rest = size.saturating_sub(kind.len());
    Message::text(format!("{kind}{}", "x".repeat(rest)))
}
