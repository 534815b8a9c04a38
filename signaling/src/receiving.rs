//! Who receives a recording now: each person one at a time, so that a slow line holds nobody's place but its own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use plenary_ids::PersonId;
use plenary_library::UploadId;
use plenary_protocol::{Code, Problem};
use tokio::{
    sync::{Notify, watch},
    time::timeout,
};

/// How long a request that is superseded may take to end.
const END_TIMEOUT: Duration = Duration::from_secs(5);

/// The requests by which recordings are received.
#[derive(Debug, Clone, Default)]
pub struct Receiving(Arc<Mutex<HashMap<PersonId, Running>>>);

#[derive(Debug)]
struct Running {
    /// The upload that is gone on with; none for one that comes in one piece.
    upload: Option<UploadId>,
    stop: Arc<Notify>,
    ended: watch::Receiver<()>,
}

/// A person's place, which is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    receiving: Receiving,
    person: PersonId,
    stop: Arc<Notify>,
    /// Its end is the end of whoever waits for the place.
    _ended: watch::Sender<()>,
}

impl Receiving {
    /// Takes the place of a person. Who goes on with the same upload after a cut supersedes the request that has not
    /// noticed the cut yet.
    pub async fn take(
        &self,
        person: &PersonId,
        upload: Option<&UploadId>,
    ) -> Result<Place, Problem> {
        loop {
            let mut ended = match self.try_take(person, upload) {
                Ok(place) => return Ok(place),
                Err(before) => before?,
            };
            // It is an error as soon as the sender is dropped, which is what is waited for.
            if timeout(END_TIMEOUT, ended.changed()).await.is_err() {
                return Err(busy());
            }
        }
    }

    /// The place; or the end of the request that has to end before.
    fn try_take(
        &self,
        person: &PersonId,
        upload: Option<&UploadId>,
    ) -> Result<Place, Result<watch::Receiver<()>, Problem>> {
        let mut all = self.all();
        if let Some(running) = all.get(person) {
            if upload.is_none() || running.upload.as_ref() != upload {
                return Err(Err(busy()));
            }
            running.stop.notify_one();
            return Err(Ok(running.ended.clone()));
        }
        let stop = Arc::new(Notify::new());
        let (sender, ended) = watch::channel(());
        let running = Running {
            upload: upload.cloned(),
            stop: Arc::clone(&stop),
            ended,
        };
        all.insert(person.clone(), running);
        drop(all);
        Ok(Place {
            receiving: self.clone(),
            person: person.clone(),
            stop,
            _ended: sender,
        })
    }

    fn all(&self) -> MutexGuard<'_, HashMap<PersonId, Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Waits until another request goes on with the same upload.
    pub async fn superseded(&self) {
        self.stop.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.receiving.all().remove(&self.person);
    }
}

fn busy() -> Problem {
    let detail = "Another recording of yours is being received; try again when it is there.";
    Problem::new(Code::RateLimited, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> PersonId {
        PersonId::new(name).unwrap()
    }

    fn upload(name: &str) -> UploadId {
        UploadId::new(name).unwrap()
    }

    #[tokio::test]
    async fn a_person_has_one_place_and_takes_nobody_elses() {
        let receiving = Receiving::default();
        let (ana, ben) = (person("ana"), person("ben"));
        let first = receiving.take(&ana, None).await.unwrap();
        assert_eq!(
            receiving.take(&ana, None).await.unwrap_err().code,
            Code::RateLimited
        );
        let other = upload("aaaaaaaaaaaaaaaa");
        assert!(receiving.take(&ana, Some(&other)).await.is_err());
        receiving.take(&ben, None).await.unwrap();
        drop(first);
        receiving.take(&ana, None).await.unwrap();
    }

    #[tokio::test]
    async fn the_same_upload_is_taken_over_from_the_request_before() {
        let (receiving, ana) = (Receiving::default(), person("ana"));
        let id = upload("aaaaaaaaaaaaaaaa");
        let first = receiving.take(&ana, Some(&id)).await.unwrap();
        let ends = async {
            first.superseded().await;
            drop(first);
        };
        let (second, ()) = tokio::join!(receiving.take(&ana, Some(&id)), ends);
        second.unwrap();
    }
}
