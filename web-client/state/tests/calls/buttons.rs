//! No press is lost: a button that is on does something in every stage, and one that is off does nothing.

use hearth_web_state::call::{
    CallButton, CallEffect, CallInput, Chat, Device as Kind, Phase, Signal, Slot, Wanted,
    signal::{Body, Invite, Streams},
};

use crate::{
    every_button::{chat_with, check, start},
    table::{A, B, accept, call, connected, press, received, world},
    world::{Act, Happening, World},
};

/// A world at its end, and the device whose stage is looked at.
fn stages() -> Vec<(Phase, World, usize)> {
    let at = |acts: Vec<(u64, usize, Act)>, until_ms| {
        let mut world = world();
        world.play(acts, until_ms);
        world
    };
    let mut broken = connected();
    broken.at(20_000, Happening::Path { up: false });
    broken.run_until(21_000);
    let over = at(vec![call(10_000, A), press(12_000, A, CallInput::HangUp)], 13_000);
    let ended = over.view(A).phase;
    vec![
        (Phase::Preparing, at(vec![call(10_000, A)], 10_000), A),
        (Phase::Calling, at(vec![call(10_000, A)], 12_000), A),
        (Phase::Ringing, at(vec![call(10_000, A)], 12_000), B),
        (Phase::Preparing, at(vec![call(10_000, A), accept(12_000, B)], 12_000), B),
        (Phase::Connected, connected(), B),
        (Phase::Reconnecting, broken, A),
        (ended, over, A),
    ]
}

#[test]
fn a_button_that_is_on_does_something() {
    for (phase, world, device) in stages() {
        assert_eq!(world.phase(device), Some(phase), "{}", world.trace.join("\n"));
        check(&world.devices[device].machine, world.now_ms, world.other(device), true);
    }
    let world = world();
    check(&world.devices[A].machine, world.now_ms, "@bob", true);
}

/// It rings, and instead of "accept" the call button of the same person is pressed.
#[test]
fn calling_who_is_calling_accepts() {
    for video in [false, true] {
        let mut world = world();
        world.play(vec![call(10_000, A)], 12_000);
        assert_eq!(CallButton::of(Some(&world.view(B)), "@alice", true), CallButton::Accepts);
        world.play(vec![(12_000, B, Act::Call { id: None, video })], 15_000);
        let story = world.trace.join("\n");
        assert_eq!([world.phase(A), world.phase(B)], [Some(Phase::Connected); 2], "{story}");
        assert_eq!(world.view(A).call_id, world.view(B).call_id);
        assert_eq!(world.view(A).remote.camera_on, video);
        world.play(vec![press(20_000, A, CallInput::HangUp)], 22_000);
        assert_eq!(world.rows("@alice").len(), 1, "{:?}", world.rows("@alice"));
    }
}

/// The two may have several chats: it is the person that counts.
#[test]
fn calling_who_is_calling_from_another_chat_accepts() {
    let mut world = world();
    world.play(vec![call(10_000, A)], 12_000);
    world.step(B, start(Chat { room_id: "!other".into(), ..chat_with("@alice") }, false));
    world.run_until(15_000);
    assert_eq!([world.phase(A), world.phase(B)], [Some(Phase::Connected); 2]);
    assert_eq!(world.view(B).chat.room_id, "!room");
}

/// One call at a time: who is called by one person does not call another.
#[test]
fn somebody_else_is_not_called_while_it_rings() {
    let mut world = world();
    world.play(vec![call(10_000, A)], 12_000);
    let before = world.view(B);
    assert_eq!(CallButton::of(Some(&before), "@carol", true), CallButton::Off);
    world.step(B, start(chat_with("@carol"), false));
    assert_eq!(world.view(B), before);
}

/// An invite just before the first step, which waits a moment for what may have ended it.
fn unheard() -> World {
    let body =
        Body::Invite(Invite { sdp: "0 1 1 1 1 xm".into(), lifetime_ms: 60_000, invitee: None, streams: Streams::new() });
    let mut world = world();
    let signal = Signal { call_id: "old".into(), party_id: "A1".into(), body };
    world.step(B, CallInput::Received(received("$old", "@alice", signal)));
    assert!(world.devices[B].machine.view().is_none() && world.devices[B].machine.deadline_ms().is_some());
    world
}

#[test]
fn what_has_not_rung_yet_swallows_no_press() {
    let mut world = unheard();
    check(&world.devices[B].machine, world.now_ms, "@alice", true);
    world.step(B, start(chat_with("@alice"), false));
    assert_eq!((world.view(B).call_id.as_str(), world.phase(B)), ("old", Some(Phase::Preparing)));

    let mut world = unheard();
    world.step(B, start(chat_with("@carol"), false));
    assert_eq!((world.view(B).call_id.as_str(), world.phase(B)), ("new", Some(Phase::Preparing)));
    world.run_until(world.now_ms + 5_000);
    // The one that did not get through is told so, as it would be a moment later.
    let told = world.wire.log.iter().find(|message| message.signal.call_id == "old").map(|message| &message.signal.body);
    assert!(matches!(told, Some(Body::Reject { reason: Some(reason), .. }) if reason == "user_busy"), "{told:?}");
}

fn choose(device: Kind) -> CallInput {
    CallInput::Choose { device, device_id: "other".into() }
}

/// The devices that this step asks for, by slot.
fn asked_for(effects: &[CallEffect]) -> Vec<(Slot, Option<String>)> {
    let of = |slot, wanted: &Option<Wanted>| wanted.clone().map(|wanted| (slot, wanted.device_id));
    let captures = effects.iter().filter_map(|effect| match effect {
        CallEffect::Capture { microphone, camera, .. } => Some([of(Slot::Microphone, microphone), of(Slot::Camera, camera)]),
        _ => None,
    });
    captures.flatten().flatten().collect()
}

/// A device chosen while the first ones are being opened is the one that the call begins with.
#[test]
fn a_device_is_chosen_while_the_call_begins() {
    for (device, asked) in [
        (Kind::Microphone, [(Slot::Microphone, Some("other".into())), (Slot::Camera, None)]),
        (Kind::Camera, [(Slot::Microphone, None), (Slot::Camera, Some("other".into()))]),
    ] {
        let mut world = world();
        world.play(vec![(10_000, A, Act::Call { id: None, video: true })], 10_000);
        let mut copy = world.devices[A].machine.clone();
        assert_eq!(asked_for(&copy.step(10_000, choose(device))), asked);
        world.play(vec![press(10_000, A, choose(device)), accept(12_000, B)], 15_000);
        assert_eq!([world.phase(A), world.phase(B)], [Some(Phase::Connected); 2], "{}", world.trace.join("\n"));
        assert!(world.view(B).remote.camera_on);
        assert_eq!(world.devices[A].browser.media.len(), 2, "what was opened first is given back");
    }
}

#[test]
fn a_camera_is_chosen_while_one_is_being_opened() {
    let mut world = connected();
    world.step(A, CallInput::SetCamera(true));
    let mut copy = world.devices[A].machine.clone();
    assert_eq!(asked_for(&copy.step(world.now_ms, choose(Kind::Camera))), [(Slot::Camera, Some("other".into()))]);
    world.step(A, choose(Kind::Camera));
    world.run_until(20_000);
    assert!(world.view(B).remote.camera_on && world.devices[A].browser.media.len() == 2);
}

/// A choice while nothing of its kind is open counts when it is opened.
#[test]
fn a_device_is_chosen_for_later() {
    let mut world = connected();
    let mut machine = world.devices[A].machine.clone();
    assert!(machine.step(15_000, choose(Kind::Camera)).is_empty());
    let asked = asked_for(&machine.step(15_000, CallInput::SetCamera(true)));
    assert_eq!(asked, [(Slot::Camera, Some("other".into()))]);
    world.step(A, CallInput::HangUp);
    let mut machine = world.devices[A].machine.clone();
    assert!(machine.step(16_000, choose(Kind::Microphone)).is_empty());
    let asked = asked_for(&machine.step(16_000, start(chat_with("@bob"), false)));
    assert_eq!(asked, [(Slot::Microphone, Some("other".into()))]);
}
