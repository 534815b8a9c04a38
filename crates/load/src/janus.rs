//! The same load on a video room of the Janus WebRTC server, so that both servers are measured by one yardstick.
//!
//! Publishers and listeners are those of a run at Plenary, with the same media and the same counting. Only signaling
//! differs: a publisher offers, a listener subscribes to all feeds on one connection, and Janus offers them.

mod session;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    sync::oneshot,
    time::{MissedTickBehavior, interval, sleep},
};

use self::session::Session;
use crate::{
    attend::{Shared, stopped},
    failure::LoadError,
    media::{Command, Joining, Mix, Network, Offer, Publisher, Slots, answer},
    options::Options,
    process,
    progress::Progress,
    report::{Findings, Report},
    run::{Crowd, Measured, Mixes, NO_SLOTS, SETTLING, listener_network, publisher_network},
    server::Server,
    statistics::Kind,
};

/// The room of a run, and how it is reached.
struct Place {
    url: String,
    room: Value,
}

/// A stream of a publisher, by the names that a subscription has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Feed {
    kind: Kind,
    publisher: u32,
    /// The number of the line in its offer.
    line: usize,
}

/// What a participant does.
enum Part {
    Publish { id: u32, number: u16, mix: Mix },
    Listen(Vec<Feed>),
}

/// Runs as the options say, against the Janus at that address.
pub async fn run(options: &Options, url: &str) -> Result<Report, LoadError> {
    let server = server(url)?;
    if let Some(process) = options.output.process {
        process::cpu_seconds(process)?;
    }
    let mut host = Session::open(&server, url).await?;
    let (room, is_own) = match options.rooms.first() {
        Some(named) => (number_or_name(named), false),
        None => (create_room(&mut host, options).await?, true),
    };
    let place = Arc::new(Place {
        url: url.to_owned(),
        room,
    });
    let mut crowd = Crowd::gather(options, server)?;
    let measured = tokio::select! {
        measured = measure(&mut crowd, &place, options) => measured,
        ended = host.stay() => Err(ended),
    };
    let joins = crowd.shared.joins.counts();
    let tally = crowd.disband(options).await;
    if is_own {
        let destroy = json!({"request": "destroy", "room": place.room});
        // The report is worth more than a tidy end.
        let _ = host.request("end the room", destroy, None).await;
    }
    host.close().await;
    let measured = measured?;
    if options.people.listeners > 0 && tally.all.received == 0 {
        return Err(LoadError::Media("no listener received any".to_owned()));
    }
    Ok(Report::new(Findings {
        server: url.to_owned(),
        rooms: vec![place.room.to_string()],
        listeners: options.people.listeners,
        publishers: options.people.publishers + options.people.voice_publishers,
        tally,
        joins,
        changes: None,
        measured,
        threads: options.threads,
    }))
}

/// The server at a WebSocket's address.
fn server(url: &str) -> Result<Server, LoadError> {
    let address = match url.split_once("://") {
        Some(("ws", rest)) => format!("http://{rest}"),
        Some(("wss", rest)) => format!("https://{rest}"),
        _ => return Err(LoadError::JanusAddress(url.to_owned())),
    };
    Server::new(&address, None).map_err(|_| LoadError::JanusAddress(url.to_owned()))
}

/// Rooms have numbers, unless Janus was told to take names.
fn number_or_name(room: &str) -> Value {
    room.parse::<u64>()
        .map_or_else(|_| json!(room), |number| json!(number))
}

/// Makes a room with the defaults of Janus, except that it lets in all publishers and caps no bitrate.
async fn create_room(host: &mut Session, options: &Options) -> Result<Value, LoadError> {
    let people = &options.people;
    let create = json!({
        "request": "create",
        "publishers": people.publishers + people.voice_publishers,
        "bitrate": 0,
    });
    let created = host.request("make a room", create, None).await?;
    Ok(created.data["room"].clone())
}

/// Seats everybody, then measures.
async fn measure(
    crowd: &mut Crowd,
    place: &Arc<Place>,
    options: &Options,
) -> Result<Measured, LoadError> {
    let feeds = seat_publishers(crowd, place, options).await?;
    let feeds = chosen(&feeds, options.listener_slots());
    seat_listeners(crowd, place, options, &feeds).await?;
    sleep(SETTLING).await;
    crowd.measure(options, None).await
}

/// Seats the publishers and waits for them; returns what they publish.
async fn seat_publishers(
    crowd: &mut Crowd,
    place: &Arc<Place>,
    options: &Options,
) -> Result<Vec<Feed>, LoadError> {
    let mixes = Mixes::new(options);
    let people = &options.people;
    let mut feeds = Vec::new();
    let mut joining = Vec::new();
    for (number, at) in (0_u16..).zip(0..people.publishers + people.voice_publishers) {
        let (id, mix) = (rand::random_range(1..u32::MAX), mixes.of(at).clone());
        feeds.extend(feeds_of(id, &mix));
        let part = Part::Publish { id, number, mix };
        joining.push(seat(crowd, place, part, publisher_network(options)));
    }
    for joined in joining {
        // A task that ends without a word has failed.
        if !joined.await.unwrap_or(false) {
            return Err(crowd.nobody());
        }
    }
    Ok(feeds)
}

/// Seats the listeners at the rate that is wanted, and waits for them.
async fn seat_listeners(
    crowd: &mut Crowd,
    place: &Arc<Place>,
    options: &Options,
    feeds: &[Feed],
) -> Result<(), LoadError> {
    let total = options.people.listeners;
    let mut progress = Progress::new("joining", total as u64);
    let mut ticks = interval(Duration::from_secs(1).div_f64(options.people.join_rate));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut joining = Vec::new();
    for at in 0..total {
        ticks.tick().await;
        let part = Part::Listen(feeds.to_vec());
        joining.push(seat(crowd, place, part, listener_network(options, at)));
        progress.show(at as u64, "");
    }
    let mut joined = 0;
    for outcome in joining {
        joined += u64::from(outcome.await.unwrap_or(false));
        progress.show(joined, "");
    }
    if total > 0 && joined == 0 {
        return Err(crowd.nobody());
    }
    Ok(())
}

/// The lines of a publisher's offer: its microphone, then its camera.
fn feeds_of(publisher: u32, mix: &Mix) -> Vec<Feed> {
    let sound = mix.sound.then_some(Kind::Sound);
    let picture = mix.camera.map(|_| Kind::Picture);
    let lines = sound.into_iter().chain(picture).enumerate();
    lines
        .map(|(line, kind)| Feed {
            kind,
            publisher,
            line,
        })
        .collect()
}

/// As many feeds of each kind as the listeners have slots for at Plenary.
fn chosen(feeds: &[Feed], slots: Slots) -> Vec<Feed> {
    let of = |kind| feeds.iter().filter(move |feed| feed.kind == kind).copied();
    let pictures = slots.tiles + usize::from(slots.stage);
    let voices = of(Kind::Sound).take(slots.voices);
    voices.chain(of(Kind::Picture).take(pictures)).collect()
}

fn seat(
    crowd: &mut Crowd,
    place: &Arc<Place>,
    part: Part,
    network: Network,
) -> oneshot::Receiver<bool> {
    let (joined, outcome) = oneshot::channel();
    let (shared, place) = (Arc::clone(&crowd.shared), Arc::clone(place));
    crowd
        .tasks
        .spawn(attend(shared, place, part, network, joined));
    outcome
}

/// Takes part until the run ends.
async fn attend(
    shared: Arc<Shared>,
    place: Arc<Place>,
    part: Part,
    network: Network,
    joined: oneshot::Sender<bool>,
) {
    let mut stop = shared.stop.subscribe();
    let outcome = join(&shared, &place, part, network).await;
    if let Err(error) = &outcome {
        shared.joins.failed(error);
    }
    // Nobody waits any more if the run was given up.
    let _ = joined.send(outcome.is_ok());
    let Ok((mut session, id)) = outcome else {
        return;
    };
    let ended = tokio::select! {
        ended = session.stay() => Some(ended),
        () = stopped(&mut stop) => None,
    };
    shared.tell(id, Command::Leave(id));
    shared.joins.left(ended.as_ref());
    if ended.is_none() {
        session.close().await;
    }
}

async fn join(
    shared: &Shared,
    place: &Place,
    part: Part,
    network: Network,
) -> Result<(Session, usize), LoadError> {
    let greeted = Instant::now();
    let mut session = Session::open(&shared.server, &place.url).await?;
    let id = shared.next_id();
    let joining = |answer, publisher, camera_mid| Joining {
        id,
        room: 0,
        answer,
        publisher,
        camera_mid,
        network,
        hello: greeted,
    };
    let fingerprint = shared.identity.fingerprint;
    let mut slots = Vec::new();
    let joining = match part {
        Part::Publish {
            id: name,
            number,
            mix,
        } => {
            let publisher = Publisher::new(number, &mix);
            let offer = Offer::new(Some(&publisher), NO_SLOTS, fingerprint);
            let text = publish(&mut session, place, name, &offer).await?;
            let answer = offer.read_answer(&text, session.reached())?;
            joining(answer, Some(publisher), offer.camera_mid)
        }
        Part::Listen(feeds) => {
            let offer = subscribe(&mut session, place, &feeds).await?;
            let (text, read) = answer(&offer, fingerprint, session.reached())?;
            let description = json!({"type": "answer", "sdp": text});
            let start = json!({"request": "start"});
            let what = "start a listener's media";
            session.request(what, start, Some(description)).await?;
            slots.extend(read.slots.iter().map(|slot| (slot.mid.clone(), true)));
            joining(read, None, String::new())
        }
    };
    session.end_candidates().await?;
    let waiting = shared.begin(joining);
    let connected = tokio::select! {
        connected = waiting => connected.unwrap_or_else(|_| Err("the thread ended".to_owned())),
        error = session.stay() => Err(error.to_string()),
    };
    if let Err(why) = connected {
        shared.tell(id, Command::Leave(id));
        return Err(LoadError::Media(why));
    }
    shared.tell(id, Command::Announce(id, slots));
    shared.joins.joined();
    Ok((session, id))
}

/// Joins as a publisher; returns the answer to the offer.
async fn publish(
    session: &mut Session,
    place: &Place,
    id: u32,
    offer: &Offer,
) -> Result<String, LoadError> {
    let join = json!({"request": "join", "ptype": "publisher", "room": place.room, "id": id});
    session.request("let a publisher join", join, None).await?;
    // Janus takes the active part of the handshake wherever it may, and this side knows no other.
    let text = offer.text.replace("a=setup:actpass", "a=setup:active");
    let description = json!({"type": "offer", "sdp": text});
    let publish = json!({"request": "configure"});
    let published = session
        .request("publish", publish, Some(description))
        .await?;
    let without = || LoadError::Media("Janus answered without a session description".to_owned());
    published.description.ok_or_else(without)
}

/// Joins as a listener of these feeds; returns the offer of them.
async fn subscribe(
    session: &mut Session,
    place: &Place,
    feeds: &[Feed],
) -> Result<String, LoadError> {
    let streams = feeds.iter().map(|feed| {
        let mid = feed.line.to_string();
        json!({"feed": feed.publisher, "mid": mid})
    });
    let join = json!({
        "request": "join",
        "ptype": "subscriber",
        "room": place.room,
        "streams": streams.collect::<Vec<_>>(),
    });
    let attached = session.request("let a listener join", join, None).await?;
    let without = || LoadError::Media("Janus offered a listener nothing".to_owned());
    attached.description.ok_or_else(without)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::CameraSettings;

    fn mix(sound: bool, camera: bool) -> Mix {
        let settings = CameraSettings {
            bitrate: 100_000,
            frames_a_second: 30,
            packet_bytes: 1_160,
            simulcast: false,
        };
        Mix {
            sound,
            camera: camera.then_some(settings),
        }
    }

    #[test]
    fn a_feed_is_named_by_the_line_that_its_offer_has() {
        for (sound, camera) in [(true, true), (true, false), (false, true)] {
            let mix = mix(sound, camera);
            let publisher = Publisher::new(0, &mix);
            let fingerprint = plenary_transport::fingerprint::Fingerprint::of(b"");
            let offer = Offer::new(Some(&publisher), NO_SLOTS, fingerprint);
            let feeds = feeds_of(7, &mix);
            assert_eq!(feeds.len(), usize::from(sound) + usize::from(camera));
            let picture = feeds.iter().find(|feed| feed.kind == Kind::Picture);
            let line = picture.map_or_else(String::new, |feed| feed.line.to_string());
            assert_eq!(line, offer.camera_mid);
        }
    }

    #[test]
    fn a_listener_subscribes_to_what_it_would_have_slots_for() {
        let both = feeds_of(1, &mix(true, true));
        let voice = feeds_of(2, &mix(true, false));
        let feeds = [both, voice].concat();
        let slots = |voices, stage, tiles| Slots {
            voices,
            stage,
            tiles,
        };
        assert_eq!(chosen(&feeds, slots(3, false, 12)).len(), 3);
        assert_eq!(chosen(&feeds, slots(1, true, 0)), feeds[..2]);
        assert_eq!(chosen(&feeds, slots(0, false, 0)), []);
    }

    #[test]
    fn a_janus_is_reached_by_the_address_of_a_websocket() {
        assert_eq!(
            server("ws://127.0.0.1:8188").unwrap().name(),
            "127.0.0.1:8188"
        );
        for wrong in ["http://127.0.0.1:8188", "127.0.0.1:8188", "ws://"] {
            let sentence = server(wrong).map(drop).unwrap_err().to_string();
            assert!(sentence.contains("write ws://HOST:PORT"), "{sentence}");
        }
    }

    #[test]
    fn a_room_is_named_by_its_number_or_its_name() {
        assert_eq!(number_or_name("1234"), json!(1234));
        assert_eq!(number_or_name("hall"), json!("hall"));
    }
}
