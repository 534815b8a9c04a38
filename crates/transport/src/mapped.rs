//! How another machine sees this one: a question to a STUN server and its answer (RFC 8489, section 2).

use std::net::SocketAddr;

use rtc_stun::{
    message::{BINDING_REQUEST, BINDING_SUCCESS, Getter, Message, Setter},
    xoraddr::XorMappedAddress,
};

/// A binding request, whose answer is recognized by its transaction.
#[derive(Debug)]
pub struct Question {
    message: Message,
}

impl Default for Question {
    fn default() -> Self {
        Self::new()
    }
}

impl Question {
    /// A question with a random transaction.
    pub fn new() -> Self {
        let mut message = Message::new();
        message.transaction_id.0 = rand::random();
        message.set_type(BINDING_REQUEST);
        message.write_header();
        Self { message }
    }

    /// What to send to the server; the same again if no answer comes.
    pub fn datagram(&self) -> &[u8] {
        &self.message.raw
    }

    /// The address from which the question came, if this is the answer to it.
    pub fn answered(&self, datagram: &[u8]) -> Option<SocketAddr> {
        let mut answer = Message::new();
        answer.unmarshal_binary(datagram).ok()?;
        let mine = answer.transaction_id == self.message.transaction_id;
        (mine && answer.typ == BINDING_SUCCESS).then_some(())?;
        let mut mapped = XorMappedAddress::default();
        mapped.get_from(&answer).ok()?;
        Some(SocketAddr::new(mapped.ip, mapped.port))
    }
}

/// The answer of a STUN server to a question that came from this address; none if it is no question.
pub fn answer(question: &[u8], from: SocketAddr) -> Option<Vec<u8>> {
    let mut request = Message::new();
    request.unmarshal_binary(question).ok()?;
    (request.typ == BINDING_REQUEST).then_some(())?;
    let mut response = Message::new();
    response.transaction_id = request.transaction_id;
    response.set_type(BINDING_SUCCESS);
    response.write_header();
    let mapped = XorMappedAddress {
        ip: from.ip(),
        port: from.port(),
    };
    mapped.add_to(&mut response).ok()?;
    Some(response.raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_to_the_question_is_taken() {
        let (mine, other) = (Question::new(), Question::new());
        for from in ["203.0.113.5:40000", "[2001:db8::5]:40000"] {
            let from: SocketAddr = from.parse().unwrap();
            let to_mine = answer(mine.datagram(), from).unwrap();
            let to_other = answer(other.datagram(), from).unwrap();
            assert_eq!(mine.answered(&to_mine), Some(from));
            assert_eq!(mine.answered(&to_other), None);
            for length in 0..to_mine.len() {
                assert_eq!(mine.answered(&to_mine[..length]), None);
            }
        }
        assert_eq!(mine.answered(mine.datagram()), None);
        assert_eq!(answer(b"no question", "127.0.0.1:1".parse().unwrap()), None);
    }
}
