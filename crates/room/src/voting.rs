//! Who speaks for which delegation on a question, and what a question does to the floor. Rules of order, section 15.

use plenary_conference::Role;
use plenary_floor::{Actor, Class, Scope, SystemCommand};
use plenary_ids::{BoundedMillis, DelegationId, Moment};
use plenary_protocol::{Code, DecisionCommand, Problem, QuorumCount, RoomEvent};

use crate::{Body, Member, RoomConfig, decisions::Question, state::RoomState};

impl RoomState {
    /// Decides a command about a question: the events that follow, with those of the floor.
    pub(crate) fn decide_question(
        &self,
        config: &RoomConfig,
        command: DecisionCommand,
        by: &Member,
        scope: Scope,
        now: Moment,
    ) -> Result<Vec<Body>, Problem> {
        let on_behalf_of =
            |named: Option<DelegationId>| delegation(config, by, scope, named.as_ref());
        let (decisions, person) = (&self.decisions, &by.person);
        let event = match command {
            DecisionCommand::Open {
                kind,
                question,
                closes_in_ms,
                item,
                quorum,
            } => {
                let item = match item {
                    Some(named) => Some(self.planned(config, &named)?.id),
                    None => self.agenda.current().cloned(),
                };
                let of_item = item.as_ref().and_then(|item| config.item_quorums.get(item));
                let quorum = quorum.or(of_item.copied()).or(config.quorum);
                let members = count(&member_delegations(config));
                let question = Question {
                    kind,
                    text: question,
                    closes_in: closes_in_ms.map(BoundedMillis::get),
                    item,
                    quorum: quorum.map(|quorum| QuorumCount {
                        needed: quorum.needed(members),
                        members,
                    }),
                    roll: self.roll(config),
                };
                decisions.put(question, person, now)
            }
            DecisionCommand::Object {
                decision,
                reason,
                delegation,
            } => decisions.object(decision, on_behalf_of(delegation)?, reason, person, now),
            DecisionCommand::Vote {
                decision,
                choice,
                delegation,
            } => decisions.vote(decision, &on_behalf_of(delegation)?, choice, person, now),
            DecisionCommand::Close { decision } => {
                decisions.close(decision, person, now, self.members_present(config))
            }
            DecisionCommand::Withdraw { decision } => decisions.withdraw(decision, person, now),
        }?;
        self.decided(event, now)
    }

    /// An event about a question, with the events of the floor that follow: while votes are taken, nothing else is heard.
    pub(crate) fn decided(&self, event: RoomEvent, now: Moment) -> Result<Vec<Body>, Problem> {
        let mut after = self.decisions.clone();
        after.apply(&event);
        let open = after.is_roll_call_open();
        let roll_call = SystemCommand::RollCall { open };
        let floor = plenary_floor::decide_system(&self.floor, &roll_call, &Actor::system(), now)?;
        let mut bodies = vec![Body::Room(event)];
        bodies.extend(floor.into_iter().map(Body::Floor));
        Ok(bodies)
    }

    /// The member delegations that have a delegate in the room, in alphabetical order. A place that is kept for a lost
    /// connection counts: nobody loses a vote by a flicker of the network.
    fn roll(&self, config: &RoomConfig) -> Vec<DelegationId> {
        let here = |member: &&Member| self.participants.contains_key(&member.person);
        delegations(voters(config).filter(here))
    }

    /// How many member delegations have a delegate in the room.
    pub(crate) fn members_present(&self, config: &RoomConfig) -> u32 {
        count(&self.roll(config))
    }
}

/// The delegates of member delegations who may enter the room.
fn voters(config: &RoomConfig) -> impl Iterator<Item = &Member> {
    let members = config.members.values();
    members.filter(|member| member.class == Class::Member && member.role == Role::Delegate)
}

/// The member delegations that may send a delegate into the room.
fn member_delegations(config: &RoomConfig) -> Vec<DelegationId> {
    delegations(voters(config))
}

fn delegations<'a>(members: impl Iterator<Item = &'a Member>) -> Vec<DelegationId> {
    let mut delegations: Vec<DelegationId> = members
        .filter_map(|member| member.delegation.clone())
        .collect();
    delegations.sort_unstable();
    delegations.dedup();
    delegations
}

fn count(delegations: &[DelegationId]) -> u32 {
    u32::try_from(delegations.len()).unwrap_or(u32::MAX)
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
            format!("{spoken_for} is not a member: only members decide."),
        )),
        None => Err(Problem::new(
            Code::NotFound,
            format!("No delegation {spoken_for} has a place in this room."),
        )),
    }
}
