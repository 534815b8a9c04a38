//! A request's turn: it is read, worked for, and its answer is taken.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::time::Instant;

use super::phases::Phases;
use crate::connections::Connection;

/// A request from its header on, until its answer is written or it is dropped. Its connection is accounted for through it.
#[derive(Debug)]
pub struct Turn {
    connection: Arc<Connection>,
    phases: Phases,
    is_worked_for: AtomicBool,
    is_upgraded: AtomicBool,
}

impl Turn {
    /// The header of the request is read.
    pub fn begin(connection: Arc<Connection>, phases: Phases) -> Arc<Self> {
        phases.begin_request();
        Arc::new(Self {
            connection,
            phases,
            is_worked_for: false.into(),
            is_upgraded: false.into(),
        })
    }

    /// The phases of its connection.
    pub fn phases(&self) -> &Phases {
        &self.phases
    }

    /// The request is read, and the server works for it.
    pub fn work(&self) {
        if !self.is_worked_for.swap(true, Ordering::Relaxed) {
            self.connection.work();
        }
    }

    /// The client is to take the answer.
    pub fn wait(&self) {
        if self.is_worked_for.swap(false, Ordering::Relaxed) {
            self.connection.end_work();
        } else {
            self.connection.wait();
        }
    }

    /// It was the last one of its connection, which is a WebSocket from now on, and waits for a hello.
    pub fn upgrade(&self) {
        self.is_upgraded.store(true, Ordering::Relaxed);
        self.phases.upgrade();
        self.wait();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.is_upgraded.load(Ordering::Relaxed) {
            return;
        }
        if self.is_worked_for.load(Ordering::Relaxed) {
            self.connection.end_work();
        }
        self.phases.end_request(Instant::now());
        self.connection.end_request();
    }
}
