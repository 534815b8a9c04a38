//! Fragments with ICE alone (`application/trickle-ice-sdpfrag`, RFC 8840, section 9), by which a client of WHIP names its
//! candidates one after the other or restarts ICE (RFC 9725, section 4.3).

use std::io::Cursor;

use rtc_sdp::description::session::SessionDescription;

use super::{
    attributes::values,
    limits::{SdpError, at_most, cut, invalid},
    offer::ice_chars,
};

/// The media type of a fragment.
pub const ICE_FRAGMENT_TYPE: &str = "application/trickle-ice-sdpfrag";

const MAX_BYTES: usize = 64 * 1024;
const MAX_MEDIA_LINES: usize = 64;
const MAX_CANDIDATES: usize = 512;
const MAX_COMPONENT: u16 = 256;

/// The lines that a description begins with and a fragment has not.
const BEGINNING: &str = "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";

/// A client's fragment. Its candidates are read and not kept: this server is ICE-lite and learns the client's addresses
/// from its connectivity checks (RFC 8445, section 2.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IceFragment {
    /// The user name fragment and the password of the ICE session that the fragment is about; a client that names no
    /// credentials means the present session.
    pub credentials: Option<(String, String)>,
    /// How many candidates it names.
    pub candidates: usize,
}

impl IceFragment {
    /// Reads the text of a fragment.
    pub fn parse(text: &str) -> Result<Self, SdpError> {
        at_most("bytes", text.len(), MAX_BYTES)?;
        let lines = text.lines().filter(|line| !line.is_empty());
        let mut media_lines = 0;
        for line in lines.clone() {
            if line.contains('\r') {
                return Err(SdpError::Syntax("a stray carriage return".to_owned()));
            }
            if line.starts_with("m=") {
                media_lines += 1;
            } else if !line.starts_with("a=") {
                let detail = format!("a fragment has no line {:?}", cut(line));
                return Err(SdpError::Syntax(detail));
            }
        }
        at_most("media lines", media_lines, MAX_MEDIA_LINES)?;
        let mut whole = BEGINNING.to_owned();
        for line in lines {
            whole.push_str(line);
            whole.push_str("\r\n");
        }
        let description = SessionDescription::unmarshal(&mut Cursor::new(whole.as_bytes()))
            .map_err(|error| SdpError::Syntax(cut(&error.to_string())))?;
        let media = description.media_descriptions.iter();
        let sections = || {
            let media = media.clone().map(|media| media.attributes.as_slice());
            std::iter::once(description.attributes.as_slice()).chain(media)
        };
        let named = |key: &'static str| sections().flat_map(move |section| values(section, key));
        let candidates = named("candidate").count();
        at_most("candidates", candidates, MAX_CANDIDATES)?;
        if let Some(bad) = named("candidate").find(|it| !is_candidate(it)) {
            return Err(invalid("candidate", bad));
        }
        let ufrag = the_only("ice-ufrag", named("ice-ufrag"))?;
        let pwd = the_only("ice-pwd", named("ice-pwd"))?;
        let credentials = match (ufrag, pwd) {
            (None, None) => None,
            (Some(ufrag), Some(pwd)) => Some((
                ice_chars("ice-ufrag", ufrag, 4)?,
                ice_chars("ice-pwd", pwd, 22)?,
            )),
            (None, Some(_)) => return Err(SdpError::Missing("ice-ufrag")),
            (Some(_), None) => return Err(SdpError::Missing("ice-pwd")),
        };
        Ok(Self {
            credentials,
            candidates,
        })
    }

    /// The offer of a session, as its client would send it to restart ICE with the credentials of this fragment. None if
    /// the fragment names those of the offer, or none.
    pub fn restarted(&self, offer: &str) -> Option<String> {
        let (ufrag, pwd) = self.credentials.as_ref()?;
        let (ufrag, pwd) = (format!("a=ice-ufrag:{ufrag}"), format!("a=ice-pwd:{pwd}"));
        let mut restarted = String::with_capacity(offer.len());
        let mut is_changed = false;
        for line in offer.lines() {
            let written = if line.starts_with("a=ice-ufrag:") {
                &ufrag
            } else if line.starts_with("a=ice-pwd:") {
                &pwd
            } else {
                line
            };
            is_changed |= written != line;
            push(&mut restarted, written);
        }
        is_changed.then_some(restarted)
    }
}

/// The ICE part of an answer: its credentials and candidates, on the line that carries the transport of all.
pub fn ice_fragment(answer: &str) -> String {
    let (mut of_session, mut of_line) = (String::new(), String::new());
    let mut lines = answer.lines().peekable();
    while let Some(line) = lines.next_if(|line| !line.starts_with("m=")) {
        if line == "a=ice-lite" || line.starts_with("a=group:BUNDLE") {
            push(&mut of_session, line);
        }
    }
    let is_live = |line: &str| line.starts_with("m=") && line.split(' ').nth(1) != Some("0");
    for line in lines.skip_while(|line| !is_live(line)) {
        if line.starts_with("m=") && !of_line.is_empty() {
            break;
        }
        let kept = [
            "m=",
            "a=mid:",
            "a=ice-ufrag:",
            "a=ice-pwd:",
            "a=candidate:",
            "a=end-of-candidates",
        ];
        if kept.iter().any(|beginning| line.starts_with(beginning)) {
            push(&mut of_line, line);
        }
    }
    of_session + &of_line
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push_str("\r\n");
}

/// The one value of an attribute that may stand in several sections: with BUNDLE there is one transport.
fn the_only<'a>(
    what: &'static str,
    mut values: impl Iterator<Item = &'a str>,
) -> Result<Option<&'a str>, SdpError> {
    let Some(first) = values.next() else {
        return Ok(None);
    };
    match values.find(|other| *other != first) {
        Some(other) => Err(invalid(what, other)),
        None => Ok(Some(first)),
    }
}

/// `foundation component transport priority address port typ type …` (RFC 8839, section 5.1).
fn is_candidate(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let [
        foundation,
        component,
        transport,
        priority,
        address,
        port,
        "typ",
        kind,
        ..,
    ] = words.as_slice()
    else {
        return false;
    };
    let component: Option<u16> = component.parse().ok();
    let is_named = [foundation, transport, address, kind];
    component.is_some_and(|it| (1..=MAX_COMPONENT).contains(&it))
        && priority.parse::<u32>().is_ok()
        && port.parse::<u16>().is_ok()
        && is_named.iter().all(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sdp::{Limits, Offer};

    const CHROMIUM: &str = include_str!("../../tests/offers/chromium.sdp");
    const CREDENTIALS: &str = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n";
    const CANDIDATE: &str = "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host \
        generation 0 ufrag EsAw network-id 1\r\n";

    #[test]
    fn a_fragment_with_candidates_of_one_line_or_of_several_is_read() {
        let ended = "a=end-of-candidates\r\n";
        let first = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n";
        let second = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n";
        let text = format!(
            "{CREDENTIALS}a=group:BUNDLE 0 1\r\n{first}{CANDIDATE}{ended}{second}{CREDENTIALS}{CANDIDATE}"
        );
        let read = IceFragment::parse(&text).unwrap();
        let credentials = ("EsAw".to_owned(), "P2uYro0UCOQ4zxjKXaWCBui1".to_owned());
        assert_eq!(read.credentials, Some(credentials));
        assert_eq!(read.candidates, 2);
        let bare = IceFragment::parse(&text.replace("\r\n", "\n")).unwrap();
        assert_eq!(bare, read, "line feeds alone");
        let empty = IceFragment::parse("").unwrap();
        assert_eq!((empty.credentials, empty.candidates), (None, 0));
    }

    #[test]
    fn what_is_no_fragment_is_refused() {
        for text in [
            "v=0\r\n",
            "nonsense",
            "a=ice-ufrag:EsAw\r\n",
            "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n",
            "a=ice-ufrag:Es\"w\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n",
            "a=ice-ufrag:EsAw\r\na=ice-pwd:short\r\n",
            "m=audio\r\n",
            "a=candidate:1 1 udp 1 192.0.2.1 61764\r\n",
            "a=candidate:1 1 udp x 192.0.2.1 61764 typ host\r\n",
            "a=candidate:1 0 udp 1 192.0.2.1 61764 typ host\r\n",
            "a=candidate:1 1 udp 1 192.0.2.1 99999 typ host\r\n",
            &format!("{CREDENTIALS}{CREDENTIALS}a=ice-ufrag:other\r\n"),
            &CANDIDATE.repeat(MAX_CANDIDATES + 1),
            &"a=x\r\n".repeat(MAX_BYTES / 5 + 1),
            &"m=audio 9 RTP/AVP 0\r\n".repeat(MAX_MEDIA_LINES + 1),
        ] {
            let read = IceFragment::parse(text);
            assert!(read.is_err(), "{text:.80}: {read:?}");
        }
    }

    #[test]
    fn an_offer_is_restarted_by_a_fragment_and_stays_the_same_otherwise() {
        let limits = Limits::default();
        let offer = Offer::parse(CHROMIUM, &limits).unwrap();
        let fragment = IceFragment::parse(CREDENTIALS).unwrap();
        let restarted = fragment.restarted(CHROMIUM).unwrap();
        let restarted = Offer::parse(&restarted, &limits).unwrap();
        assert!(restarted.is_restart_of(&offer));
        assert_eq!(restarted.ufrag, "EsAw");
        assert_eq!(restarted.fingerprint, offer.fingerprint);
        assert!(restarted.lines().eq(offer.lines()));
        assert_eq!(IceFragment::parse("").unwrap().restarted(CHROMIUM), None);
        let (ufrag, pwd) = (offer.ufrag, offer.pwd);
        let same = format!("a=ice-ufrag:{ufrag}\na=ice-pwd:{pwd}\n");
        let same = IceFragment::parse(&same).unwrap();
        assert_eq!(same.restarted(CHROMIUM), None, "the present ICE session");
    }

    #[test]
    fn the_fragment_of_an_answer_has_its_transport_and_can_be_read_again() {
        let answer = "v=0\r\no=- 1 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n\
            a=group:BUNDLE 1\r\nm=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:no\r\n\
            m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=ice-ufrag:00abcd\r\n\
            a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\na=setup:passive\r\n\
            a=candidate:1 1 udp 2130706431 192.0.2.1 8081 typ host\r\na=end-of-candidates\r\n\
            m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:2\r\n";
        let fragment = ice_fragment(answer);
        let expected = "a=ice-lite\r\na=group:BUNDLE 1\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n\
            a=ice-ufrag:00abcd\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n\
            a=candidate:1 1 udp 2130706431 192.0.2.1 8081 typ host\r\na=end-of-candidates\r\n";
        assert_eq!(fragment, expected);
        assert_eq!(IceFragment::parse(&fragment).unwrap().candidates, 1);
    }

    fn line() -> impl Strategy<Value = String> {
        let known = prop::sample::select(vec![
            "a=ice-ufrag:EsAw",
            "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1",
            "a=candidate:1 1 udp 1 192.0.2.1 9 typ host",
            "a=end-of-candidates",
            "m=audio 9 UDP/TLS/RTP/SAVPF 0",
            "a=mid:0",
            "",
        ]);
        prop_oneof![
            3 => known.prop_map(str::to_owned),
            1 => "[am]=.{0,40}",
            1 => any::<String>(),
        ]
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange_to_be_read(lines in prop::collection::vec(line(), 0..20), end in "\r?\n") {
            let text = lines.join(&end);
            let read = IceFragment::parse(&text).ok();
            if let Some(restarted) = read.and_then(|it| it.restarted(CHROMIUM)) {
                prop_assert!(Offer::parse(&restarted, &Limits::default()).is_ok());
            }
            ice_fragment(&text);
        }
    }
}
