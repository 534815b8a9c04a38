//! The interface of a room to the rest of the server.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use plenary_ids::{PersonId, RoomId, Seq};
use plenary_protocol::{
    Channel, Command, CommandId, CommandResult, Problem, RoomRecording, SessionId, Take, Talk,
};
use tokio::sync::{mpsc, oneshot, watch};

use plenary_journal::Log;

use crate::{
    Attach, Attached, Caller, Clock, MediaPlane, PlaybackReport, Preconditions, RecordReport,
    RecordingStatus, RecoveryError, RelayedSignal, ReplySlot, RoomConfig, Snapshot,
    message::{DeviceResponder, ReplyTo, Responder, RoomMessage, room_closed},
    recovery, task,
};

/// How many messages may wait for a room before their senders wait too.
const ROOM_QUEUE_MESSAGES: usize = 1024;

/// A room; cloning it copies a pointer. The room lives as long as a handle does.
#[derive(Debug, Clone)]
pub struct RoomHandle {
    id: RoomId,
    queue: mpsc::Sender<RoomMessage>,
    channels: watch::Receiver<Arc<[Channel]>>,
    removed: watch::Receiver<BTreeSet<PersonId>>,
    recording: watch::Receiver<RecordingStatus>,
}

impl RoomHandle {
    /// Restores a room from its log, and starts its task.
    pub async fn open(
        config: RoomConfig,
        media: Arc<dyn MediaPlane>,
        clock: Clock,
        log: Arc<dyn Log>,
    ) -> Result<Self, RecoveryError> {
        let id = config.id.clone();
        let recovered = recovery::recover(&config, log.as_ref()).await?;
        let room = task::Room::open(config, media, clock, log, recovered).await?;
        let (queue, messages) = mpsc::channel(ROOM_QUEUE_MESSAGES);
        let (channels, removed) = (room.subscribe_channels(), room.subscribe_removed());
        let recording = room.subscribe_recording();
        tokio::spawn(room.run(messages));
        Ok(Self {
            id,
            queue,
            channels,
            removed,
            recording,
        })
    }

    /// The room's name.
    pub fn id(&self) -> &RoomId {
        &self.id
    }

    /// Passes a person who was not sent out of the room by a moderator.
    pub fn check_removed(&self, person: &PersonId) -> Result<(), Problem> {
        task::check_removed(&self.removed.borrow(), person)
    }

    /// Seats a device.
    pub async fn attach(&self, attach: Attach) -> Result<Attached, Problem> {
        self.request(|responder| RoomMessage::Attach(attach, responder))
            .await?
    }

    /// Frees the seat of a device whose connection has ended. The room keeps the participant's place for a while.
    pub async fn detach(&self, session: SessionId) {
        let _ = self.queue.send(RoomMessage::Detach(session)).await;
    }

    /// Executes a command; the result is what the reply carries.
    pub async fn command(
        &self,
        caller: Caller,
        command: Command,
        preconditions: Preconditions,
    ) -> CommandResult {
        let command = Box::new(command);
        self.request(|responder| {
            RoomMessage::Command(caller, command, preconditions, ReplyTo::Caller(responder))
        })
        .await?
    }

    /// Executes a command of a seated device, and queues the reply for that device, behind the events that the command
    /// causes. The connection goes on meanwhile, however slow the disk is. The room executes and answers the commands of
    /// one device in the order in which they are submitted.
    pub async fn submit(
        &self,
        caller: Caller,
        command_id: CommandId,
        command: Command,
        preconditions: Preconditions,
        slot: ReplySlot,
    ) {
        let reply_to = ReplyTo::Device(DeviceResponder::new(Some(command_id), slot));
        let message = RoomMessage::Command(caller, Box::new(command), preconditions, reply_to);
        // A message that a closed room refuses is dropped, and its responder says so to the device.
        let _ = self.queue.send(message).await;
    }

    /// Relays a text frame from one participant's device to every device of another in the same room, unchanged. If the
    /// receiver is not there or has too many signals unread, the sender gets the problem and the receiver nothing.
    pub async fn relay(&self, from: PersonId, to: PersonId, text: Bytes) -> Result<(), Problem> {
        let talk = None;
        self.relay_signal(RelayedSignal {
            from,
            to,
            talk,
            text,
        })
        .await
    }

    /// The same of a signal that may belong to a side talk.
    pub async fn relay_signal(&self, signal: RelayedSignal) -> Result<(), Problem> {
        self.request(|responder| RoomMessage::Relay(signal, ReplyTo::Caller(responder)))
            .await?
    }

    /// Relays a signal of a seated device, and queues a problem for that device if it is refused.
    pub async fn submit_relay(&self, signal: RelayedSignal, slot: ReplySlot) {
        let reply_to = ReplyTo::Device(DeviceResponder::new(None, slot));
        let _ = self.queue.send(RoomMessage::Relay(signal, reply_to)).await;
    }

    /// The room as that person may see it.
    pub async fn snapshot(&self, reader: PersonId) -> Result<Snapshot, Problem> {
        self.request(|responder| RoomMessage::Snapshot(reader, responder))
            .await?
            .map(|snapshot| *snapshot)
    }

    /// The events after `after`, as JSON objects, at most ten thousand: a reader of more calls it again.
    pub async fn events_after(&self, reader: PersonId, after: Seq) -> Result<Vec<Bytes>, Problem> {
        self.request(|responder| RoomMessage::Events(reader, after, responder))
            .await?
    }

    /// Reports the first sound of a participant since the microphone was allowed through.
    pub async fn voice(&self, person: PersonId) {
        let _ = self.queue.send(RoomMessage::Voice(person)).await;
    }

    /// Reports whether any media of a participant arrives. The clock of an address stops while its recording stalls.
    pub async fn flow(&self, person: PersonId, flowing: bool) {
        let _ = self.queue.send(RoomMessage::Flow(person, flowing)).await;
    }

    /// Reports whether the media plane has a path to a device. An interpreter is heard only over one.
    pub async fn path(&self, session: SessionId, open: bool) {
        let _ = self.queue.send(RoomMessage::Path(session, open)).await;
    }

    /// Reports on the recording that the media plane plays. A report of another generation than the present one is late, and
    /// changes nothing. [`PlaybackReport::Resumed`] is due whenever media begins to flow: at the beginning of a generation,
    /// and after each stall.
    pub async fn playback(&self, report: PlaybackReport, generation: u64) {
        let message = RoomMessage::Playback(report, generation);
        let _ = self.queue.send(message).await;
    }

    /// The language channels as of the last recorded batch.
    pub fn channels(&self) -> Arc<[Channel]> {
        self.channels.borrow().clone()
    }

    /// The recording of the room while it runs, as of the last recorded batch.
    pub fn recording(&self) -> Option<RoomRecording> {
        self.recording.borrow().running.clone()
    }

    /// How the recording stands, as of the last recorded batch.
    pub fn recording_status(&self) -> RecordingStatus {
        self.recording.borrow().clone()
    }

    /// Records what the recorder reports. Once this succeeds the log has it; after a problem the caller reports it again,
    /// and a report that the log has already changes nothing.
    pub async fn report_recording(&self, report: RecordReport) -> Result<(), Problem> {
        self.request(|responder| RoomMessage::Record(report, responder))
            .await?
    }

    /// The takes whose files are kept, in the order in which they began.
    pub async fn takes(&self) -> Result<Vec<Take>, Problem> {
        let takes = self.request(RoomMessage::Takes).await?;
        let mut takes: Vec<Take> = takes.values().cloned().collect();
        takes.sort_by(|a, b| (a.from, &a.id).cmp(&(b.from, &b.id)));
        Ok(takes)
    }

    /// The number of recordings that have stalled.
    pub async fn stalled(&self) -> u64 {
        self.request(RoomMessage::Stalled).await.unwrap_or_default()
    }

    /// The side talks in which two talk now.
    pub async fn talks(&self) -> Vec<Talk> {
        self.request(RoomMessage::Talks).await.unwrap_or_default()
    }

    /// Records that the server shuts down, sends that to every device, and closes their connections.
    pub async fn drain(&self) {
        let _ = self.request(RoomMessage::Drain).await;
    }

    async fn request<T>(
        &self,
        message: impl FnOnce(Responder<T>) -> RoomMessage,
    ) -> Result<T, Problem> {
        let (responder, response) = oneshot::channel();
        let sent = self.queue.send(message(responder)).await;
        sent.map_err(|_| room_closed())?;
        response.await.map_err(|_| room_closed())
    }
}
