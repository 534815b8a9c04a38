//! Chat messages and calls for help. Rules of order, section 17.

use plenary_conference::Role;
use plenary_ids::{Language, PersonId};
use plenary_protocol::{
    Audience, ChatCommand, ChatMessage, Code, CommandOutput, CommandResult, Posted, Problem,
    RoomEvent, SeatFigures,
};

use super::Room;
use crate::{Body, Member};

impl Room {
    /// Carries out a command about the chat. `figures` go with a call for help.
    pub(super) fn execute_chat(
        &mut self,
        command: ChatCommand,
        by: Member,
        figures: Option<&SeatFigures>,
    ) -> CommandResult {
        match command {
            ChatCommand::Post { text, to, help } => {
                if let Audience::Booth(language) = &to {
                    self.is_in_booth(&by, language)?;
                }
                let id = self.state.last_chat.saturating_add(1);
                let message = ChatMessage {
                    id,
                    from: by.person,
                    to,
                    text,
                    help,
                    figures: figures.filter(|_| help).cloned().map(Box::new),
                };
                self.emit(vec![Body::Room(RoomEvent::ChatPosted(message))]);
                Ok(CommandOutput::Posted(Posted { id }))
            }
            ChatCommand::CloseHelp { message, text } => self.close_help(message, text, by),
        }
    }

    /// Closes an open call for help. To everybody but the operators only the own one is open.
    fn close_help(&mut self, message: u64, text: Option<String>, by: Member) -> CommandResult {
        let sender = self.state.help.sender(message);
        let may_close = |from: &&PersonId| by.role == Role::Operator || **from == by.person;
        let from = sender.filter(may_close).cloned().ok_or_else(|| {
            let detail = format!("No call for help {message} is open in this room.");
            Problem::new(Code::NotFound, detail)
        })?;
        self.emit(vec![Body::Room(RoomEvent::HelpClosed {
            message,
            from,
            text,
            by: by.person,
        })]);
        Ok(CommandOutput::Posted(Posted { id: message }))
    }

    /// Passes an interpreter into a language of the conference.
    fn is_in_booth(&self, member: &Member, language: &Language) -> Result<(), Problem> {
        if !self.config.languages.contains(language) {
            return Err(self.no_channel(language));
        }
        if !member.languages.contains(language) {
            let detail = format!("Only the interpreters into {language} write to its booth.");
            return Err(Problem::new(Code::Forbidden, detail));
        }
        Ok(())
    }
}
