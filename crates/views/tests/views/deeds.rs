//! What people try in a room, chosen at random.

use domain::room::MembershipAction;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Something that somebody tries. Numbers choose among what there is.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Send {
        transaction: u8,
        content: Value,
    },
    Act(MembershipAction),
    Set(&'static str, &'static str, Value),
    /// Sets the own member event, with content that no server makes.
    SetOwnMember(Value),
    /// Gives the other one this power.
    Empower(i64),
    /// Redacts an event, one's own or that of anybody.
    Redact {
        event: usize,
        is_own: bool,
        transaction: u8,
    },
    SetExpiry {
        event: usize,
        after_ms: u64,
    },
    Wait(u64),
}

fn contents() -> impl Strategy<Value = Value> {
    let related = json!({ "m.relates_to": { "rel_type": "m.thread", "event_id": "$e" } });
    prop::sample::select(vec![json!({}), json!({ "ciphertext": "AwgA" }), related, json!({ "m.relates_to": 1 })])
}

fn states() -> impl Strategy<Value = (&'static str, &'static str, Value)> {
    let visibility = |v| ("m.room.history_visibility", "", json!({ "history_visibility": v }));
    prop::sample::select(vec![
        ("m.room.name", "", json!({ "name": "One" })),
        ("m.room.name", "", json!({ "name": 1 })),
        ("m.room.topic", "", json!({ "topic": "Two" })),
        ("m.room.join_rules", "", json!({ "join_rule": "public" })),
        ("m.room.join_rules", "", json!({ "join_rule": "knock" })),
        ("m.room.join_rules", "", json!({ "join_rule": "invite" })),
        ("org.example.note", "a", json!({ "a": 1 })),
        ("org.example.note", "b", json!({})),
        visibility("joined"),
        visibility("world_readable"),
    ])
}

/// Some deeds, with who does each, and to whom, by their numbers among four people. Many are refused.
pub(crate) fn deeds() -> impl Strategy<Value = Vec<(usize, Deed, usize)>> {
    let invite = MembershipAction::Invite { is_direct: false };
    let actions = prop::sample::select(vec![
        MembershipAction::Join,
        MembershipAction::Leave,
        MembershipAction::Knock,
        invite,
        MembershipAction::Kick,
        MembershipAction::Ban,
        MembershipAction::Unban,
        MembershipAction::Rename,
    ]);
    let odd = prop::sample::select(vec![
        json!({ "membership": "join", "displayname": 1, "avatar_url": [] }),
        json!({ "membership": "join", "displayname": "a", "reason": {} }),
        json!({ "membership": "leave", "displayname": {} }),
    ]);
    let deed = prop_oneof![
        4 => (0..6_u8, contents()).prop_map(|(transaction, content)| Deed::Send { transaction, content }),
        8 => actions.prop_map(Deed::Act),
        3 => states().prop_map(|(event_type, key, content)| Deed::Set(event_type, key, content)),
        1 => odd.prop_map(Deed::SetOwnMember),
        1 => prop::sample::select(vec![0, 50, 100]).prop_map(Deed::Empower),
        4 => (0..20_usize, any::<bool>(), 0..6_u8)
            .prop_map(|(event, is_own, transaction)| Deed::Redact { event, is_own, transaction }),
        3 => (0..4_usize, 0..8_u64).prop_map(|(event, after_ms)| Deed::SetExpiry { event, after_ms }),
        3 => (0..12_u64).prop_map(Deed::Wait),
    ];
    // Alice made the room and may do most.
    let sender = prop::sample::select(vec![0_usize, 0, 1, 2, 3]);
    prop::collection::vec((sender, deed, 0..4_usize), 1..40)
}
