//! Who speaks for which delegation on a question, and what a question does to the floor.

use plenary_conference::Role;
use plenary_floor::{Actor, Class, Command as Floor, Scope};
use plenary_ids::{DelegationId, Moment};
use plenary_protocol::{Code, Command, Presence, Problem, RoomEvent};

use crate::{
    Body, Member, RoomConfig,
    decisions::{Order, Question},
    state::RoomState,
};

impl RoomState {
    /// The order that a command is, by somebody of that scope; none if it is about no question.
    pub(crate) fn order_of(
        &self,
        config: &RoomConfig,
        command: &Command,
        by: &Member,
        scope: Scope,
    ) -> Result<Option<Order>, Problem> {
        let on_behalf_of =
            |named: &Option<DelegationId>| delegation(config, by, scope, named.as_ref());
        Ok(Some(match command {
            Command::DecisionOpen {
                kind,
                question,
                closes_in_ms,
                item,
            } => {
                let item = match item {
                    Some(named) => Some(self.planned(config, named)?.id),
                    None => self.agenda.current().cloned(),
                };
                Order::Open(Question {
                    kind: *kind,
                    words: question.clone(),
                    closes_in: *closes_in_ms,
                    item,
                    roll: self.roll(config),
                })
            }
            Command::DecisionObject {
                decision,
                reason,
                delegation,
            } => Order::Object {
                decision: *decision,
                delegation: on_behalf_of(delegation)?,
                reason: reason.clone(),
            },
            Command::DecisionVote {
                decision,
                choice,
                delegation,
            } => Order::Vote {
                decision: *decision,
                delegation: on_behalf_of(delegation)?,
                choice: *choice,
            },
            Command::DecisionClose { decision } => Order::Close {
                decision: *decision,
            },
            Command::DecisionWithdraw { decision } => Order::Withdraw {
                decision: *decision,
            },
            _ => return Ok(None),
        }))
    }

    /// What happens about a question, with what follows for the floor: while votes are taken, it hears nothing else.
    pub(crate) fn decided(&self, event: RoomEvent, now: Moment) -> Result<Vec<Body>, Problem> {
        let mut after = self.decisions.clone();
        after.apply(&event);
        let open = after.is_roll_call_open();
        let roll_call = Floor::RollCall { open };
        let floor = plenary_floor::decide(&self.floor, &roll_call, &Actor::system(), now)?;
        let mut bodies = vec![Body::Room(event)];
        bodies.extend(floor.into_iter().map(Body::Floor));
        Ok(bodies)
    }

    /// The member delegations that have a delegate seated, in alphabetical order.
    fn roll(&self, config: &RoomConfig) -> Vec<DelegationId> {
        let seated = self.participants.values().filter(|participant| {
            participant.state == Presence::Seated && participant.role == Role::Delegate
        });
        let mut roll: Vec<DelegationId> = seated
            .filter_map(|participant| config.members.get(&participant.person))
            .filter(|member| member.class == Class::Member)
            .filter_map(|member| member.delegation.clone())
            .collect();
        roll.sort_unstable();
        roll.dedup();
        roll
    }
}

/// The delegation in whose name somebody objects or votes: a delegate's own, or the one that a clerk names.
fn delegation(
    config: &RoomConfig,
    by: &Member,
    scope: Scope,
    named: Option<&DelegationId>,
) -> Result<DelegationId, Problem> {
    let spoken_for = match (scope, named, &by.delegation) {
        (Scope::OnBehalf, Some(named), _) => named,
        (Scope::OnBehalf, None, _) => {
            let detail = "Say by \"delegation\" for whom.";
            return Err(Problem::new(Code::Invalid, detail));
        }
        (_, named, Some(own)) if named.is_none_or(|named| named == own) => own,
        _ => {
            let detail = "A delegate speaks for the own delegation only; a clerk may for others.";
            return Err(Problem::new(Code::Forbidden, detail));
        }
    };
    let mut of_it = config.members.values();
    let known = of_it.find(|member| member.delegation.as_ref() == Some(spoken_for));
    match known.map(|member| member.class) {
        Some(Class::Member) => Ok(spoken_for.clone()),
        Some(_) => Err(Problem::new(
            Code::Forbidden,
            format!("{spoken_for} is no member: only members decide."),
        )),
        None => Err(Problem::new(
            Code::NotFound,
            format!("No delegation {spoken_for} has a place in this room."),
        )),
    }
}
