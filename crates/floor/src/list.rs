//! The list of speakers: opened, closed, adjourned, and brought to its end.

use crate::{
    command::Command,
    decide::Draft,
    event::Event,
    refusal::{Code, Refusal},
    request::{FloorRequest, Kind},
    view::{ListState, ListView},
};

impl Draft<'_> {
    /// Changes the state of the list; of the commands, those of the list are meant.
    pub(crate) fn change_list(&mut self, command: &Command) -> Result<(), Refusal> {
        use ListState::{Adjourned, Closed, Concluded, NotOpen, Open, Replies};
        self.needs_chair()?;
        let by = self.by();
        let was = self.floor.list;
        let event = match (command, was.state) {
            (Command::ListOpen {}, Open) => return Ok(()),
            (Command::ListOpen {}, NotOpen | Concluded) => Event::ListOpened {
                list: plain(Open),
                by,
            },
            (Command::ListClose {}, Open) => Event::ListClosed {
                list: plain(Closed),
                by,
            },
            (Command::ListAnnounceClose { at }, Open) => {
                if *at <= self.now {
                    return Err(Refusal::new(
                        Code::Invalid,
                        "A closing is announced for a moment to come.",
                    ));
                }
                Event::ListCloseAnnounced {
                    list: ListView {
                        closes_at: Some(*at),
                        ..plain(Open)
                    },
                    by,
                }
            }
            (Command::ListReopen {}, Closed | Replies | Concluded) => Event::ListReopened {
                list: plain(Open),
                by,
            },
            (Command::ListReopen {}, Open) if was.closes_at.is_some() => Event::ListReopened {
                list: plain(Open),
                by,
            },
            (Command::ListAdjourn {}, Open | Closed | Replies) => Event::ListAdjourned {
                list: ListView {
                    state: Adjourned,
                    adjourned_from: Some(was.state),
                    ..was
                },
                by,
            },
            (Command::ListResume {}, Adjourned) => {
                let state = was.adjourned_from.unwrap_or(Open);
                Event::ListResumed {
                    list: ListView {
                        state,
                        adjourned_from: None,
                        ..was
                    },
                    by,
                }
            }
            (Command::ListConclude {}, Closed | Replies) => {
                self.nothing_is_left()?;
                Event::ListConcluded {
                    list: plain(Concluded),
                    by,
                }
            }
            _ => {
                let detail = format!(
                    "The list of speakers is {}; that cannot be done now.",
                    words(was.state)
                );
                return Err(Refusal::new(Code::InvalidTransition, detail));
            }
        };
        self.emit(event);
        Ok(())
    }

    /// An announced closing holds from its moment on, whether or not a tick came in time.
    pub(crate) fn close_in_time(&mut self) {
        let list = self.floor.list;
        if list.state == ListState::Open && list.closes_at.is_some_and(|at| at <= self.now) {
            self.emit(Event::ListClosed {
                list: plain(ListState::Closed),
                by: None,
            });
        }
    }

    /// What follows by itself: an announced closing, the replies after the last statement, the end after the last reply.
    pub(crate) fn settle_list(&mut self) {
        self.close_in_time();
        let left = |reply: bool| {
            let mut open = self
                .floor
                .requests
                .iter()
                .filter(|request| is_entry(request) && !request.is_passed());
            open.any(|request| (request.kind == Kind::Reply) == reply)
        };
        if self.floor.list.state == ListState::Closed && !left(false) && left(true) {
            self.emit(Event::ListReplies {
                list: plain(ListState::Replies),
            });
        } else if self.floor.list.state == ListState::Replies && self.nothing_is_left().is_ok() {
            self.emit(Event::ListConcluded {
                list: plain(ListState::Concluded),
                by: None,
            });
        }
    }

    fn nothing_is_left(&self) -> Result<(), Refusal> {
        let left = self.floor.requests.iter().find(|request| is_entry(request));
        left.map_or(Ok(()), |left| {
            let detail = if left.is_passed() {
                format!(
                    "{} was passed; recall it or deny it before the list ends.",
                    left.beneficiary
                )
            } else {
                format!("{} has not been heard yet.", left.beneficiary)
            };
            Err(Refusal {
                request: Some(left.id),
                ..Refusal::new(Code::Conflict, detail)
            })
        })
    }
}

/// Points of order are no entries of the list.
fn is_entry(request: &FloorRequest) -> bool {
    request.kind != Kind::PointOfOrder
}

fn plain(state: ListState) -> ListView {
    ListView {
        state,
        closes_at: None,
        adjourned_from: None,
    }
}

fn words(state: ListState) -> &'static str {
    match state {
        ListState::NotOpen => "not open yet",
        ListState::Open => "open",
        ListState::Closed => "closed",
        ListState::Replies => "hearing replies",
        ListState::Concluded => "concluded",
        ListState::Adjourned => "adjourned",
    }
}
