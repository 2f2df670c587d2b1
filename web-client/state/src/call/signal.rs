//! The signalling of calls as it travels: Matrix VoIP, version "1" (client-server API, "Voice over IP"). Version 0 is understood: it
//! has no parties, no rejection and no negotiation. All others are taken for version "1", as the specification says.
//!
//! Contents are read strictly within bounds and written so that clients on matrix-js-sdk understand them. What a
//! signal means for a call is the machine's business, not this file's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::summary::Summary;

/// The largest content that is looked at, in bytes; a Matrix message is at most 64 KiB.
pub const MAX_CONTENT_LEN: usize = 64 * 1024;
/// The largest session description, in bytes.
pub const MAX_SDP_LEN: usize = 48 * 1024;
/// The most candidates one signal carries; what comes after them is left out.
pub const MAX_CANDIDATES: usize = 64;
/// The longest candidate line, in bytes.
pub const MAX_CANDIDATE_LEN: usize = 1024;
/// The longest identifier of a call, party, stream or user, in bytes.
pub const MAX_ID_LEN: usize = 255;
/// The most streams one party describes.
pub const MAX_STREAMS: usize = 16;
/// The longest time an invite may ask to ring for, in milliseconds.
pub const MAX_LIFETIME_MS: u64 = 5 * 60_000;

const VERSION: &str = "1";
const STREAMS: &str = "sdp_stream_metadata";
/// What clients wrote before the key was in the spec (MSC3077).
const STREAMS_UNSTABLE: &str = "org.matrix.msc3077.sdp_stream_metadata";
const STREAMS_CHANGED_UNSTABLE: &str = "org.matrix.call.sdp_stream_metadata_changed";
const SUMMARY: &str = "org.hearth.call";

/// The party of who speaks version 0. A party id of version "1" has one character at least.
pub const NO_PARTY: &str = "";

/// One signal of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Which call.
    pub call_id: String,
    /// Which of its user's devices sent it; [`NO_PARTY`] if that speaks version 0.
    pub party_id: String,
    /// What it says.
    pub body: Body,
}

/// What a signal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// `m.call.invite`: the phone rings.
    Invite(Invite),
    /// `m.call.candidates`: addresses to try; an empty candidate says that there are no more.
    Candidates(Vec<Candidate>),
    /// `m.call.answer`: one device picked up.
    Answer {
        /// The answer's session description.
        sdp: String,
        /// What the answering side sends.
        streams: Streams,
    },
    /// `m.call.select_answer`: the caller says which device it talks to.
    SelectAnswer {
        /// The party that was chosen.
        selected_party_id: String,
    },
    /// `m.call.negotiate`: a further offer or its answer, within the call.
    Negotiate {
        /// Offer or answer.
        kind: SdpKind,
        /// The session description.
        sdp: String,
        /// What the sender sends.
        streams: Streams,
    },
    /// `m.call.reject`: declined, for all devices of the user.
    Reject {
        /// Why; absent for a plain "no".
        reason: Option<String>,
        /// What the timeline keeps of the call.
        summary: Option<Summary>,
    },
    /// `m.call.hangup`: over.
    Hangup {
        /// Why; absent is the same as `user_hangup`.
        reason: Option<String>,
        /// What the timeline keeps of the call.
        summary: Option<Summary>,
    },
    /// `m.call.sdp_stream_metadata_changed`: muted, unmuted, camera on or off.
    StreamsChanged(Streams),
}

/// What an invite says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// The offer's session description.
    pub sdp: String,
    /// How long it rings, in milliseconds from when it was sent.
    pub lifetime_ms: u64,
    /// The one user it is for; absent means anybody in the chat.
    pub invitee: Option<String>,
    /// What the caller sends.
    pub streams: Streams,
}

/// Offer or answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SdpKind {
    /// An offer.
    Offer,
    /// An answer.
    Answer,
}

/// One address to try, as `RTCIceCandidateInit`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The candidate line; empty when there are no more.
    #[serde(default)]
    pub candidate: String,
    /// The media section's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdp_mid: Option<String>,
    /// The media section's index.
    #[serde(default, rename = "sdpMLineIndex", skip_serializing_if = "Option::is_none")]
    pub sdp_m_line_index: Option<u16>,
    /// Which ICE generation it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username_fragment: Option<String>,
}

/// What a party sends: by the id of the browser's `MediaStream`.
pub type Streams = BTreeMap<String, Stream>;

/// One stream that a party sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// What it is for.
    pub purpose: Purpose,
    /// Whether its sound is off.
    #[serde(default)]
    pub audio_muted: bool,
    /// Whether its picture is off.
    #[serde(default)]
    pub video_muted: bool,
}

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Microphone and camera.
    #[serde(rename = "m.usermedia")]
    Usermedia,
    /// The screen, a window or a tab.
    #[serde(rename = "m.screenshare")]
    Screenshare,
}

/// Why a content was not read as a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASignal {
    /// The type is none of the VoIP module's.
    #[error("not a call signal")]
    OtherType,
    /// A field is missing or of the wrong kind.
    #[error("a field is missing or malformed")]
    Malformed,
    /// A field is longer than its bound.
    #[error("a field exceeds its bound")]
    TooLarge,
}

impl Body {
    /// No, for all of one's devices. In version 0 a hangup says so.
    pub(super) fn refusal(reason: Option<&str>, summary: Option<Summary>, is_legacy: bool) -> Self {
        let reason = reason.map(str::to_owned);
        if is_legacy { Self::Hangup { reason, summary } } else { Self::Reject { reason, summary } }
    }
}

impl Signal {
    /// Whether a message of that type belongs to calls at all, so that the timeline does not show it as a message.
    pub fn is_call_type(event_type: &str) -> bool {
        event_type.starts_with("m.call.") || event_type == STREAMS_CHANGED_UNSTABLE
    }

    /// Reads the decrypted content (a JSON object) of a message of type `event_type`.
    pub fn parse(event_type: &str, content_json: &str) -> Result<Self, NotASignal> {
        if !Self::is_call_type(event_type) {
            return Err(NotASignal::OtherType);
        }
        if content_json.len() > MAX_CONTENT_LEN {
            return Err(NotASignal::TooLarge);
        }
        let content: Value = serde_json::from_str(content_json).map_err(|_| NotASignal::Malformed)?;
        let content = content.as_object().ok_or(NotASignal::Malformed)?;
        let is_legacy = content.get("version").ok_or(NotASignal::Malformed)?.as_u64() == Some(0);
        let party_id = if is_legacy { NO_PARTY.to_owned() } else { id(content, "party_id")? };
        let body = match event_type {
            "m.call.invite" => Body::Invite(invite(content)?),
            "m.call.candidates" => Body::Candidates(candidates(content)?),
            "m.call.answer" => Body::Answer { sdp: description(content, "answer")?.1, streams: streams(content)? },
            "m.call.select_answer" => Body::SelectAnswer { selected_party_id: id(content, "selected_party_id")? },
            "m.call.negotiate" => {
                let (kind, sdp) = description(content, "description")?;
                Body::Negotiate { kind, sdp, streams: streams(content)? }
            }
            "m.call.reject" => Body::Reject { reason: optional_id(content, "reason")?, summary: summary(content) },
            "m.call.hangup" => Body::Hangup { reason: optional_id(content, "reason")?, summary: summary(content) },
            "m.call.sdp_stream_metadata_changed" | STREAMS_CHANGED_UNSTABLE => Body::StreamsChanged(streams(content)?),
            _ => return Err(NotASignal::OtherType),
        };
        Ok(Self { call_id: id(content, "call_id")?, party_id, body })
    }

    /// The message type to send it as.
    pub fn event_type(&self) -> &'static str {
        match self.body {
            Body::Invite(_) => "m.call.invite",
            Body::Candidates(_) => "m.call.candidates",
            Body::Answer { .. } => "m.call.answer",
            Body::SelectAnswer { .. } => "m.call.select_answer",
            Body::Negotiate { .. } => "m.call.negotiate",
            Body::Reject { .. } => "m.call.reject",
            Body::Hangup { .. } => "m.call.hangup",
            Body::StreamsChanged(_) => "m.call.sdp_stream_metadata_changed",
        }
    }

    /// The content to send, a JSON object.
    pub fn to_content(&self) -> Value {
        let mut content = Map::new();
        content.insert("call_id".into(), self.call_id.clone().into());
        content.insert("party_id".into(), self.party_id.clone().into());
        content.insert("version".into(), VERSION.into());
        match &self.body {
            Body::Invite(invite) => {
                content.insert("offer".into(), described(SdpKind::Offer, &invite.sdp));
                content.insert("lifetime".into(), invite.lifetime_ms.into());
                insert_some(&mut content, "invitee", invite.invitee.as_ref());
                insert_streams(&mut content, &invite.streams);
            }
            Body::Candidates(candidates) => {
                content.insert("candidates".into(), json(candidates));
            }
            Body::Answer { sdp, streams } => {
                content.insert("answer".into(), described(SdpKind::Answer, sdp));
                insert_streams(&mut content, streams);
            }
            Body::SelectAnswer { selected_party_id } => {
                content.insert("selected_party_id".into(), selected_party_id.clone().into());
            }
            Body::Negotiate { kind, sdp, streams } => {
                content.insert("description".into(), described(*kind, sdp));
                content.insert("lifetime".into(), 60_000.into());
                insert_streams(&mut content, streams);
            }
            Body::Reject { reason, summary } | Body::Hangup { reason, summary } => {
                insert_some(&mut content, "reason", reason.as_ref());
                insert_some(&mut content, SUMMARY, summary.as_ref());
            }
            Body::StreamsChanged(streams) => insert_streams(&mut content, streams),
        }
        Value::Object(content)
    }

    /// Whether the server may erase it after a while. All but the end may: the end is the call's row in the timeline.
    pub fn is_ephemeral(&self) -> bool {
        !matches!(self.body, Body::Reject { .. } | Body::Hangup { .. })
    }
}

fn bounded(text: &str, max_len: usize) -> Result<String, NotASignal> {
    if text.len() > max_len { Err(NotASignal::TooLarge) } else { Ok(text.to_owned()) }
}

fn id(content: &Map<String, Value>, key: &str) -> Result<String, NotASignal> {
    optional_id(content, key)?.filter(|id| !id.is_empty()).ok_or(NotASignal::Malformed)
}

fn optional_id(content: &Map<String, Value>, key: &str) -> Result<Option<String>, NotASignal> {
    match content.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => bounded(text, MAX_ID_LEN).map(Some),
        Some(_) => Err(NotASignal::Malformed),
    }
}

fn invite(content: &Map<String, Value>) -> Result<Invite, NotASignal> {
    let lifetime_ms = content.get("lifetime").and_then(Value::as_u64).ok_or(NotASignal::Malformed)?;
    Ok(Invite {
        sdp: description(content, "offer")?.1,
        lifetime_ms: lifetime_ms.min(MAX_LIFETIME_MS),
        invitee: optional_id(content, "invitee")?,
        streams: streams(content)?,
    })
}

fn description(content: &Map<String, Value>, key: &str) -> Result<(SdpKind, String), NotASignal> {
    let description = content.get(key).ok_or(NotASignal::Malformed)?;
    let kind = match (key, description.get("type").and_then(Value::as_str)) {
        ("offer", Some("offer")) | ("description", Some("offer")) => SdpKind::Offer,
        ("answer", Some("answer")) | ("description", Some("answer")) => SdpKind::Answer,
        _ => return Err(NotASignal::Malformed),
    };
    let sdp = description.get("sdp").and_then(Value::as_str).ok_or(NotASignal::Malformed)?;
    Ok((kind, bounded(sdp, MAX_SDP_LEN)?))
}

/// The candidates that can be read, as many as there is room for: each is a path of its own, and one less is no harm.
fn candidates(content: &Map<String, Value>) -> Result<Vec<Candidate>, NotASignal> {
    let listed = content.get("candidates").and_then(Value::as_array).ok_or(NotASignal::Malformed)?;
    let read = |one: &Value| {
        let one = Candidate::deserialize(one).ok()?;
        let names = [&one.sdp_mid, &one.username_fragment];
        let fits = one.candidate.len() <= MAX_CANDIDATE_LEN
            && names.iter().all(|name| name.as_ref().is_none_or(|name| name.len() <= MAX_ID_LEN));
        fits.then_some(one)
    };
    Ok(listed.iter().filter_map(read).take(MAX_CANDIDATES).collect())
}

/// The streams that can be understood; one of an unknown purpose is left out, as nothing could be shown for it.
fn streams(content: &Map<String, Value>) -> Result<Streams, NotASignal> {
    let Some(listed) = content.get(STREAMS).or_else(|| content.get(STREAMS_UNSTABLE)) else {
        return Ok(Streams::new());
    };
    let listed = listed.as_object().ok_or(NotASignal::Malformed)?;
    if listed.len() > MAX_STREAMS || listed.keys().any(|id| id.len() > MAX_ID_LEN) {
        return Err(NotASignal::TooLarge);
    }
    Ok(listed.iter().filter_map(|(id, stream)| Some((id.clone(), Stream::deserialize(stream).ok()?))).collect())
}

/// A summary is a courtesy: one that cannot be read does not spoil the end of a call.
fn summary(content: &Map<String, Value>) -> Option<Summary> {
    let summary = Summary::deserialize(content.get(SUMMARY)?).ok()?;
    summary.caller.as_ref().is_none_or(|caller| caller.len() <= MAX_ID_LEN).then_some(summary)
}

fn described(kind: SdpKind, sdp: &str) -> Value {
    serde_json::json!({ "type": kind, "sdp": sdp })
}

fn json(value: impl Serialize) -> Value {
    // Plain structs with string keys: there is nothing in them that JSON cannot hold.
    serde_json::to_value(value).unwrap_or(Value::Null)
}

fn insert_some(content: &mut Map<String, Value>, key: &str, value: Option<impl Serialize>) {
    if let Some(value) = value {
        content.insert(key.into(), json(value));
    }
}

fn insert_streams(content: &mut Map<String, Value>, streams: &Streams) {
    content.insert(STREAMS.into(), json(streams));
    content.insert(STREAMS_UNSTABLE.into(), json(streams));
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{
        Body, Candidate, Invite, MAX_CANDIDATES, MAX_ID_LEN, MAX_SDP_LEN, NO_PARTY, NotASignal, Purpose, SdpKind, Signal,
    };
    use crate::call::{Kind, Outcome, Summary};

    fn parse(event_type: &str, mut content: Value) -> Result<Body, NotASignal> {
        for (key, value) in [("call_id", "1"), ("party_id", "D"), ("version", "1")] {
            if content.get(key).is_none() {
                content[key] = value.into();
            }
        }
        Signal::parse(event_type, &content.to_string()).map(|signal| signal.body)
    }

    /// As matrix-js-sdk writes them: with fields that are not looked at, and the old key for streams.
    #[test]
    fn signals_of_other_clients() {
        let invite = json!({
            "offer": { "type": "offer", "sdp": "v=0" }, "lifetime": 60_000, "conf_id": null,
            "capabilities": { "m.call.transferee": false, "m.call.dtmf": false },
            "org.matrix.msc3077.sdp_stream_metadata": {
                "s": { "purpose": "m.usermedia", "audio_muted": false, "video_muted": true },
                "t": { "purpose": "m.hologram" },
            },
        });
        let Ok(Body::Invite(Invite { sdp, lifetime_ms, invitee, streams })) = parse("m.call.invite", invite) else {
            panic!("not read");
        };
        assert_eq!((sdp.as_str(), lifetime_ms, invitee, streams.len()), ("v=0", 60_000, None, 1));
        assert!(streams["s"].purpose == Purpose::Usermedia && streams["s"].video_muted);

        let candidates = json!({ "candidates": [
            { "candidate": "candidate:1 1 UDP 2 192.0.2.1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "u" },
            { "candidate": "" },
        ] });
        let Ok(Body::Candidates(candidates)) = parse("m.call.candidates", candidates) else { panic!("not read") };
        assert_eq!(candidates[0].sdp_m_line_index, Some(0));
        assert_eq!(candidates[1], Candidate::default());

        let changed = json!({ "sdp_stream_metadata": {} });
        assert!(matches!(parse("org.matrix.call.sdp_stream_metadata_changed", changed), Ok(Body::StreamsChanged(_))));
        assert_eq!(parse("m.call.reject", json!({})), Ok(Body::Reject { reason: None, summary: None }));
        let answer = json!({ "description": { "type": "answer", "sdp": "v=0" } });
        assert!(matches!(parse("m.call.negotiate", answer), Ok(Body::Negotiate { kind: SdpKind::Answer, .. })));
    }

    #[test]
    fn versions() {
        let party = |content: Value| {
            let mut content = content;
            content["call_id"] = "1".into();
            Signal::parse("m.call.reject", &content.to_string()).map(|signal| signal.party_id)
        };
        for (content, expected) in [
            (json!({ "version": "1", "party_id": "D" }), Ok("D")),
            (json!({ "version": 1, "party_id": "D" }), Ok("D")),
            (json!({ "version": "org.example.next", "party_id": "D" }), Ok("D")),
            (json!({ "version": 2.5, "party_id": "D" }), Ok("D")),
            (json!({ "version": 0 }), Ok(NO_PARTY)),
            // Whatever it says of parties: it knows none.
            (json!({ "version": 0, "party_id": "D" }), Ok(NO_PARTY)),
            (json!({ "version": 1 }), Err(NotASignal::Malformed)),
            (json!({ "version": "1", "party_id": "" }), Err(NotASignal::Malformed)),
            (json!({ "party_id": "D" }), Err(NotASignal::Malformed)),
        ] {
            assert_eq!(party(content.clone()), expected.map(str::to_owned), "{content}");
        }
    }

    #[test]
    fn candidates_that_cannot_be_read_are_left_out() {
        let listed = |count: usize| vec![json!({ "candidate": "c" }); count];
        let odd = [
            json!(7),
            json!({ "candidate": "c".repeat(2_000) }),
            json!({ "sdpMid": "m".repeat(300) }),
            json!({ "candidate": 1 }),
        ];
        for (candidates, expected) in [
            (listed(MAX_CANDIDATES), MAX_CANDIDATES),
            (listed(MAX_CANDIDATES + 1), MAX_CANDIDATES),
            (odd.to_vec(), 0),
            ([odd.to_vec(), listed(MAX_CANDIDATES), odd.to_vec()].concat(), MAX_CANDIDATES),
        ] {
            let Ok(Body::Candidates(read)) = parse("m.call.candidates", json!({ "candidates": candidates })) else {
                panic!("not read");
            };
            assert_eq!(read.len(), expected);
        }
    }

    #[test]
    fn what_is_no_signal() {
        use NotASignal as N;
        let offer = |sdp: &str| json!({ "offer": { "type": "offer", "sdp": sdp }, "lifetime": 1 });
        for (event_type, content, expected) in [
            ("m.room.message", json!({}), N::OtherType),
            ("m.call.replaces", json!({}), N::OtherType),
            ("m.call.invite", json!({ "lifetime": 1 }), N::Malformed),
            ("m.call.invite", json!({ "offer": { "type": "answer", "sdp": "" }, "lifetime": 1 }), N::Malformed),
            ("m.call.invite", offer(&"s".repeat(MAX_SDP_LEN + 1)), N::TooLarge),
            ("m.call.hangup", json!({ "call_id": "" }), N::Malformed),
            ("m.call.hangup", json!({ "call_id": "i".repeat(MAX_ID_LEN + 1) }), N::TooLarge),
            ("m.call.hangup", json!({ "reason": 1 }), N::Malformed),
            ("m.call.candidates", json!({ "candidates": "c" }), N::Malformed),
        ] {
            assert_eq!(parse(event_type, content), Err(expected), "{event_type}");
        }
        assert!(parse("m.call.invite", offer(&"s".repeat(MAX_SDP_LEN))).is_ok());
        assert_eq!(Signal::parse("m.call.hangup", "[1]"), Err(N::Malformed));
        assert_eq!(Signal::parse("m.call.hangup", "{"), Err(N::Malformed));
    }

    #[test]
    fn the_end_carries_what_the_timeline_keeps() {
        let summary =
            Summary { kind: Kind::Video, outcome: Outcome::NoAnswer, duration_ms: 0, answered: false, caller: None };
        let body = Body::Hangup { reason: Some("invite_timeout".into()), summary: Some(summary) };
        let signal = Signal { call_id: "1".into(), party_id: "D".into(), body };
        let content = signal.to_content();
        assert_eq!(content["org.hearth.call"]["outcome"], "no_answer");
        assert_eq!(Signal::parse(signal.event_type(), &content.to_string()), Ok(signal));
        // A summary that makes no sense does not spoil the end.
        let odd = json!({ "org.hearth.call": { "kind": "smell" } });
        assert_eq!(parse("m.call.hangup", odd), Ok(Body::Hangup { reason: None, summary: None }));
    }
}
