//! Calls with who speaks version 0: no parties, a hangup for "no", and nothing negotiated once a call is answered.

use hearth_web_state::call::{
    CallInput, Connection, EndReason as End, PeerId, Phase, Signal,
    signal::{Body, Invite, NO_PARTY, Streams},
};

use crate::{
    table::{A, B, accept, call, press, received, world},
    world::World,
};

const INVITE: &str = "0 1 1 1 1 xm\nm=audio 9 UDP/TLS/RTP/SAVPF 111";

fn old(world: &mut World, device: usize, sender: &str, call_id: &str, body: Body) {
    let signal = Signal { call_id: call_id.into(), party_id: NO_PARTY.into(), body };
    let event_id = format!("${call_id}{}", world.now_ms);
    world.step(device, CallInput::Received(received(&event_id, sender, signal)));
}

fn hangup(reason: Option<&str>) -> Body {
    Body::Hangup { reason: reason.map(str::to_owned), summary: None }
}

/// It rings on both of Bob's devices.
fn ringing() -> World {
    let mut world = world();
    world.step(B, CallInput::Tick);
    world.step(B + 1, CallInput::Tick);
    world.run_until(20_000);
    for device in [B, B + 1] {
        let invite = Invite { sdp: INVITE.into(), lifetime_ms: 60_000, invitee: None, streams: Streams::new() };
        old(&mut world, device, "@alice", "old", Body::Invite(invite));
        assert_eq!(world.phase(device), Some(Phase::Ringing));
    }
    world
}

fn said(world: &World, device: usize) -> Vec<&'static str> {
    world.wire.log.iter().filter(|message| message.device == device).map(|message| message.signal.event_type()).collect()
}

#[test]
fn no_is_a_hangup() {
    let mut world = ringing();
    world.play(vec![press(21_000, B, CallInput::Decline)], 23_000);
    assert_eq!((said(&world, B), world.reason(B)), (vec!["m.call.hangup"], End::Declined));
    assert_eq!(world.reason(B + 1), End::DeclinedElsewhere);
    assert_eq!(world.rows("@bob"), ["You declined a voice call"]);
}

#[test]
fn busy_is_a_hangup() {
    let mut world = ringing();
    world.play(vec![accept(21_000, B)], 22_000);
    let invite = Invite { sdp: INVITE.into(), lifetime_ms: 60_000, invitee: None, streams: Streams::new() };
    old(&mut world, B, "@carol", "another", Body::Invite(invite));
    world.run_until(23_000);
    let told = world.wire.log.iter().find(|message| message.signal.call_id == "another").map(|message| &message.signal.body);
    assert!(matches!(told, Some(Body::Hangup { reason: Some(reason), .. }) if reason == "user_busy"), "{told:?}");
}

#[test]
fn a_call_of_theirs_is_answered_and_nothing_is_negotiated() {
    let mut world = ringing();
    world.play(vec![accept(21_000, B)], 22_000);
    assert_eq!(world.phase(B), Some(Phase::Connecting));
    assert!(said(&world, B).contains(&"m.call.answer"));
    world.step(B, CallInput::Connection { peer: PeerId(1), state: Connection::Connected });
    assert!(!world.view(B).can.camera && !world.view(B).can.share);
    for input in [
        CallInput::SetCamera(true),
        CallInput::SetSharing(true),
        CallInput::NetworkChanged,
        CallInput::NegotiationNeeded { peer: PeerId(1) },
    ] {
        world.step(B, input);
    }
    world.run_until(25_000);
    assert!(!said(&world, B).contains(&"m.call.negotiate"), "{:?}", said(&world, B));
    old(&mut world, B, "@alice", "old", hangup(None));
    assert_eq!(world.reason(B), End::OtherHungUp);
}

#[test]
fn their_hangup_before_an_answer_is_a_no() {
    for (reason, expected) in [(None, End::OtherDeclined), (Some("user_busy"), End::OtherBusy)] {
        let mut world = world();
        world.play(vec![call(10_000, A)], 12_000);
        let id = world.view(A).call_id;
        old(&mut world, A, "@bob", &id, hangup(reason));
        assert_eq!(world.reason(A), expected);
    }
}

#[test]
fn a_call_to_them_is_answered() {
    let mut world = world();
    world.play(vec![call(10_000, A)], 12_000);
    let id = world.view(A).call_id;
    old(&mut world, A, "@bob", &id, Body::Answer { sdp: "1 1 1 1 1 xm".into(), streams: Streams::new() });
    assert_eq!(world.phase(A), Some(Phase::Connecting));
    world.run_until(13_000);
    world.step(A, CallInput::Connection { peer: PeerId(1), state: Connection::Connected });
    assert_eq!(world.phase(A), Some(Phase::Connected));
}
