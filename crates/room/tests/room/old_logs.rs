//! Logs of earlier versions of the journal still open to the same state.

use std::{fs, path::Path, sync::Arc};

use plenary_floor::Substate;
use plenary_ids::Seq;
use plenary_journal::{Journal, Log, Reader};
use plenary_room::{Clock, Fold, RoomHandle};
use plenary_testkit::{
    person,
    room::{RecordingMediaPlane, config},
};

/// Tokyo has the floor, and Seoul is next and muted, when the server is killed.
#[tokio::test]
async fn a_log_of_each_earlier_version_opens_to_the_same_room() {
    for file in ["version-1.db", "version-2.db"] {
        let folder = tempfile::tempdir().unwrap();
        let kept = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/logs")
            .join(file);
        fs::copy(kept, folder.path().join("journal.db")).unwrap();
        let climate = config("climate");

        let reader = Reader::open(folder.path()).unwrap();
        let end = reader.verify(&climate.id).unwrap();
        let seal = "af957b6b4d4cb93be213bb4ee491ba2a9285d8f75b7aac60abf4c4961861bc22";
        assert_eq!((end.seq, end.hash.to_string().as_str()), (Seq(23), seal));
        let mut fold = Fold::new(&climate);
        for record in reader.records(&climate.id, Seq(0)).unwrap() {
            fold.take(&record.unwrap()).unwrap();
        }

        let journal = Journal::open(folder.path()).unwrap();
        for (command, said) in [
            (
                "451a9285-440e-4b59-8c47-71d5264b15aa",
                Some("Only moderators"),
            ),
            ("1975ef98-4a27-4834-a3ba-4010f228a3c7", Some("statement")),
            ("unknown", None),
        ] {
            let asked = journal.reply(climate.id.clone(), person("seoul-1"), command.to_owned());
            let reply = asked.await.unwrap();
            let reply = reply.map(|it| String::from_utf8(it.to_vec()).unwrap());
            assert_eq!(reply.is_some(), said.is_some());
            assert!(reply.unwrap_or_default().contains(said.unwrap_or_default()));
        }
        let (stage, clock) = (Arc::new(RecordingMediaPlane::default()), Clock::new());
        let room = RoomHandle::open(climate, stage, clock, Arc::new(journal))
            .await
            .unwrap();
        let room = room.snapshot(person("viewer")).await.unwrap();
        assert_eq!(room.floor.chair, Some(person("chair")));
        let [held] = &room.floor.granted[..] else {
            panic!("{:?}", room.floor.granted)
        };
        assert_eq!(
            (&held.beneficiary, held.substate),
            (&person("tokyo-1"), Some(Substate::Suspended))
        );
        assert_eq!(room.floor.requests[0].beneficiary, person("seoul-1"));
        for away in &room.participants {
            assert!(away.since.is_some(), "{away:?}");
        }
        assert_eq!(room.chat[0].message.text, "Welcome.");
        assert_eq!(room.decisions[0].id.to_string(), "d1");
        assert_eq!(room.agenda.current.unwrap().as_str(), "declaration");
        assert!(
            room.participants
                .iter()
                .any(|it| it.person == person("seoul-1") && it.muted)
        );
    }
}
