//! The list of speakers: opened, closed, adjourned, and brought to its end. Rules of order, section 6.

use crate::{
    command::Command,
    draft::Draft,
    event::{Change, ListStep},
    refusal::{Code, Refusal},
    request::{FloorRequest, Kind},
    view::{ListState, ListView},
};

impl Draft<'_> {
    /// Changes the state of the list, by one of the `list.…` commands.
    pub(crate) fn change_list(&mut self, command: &Command) -> Result<(), Refusal> {
        use ListState::{Adjourned, Closed, Concluded, NotOpen, Open, Replies};
        self.needs_chair()?;
        let was = self.floor.list;
        let (step, list) = match (command, was.state) {
            (Command::ListOpen {}, Open) => return Ok(()),
            (Command::ListOpen {}, NotOpen | Concluded) => (ListStep::Opened, plain(Open)),
            (Command::ListClose {}, Open) => (ListStep::Closed, plain(Closed)),
            (Command::ListAnnounceClose { at }, Open) => {
                if *at <= self.now {
                    return Err(Refusal::new(
                        Code::Invalid,
                        "A closing is announced for a moment to come.",
                    ));
                }
                let list = ListView {
                    closes_at: Some(*at),
                    ..plain(Open)
                };
                (ListStep::CloseAnnounced, list)
            }
            (Command::ListReopen {}, Closed | Replies | Concluded) => {
                (ListStep::Reopened, plain(Open))
            }
            (Command::ListReopen {}, Open) if was.closes_at.is_some() => {
                (ListStep::Reopened, plain(Open))
            }
            (Command::ListAdjourn {}, Open | Closed | Replies) => {
                let list = ListView {
                    state: Adjourned,
                    adjourned_from: Some(was.state),
                    ..was
                };
                (ListStep::Adjourned, list)
            }
            (Command::ListResume {}, Adjourned) => {
                let list = ListView {
                    state: was.adjourned_from.unwrap_or(Open),
                    adjourned_from: None,
                    ..was
                };
                (ListStep::Resumed, list)
            }
            (Command::ListConclude {}, Closed | Replies) => {
                self.nothing_is_left()?;
                (ListStep::Concluded, plain(Concluded))
            }
            _ => {
                let detail = format!(
                    "The list of speakers is {}; that cannot be done now.",
                    state_in_words(was.state)
                );
                return Err(Refusal::new(Code::InvalidTransition, detail));
            }
        };
        self.emit(Change::List { list, step });
        Ok(())
    }

    /// Closes the list at its announced time, whether or not a tick came in time.
    pub(crate) fn close_in_time(&mut self) {
        let list = self.floor.list;
        if list.state == ListState::Open && list.closes_at.is_some_and(|at| at <= self.now) {
            self.emit_automatic(Change::List {
                list: plain(ListState::Closed),
                step: ListStep::Closed,
            });
        }
    }

    /// Closes the list as announced, begins the replies after the last statement, and ends it after the last reply.
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
            self.emit_automatic(Change::List {
                list: plain(ListState::Replies),
                step: ListStep::Replies,
            });
        } else if self.floor.list.state == ListState::Replies && self.nothing_is_left().is_ok() {
            self.emit_automatic(Change::List {
                list: plain(ListState::Concluded),
                step: ListStep::Concluded,
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

/// Whether it is an entry of the list; a point of order is not.
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

fn state_in_words(state: ListState) -> &'static str {
    match state {
        ListState::NotOpen => "not open yet",
        ListState::Open => "open",
        ListState::Closed => "closed",
        ListState::Replies => "hearing replies",
        ListState::Concluded => "concluded",
        ListState::Adjourned => "adjourned",
    }
}
