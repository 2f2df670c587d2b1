//! One test for each row of what a call must do, on a good network.

use hearth_web_state::call::{
    CallButton, CallInput, CallLog, CallRecord, CallView, CaptureError, Device as Kind, EndReason as End, MediaId, Notice,
    Phase, Received, Signal, Slot, Switch, Tone,
    signal::{Body, Invite, SdpKind, Stream, Streams},
};

use crate::world::{Act, Happening, Roughness, World};

pub(crate) const A: usize = 0;
pub(crate) const B: usize = 1;
const B2: usize = 2;

pub(crate) fn world() -> World {
    World::new(1, Roughness { delay_ms: 50, ..Roughness::default() }, &[("@alice", "A1"), ("@bob", "B1"), ("@bob", "B2")])
}

pub(crate) fn press(at_ms: u64, device: usize, input: CallInput) -> (u64, usize, Act) {
    (at_ms, device, Act::Press(input))
}

pub(crate) fn call(at_ms: u64, device: usize) -> (u64, usize, Act) {
    (at_ms, device, Act::Call { id: None, video: false })
}

pub(crate) fn accept(at_ms: u64, device: usize) -> (u64, usize, Act) {
    press(at_ms, device, CallInput::Accept { video: false })
}

impl World {
    pub(crate) fn play(&mut self, acts: Vec<(u64, usize, Act)>, until_ms: u64) {
        for (at_ms, device, act) in acts {
            self.at(at_ms, Happening::Do { device, act });
        }
        self.run_until(until_ms);
    }

    pub(crate) fn view(&self, device: usize) -> CallView {
        self.devices[device].machine.view().unwrap_or_else(|| panic!("no call on {}", self.devices[device].name))
    }

    pub(crate) fn reason(&self, device: usize) -> End {
        match self.view(device).phase {
            Phase::Ended(reason) => reason,
            phase => panic!("{} is {phase:?}\n{}", self.devices[device].name, self.trace.join("\n")),
        }
    }

    pub(crate) fn rows(&self, me: &str) -> Vec<String> {
        let mut log = CallLog::default();
        for (index, message) in self.wire.log.iter().enumerate() {
            let (sender, signal) = (message.sender.clone(), message.signal.clone());
            log.add(&CallRecord { event_id: format!("${index}"), sender, at_ms: message.at_ms, signal });
        }
        log.rows(me, self.now_ms + 100_000).iter().map(hearth_web_state::call::CallRow::words).collect()
    }
}

pub(crate) fn connected() -> World {
    let mut world = world();
    world.play(vec![call(10_000, A), accept(12_000, B)], 15_000);
    assert_eq!(world.phase(A), Some(Phase::Connected), "{}", world.trace.join("\n"));
    assert_eq!(world.phase(B), Some(Phase::Connected));
    world
}

/// What is pressed; how it ends on either side; what the timeline says on either side.
#[test]
fn ends() {
    let hang_up = |at_ms, device| press(at_ms, device, CallInput::HangUp);
    let refuse =
        |world: &mut World, device: usize, slot: Slot| world.devices[device].refusal = Some((slot, CaptureError::Denied));
    for (acts, refused, [caller, called, other], rows) in [
        (
            vec![accept(12_000, B), hang_up(20_000, A)],
            None,
            [End::HungUp, End::OtherHungUp, End::AnsweredElsewhere],
            ["Voice call · 7 s"; 2],
        ),
        (
            vec![accept(12_000, B), hang_up(20_000, B)],
            None,
            [End::OtherHungUp, End::HungUp, End::AnsweredElsewhere],
            ["Voice call · 7 s"; 2],
        ),
        (
            vec![press(12_000, B, CallInput::Decline)],
            None,
            [End::OtherDeclined, End::Declined, End::DeclinedElsewhere],
            ["Voice call · Declined", "You declined a voice call"],
        ),
        (
            vec![hang_up(12_000, A)],
            None,
            [End::Cancelled, End::OtherCancelled, End::OtherCancelled],
            ["Voice call · Cancelled", "Missed voice call"],
        ),
        (vec![], None, [End::NoAnswer, End::Missed, End::Missed], ["Voice call · No answer", "Missed voice call"]),
        (
            vec![accept(12_000, B)],
            Some(B),
            [End::OtherNoMicrophone, End::NoMicrophone(CaptureError::Denied), End::DeclinedElsewhere],
            ["Voice call · Couldn’t connect"; 2],
        ),
        (
            vec![accept(12_000, B), (20_000, B, Act::Reload)],
            None,
            [End::OtherHungUp, End::PageClosed, End::AnsweredElsewhere],
            ["Voice call · 7 s"; 2],
        ),
        (
            vec![accept(12_000, B), (20_000, B, Act::Vanish)],
            None,
            [End::ConnectionLost, End::PageClosed, End::AnsweredElsewhere],
            ["Voice call · 37 s · Connection lost"; 2],
        ),
        (
            vec![accept(12_000, B), (20_000, B, Act::Close)],
            None,
            [End::OtherHungUp, End::PageClosed, End::AnsweredElsewhere],
            ["Voice call · 7 s"; 2],
        ),
        (
            vec![accept(12_000, B), (20_000, B, Act::Hide)],
            None,
            [End::OtherHungUp, End::PageClosed, End::AnsweredElsewhere],
            ["Voice call · 7 s"; 2],
        ),
    ] {
        let mut world = world();
        if let Some(device) = refused {
            refuse(&mut world, device, Slot::Microphone);
        }
        let story = format!("{acts:?}");
        world.play([vec![call(10_000, A)], acts].concat(), 120_000);
        assert_eq!(world.reason(A), caller, "{story}");
        if world.devices[B].machine.view().is_some() && !world.devices[B].vanished {
            assert_eq!(world.reason(B), called, "{story}");
        }
        assert_eq!(world.reason(B2), other, "{story}");
        assert_eq!([world.rows("@alice"), world.rows("@bob")], rows.map(|row| vec![row.to_owned()]), "{story}");
    }
}

#[test]
fn the_caller_without_a_microphone_rings_nobody() {
    let mut world = world();
    world.devices[A].refusal = Some((Slot::Microphone, CaptureError::NoDevice));
    world.play(vec![call(10_000, A)], 12_000);
    assert_eq!(world.reason(A), End::NoMicrophone(CaptureError::NoDevice));
    assert!(world.wire.log.is_empty());
    assert!(world.view(A).words().contains("Plug one in"), "{}", world.view(A).words());
}

#[test]
fn without_a_camera_it_is_a_voice_call() {
    let mut world = world();
    world.devices[B].refusal = Some((Slot::Camera, CaptureError::NoDevice));
    let video = Act::Call { id: None, video: true };
    world.play(vec![(10_000, A, video), press(12_000, B, CallInput::Accept { video: true })], 15_000);
    assert_eq!(world.phase(B), Some(Phase::Connected));
    assert_eq!(world.view(B).notice, Some(Notice::NoCamera(CaptureError::NoDevice)));
    assert!(world.view(B).remote.camera_on && !world.view(A).remote.camera_on);
}

#[test]
fn it_rings_and_stops() {
    let world = connected();
    assert_eq!(world.devices[A].played, [Tone::Ringback, Tone::Silence]);
    assert_eq!(world.devices[B].played, [Tone::Ring, Tone::Silence]);
    assert_eq!(world.devices[B2].played, [Tone::Ring, Tone::Silence]);
}

#[test]
fn busy() {
    let mut world = connected();
    world.play(vec![call(20_000, B2)], 22_000);
    assert_eq!(world.reason(B2), End::OtherBusy);
    assert_eq!(world.devices[B2].played.last(), Some(&Tone::Busy));
    assert_eq!(world.phase(A), Some(Phase::Connected));
    assert_eq!(world.rows("@bob"), ["Voice call · Busy"]);
}

/// The lower id wins, whoever is first; one call results, without anybody pressing "accept".
#[test]
fn glare() {
    for (mine, theirs, apart_ms) in [("1", "2", 0), ("2", "1", 0), ("1", "2", 60), ("2", "1", 60), ("2", "1", 200)] {
        let mut world =
            World::new(2, Roughness { delay_ms: 150, ..Roughness::default() }, &[("@alice", "A1"), ("@bob", "B1")]);
        let place = |id| Act::Call { id: Some(id), video: false };
        world.play(vec![(10_000, A, place(mine)), (10_000 + apart_ms, B, place(theirs))], 15_000);
        let story = world.trace.join("\n");
        assert_eq!([world.phase(A), world.phase(B)], [Some(Phase::Connected); 2], "{mine} {theirs} {apart_ms}\n{story}");
        assert_eq!(world.view(A).call_id, world.view(B).call_id);
        world.play(vec![press(20_000, A, CallInput::HangUp)], 22_000);
        assert_eq!(world.rows("@alice").len(), 1, "{:?}", world.rows("@alice"));
    }
}

#[test]
fn mute_camera_and_screen_are_seen() {
    let mut world = connected();
    world.play(vec![press(20_000, A, CallInput::SetMuted(true)), press(20_000, B, CallInput::SetCamera(true))], 22_000);
    assert!(world.view(B).remote.muted && world.view(A).remote.camera_on);
    assert!(matches!(world.view(B).own.camera, Switch::On(_)));
    world.play(vec![press(23_000, A, CallInput::SetMuted(false)), press(23_000, B, CallInput::SetCamera(false))], 25_000);
    assert!(!world.view(B).remote.muted && !world.view(A).remote.camera_on);
    world.play(vec![press(26_000, A, CallInput::SetSharing(true))], 28_000);
    assert!(world.view(B).remote.screen_stream_id.is_some());
    world.play(vec![(29_000, A, Act::Lose(Slot::Screen))], 31_000);
    assert!(world.view(B).remote.screen_stream_id.is_none() && world.view(A).own.sharing == Switch::Off);
    assert_eq!([world.phase(A), world.phase(B)], [Some(Phase::Connected); 2]);
}

/// Both want something of the other at the same moment.
#[test]
fn offers_cross() {
    let mut world = connected();
    let acts = [A, B].map(|device| press(20_000, device, CallInput::SetCamera(true))).to_vec();
    world.play(acts, 40_000);
    assert!(world.view(A).remote.camera_on && world.view(B).remote.camera_on, "{}", world.trace.join("\n"));
}

#[test]
fn another_microphone_takes_over_without_a_gap() {
    let mut world = connected();
    let choice = CallInput::Choose { device: Kind::Microphone, device_id: "headset".into() };
    let before = world.devices[A].browser.media.clone();
    world.play(vec![press(20_000, A, choice)], 21_000);
    let after = &world.devices[A].browser.media;
    assert!(after.len() == 1 && *after != before);
    let media: Vec<MediaId> = after.iter().copied().collect();
    world.play(vec![press(22_000, A, CallInput::MediaEnded { media: media[0] })], 22_000);
    world.run_until(24_000);
    assert!(!world.view(B).remote.muted && world.devices[A].browser.media.len() == 1);
}

#[test]
fn a_closed_page_is_heard_of_within_a_second() {
    let mut world = connected();
    world.play(vec![(20_000, B, Act::Close)], 20_300);
    assert_eq!(world.phase(A), Some(Phase::Connected), "a last word may still come");
    world.run_until(21_000);
    assert_eq!(world.reason(A), End::OtherHungUp);
}

/// A hangup that is on its way as the page goes is said by the next one.
#[test]
fn what_is_left_over_is_kept_until_it_is_sent() {
    let mut world = connected();
    let left = |world: &World| world.devices[A].machine.left_over(world.now_ms);
    world.play(vec![(19_000, A, Act::Offline { until_ms: 30_000 }), press(20_000, A, CallInput::HangUp)], 25_000);
    let kept = left(&world).expect("it is not sent yet");
    assert_eq!((kept.call_id.as_str(), kept.summary.duration_ms / 1_000), (world.view(A).call_id.as_str(), 7));
    world.run_until(31_000);
    assert_eq!(left(&world), None);
}

/// While it is looked for a path, or stands here as connected although the other page was loaded anew.
#[test]
fn who_calls_back_is_not_busy() {
    for (down, back) in [(true, B2), (true, B), (false, B)] {
        let mut world = connected();
        if down {
            world.at(20_000, Happening::Path { up: false });
            world.at(24_500, Happening::Path { up: true });
        }
        if back == B {
            world.devices[B].machine = hearth_web_state::call::CallState::new(
                hearth_web_state::call::Me { user_id: "@bob".into(), party_id: "B1".into() },
                hearth_web_state::call::Settings::default(),
            );
            world.devices[B].browser = crate::browser::Browser::default();
        }
        world.play(vec![call(24_000, back)], 26_000);
        assert_eq!([world.phase(A), world.phase(back)], [Some(Phase::Ringing), Some(Phase::Calling)], "{down} {back}");
        world.play(vec![accept(26_500, A)], 29_000);
        assert_eq!([world.phase(A), world.phase(back)], [Some(Phase::Connected); 2], "{}", world.trace.join("\n"));
    }
}

#[test]
fn the_other_side_holds() {
    let mut world = connected();
    for (version, direction, words) in [(8, "sendonly", "On hold"), (9, "sendrecv", "Connected")] {
        let sdp = format!("1 1 1 1 {version} xm\nm=audio 9 UDP/TLS/RTP/SAVPF 111\na={direction}");
        let body = Body::Negotiate { kind: SdpKind::Offer, sdp, streams: Streams::new() };
        let signal = Signal { call_id: world.view(A).call_id, party_id: "B1".into(), body };
        world.step(A, CallInput::Received(received(&format!("${direction}"), "@bob", signal)));
        world.run_until(world.now_ms + 2_000);
        assert_eq!(world.view(A).words(), words);
    }
}

/// What is told of a microphone that is gone, and of the one that takes its place.
#[test]
fn a_lost_microphone_is_told() {
    let mut world = connected();
    world.devices[A].refusal = Some((Slot::Microphone, CaptureError::NoDevice));
    world.play(vec![(20_000, A, Act::Lose(Slot::Microphone))], 22_000);
    assert!(world.view(B).remote.muted && world.view(A).own.muted);
    assert_eq!(world.view(A).notice, Some(Notice::NoMicrophone(CaptureError::NoDevice)));
    world.devices[A].refusal = None;
    world.play(vec![press(23_000, A, CallInput::SetMuted(false))], 25_000);
    assert!(!world.view(B).remote.muted && !world.view(A).own.muted && world.view(A).notice.is_none());
}

#[test]
fn a_browser_without_webrtc() {
    let mut world = world();
    for device in [A, B] {
        let me = hearth_web_state::call::Me {
            user_id: world.devices[device].user.into(),
            party_id: world.devices[device].name.into(),
        };
        let settings = hearth_web_state::call::Settings { can_connect: device == A, ..Default::default() };
        world.devices[device].machine = hearth_web_state::call::CallState::new(me, settings);
        world.devices[device].can_connect = settings.can_connect;
    }
    world.play(vec![call(5_000, B), call(10_000, A), accept(11_000, B)], 12_000);
    let view = world.view(B);
    assert!(view.phase == Phase::Ringing && !view.can.accept && view.can.decline);
    assert!(view.words().contains("WebRTC"), "{}", view.words());
    assert!(CallButton::of(Some(&view), "@alice", false).is_off() && CallButton::of(None, "@alice", false).is_off());
    // Another device is none of its business.
    world.play(vec![accept(13_000, B2)], 16_000);
    assert_eq!([world.phase(A), world.phase(B2)], [Some(Phase::Connected); 2]);
    assert_eq!(world.reason(B), End::AnsweredElsewhere);
}

#[test]
fn a_broken_path_comes_back() {
    for for_ms in [1_000, 10_000, 20_000] {
        let mut world = connected();
        world.at(20_000, Happening::Path { up: false });
        world.at(20_000 + for_ms, Happening::Path { up: true });
        world.run_until(20_500);
        assert_eq!([world.phase(A), world.phase(B)], [Some(Phase::Reconnecting); 2]);
        world.run_until(20_000 + for_ms + 5_500);
        assert_eq!([world.phase(A), world.phase(B)], [Some(Phase::Connected); 2], "{for_ms}\n{}", world.trace.join("\n"));
        let since_ms = world.view(A).connected_since_ms.unwrap();
        assert!(since_ms < 20_000, "the timer goes on");
    }
}

#[test]
fn a_path_that_stays_away_ends_the_call() {
    let mut world = connected();
    world.at(20_000, Happening::Path { up: false });
    world.run_until(60_000);
    assert_eq!([world.reason(A), world.reason(B)], [End::ConnectionLost; 2]);
}

#[test]
fn never_connecting_for_ever() {
    let mut world = world();
    world.at(9_000, Happening::Path { up: false });
    world.play(vec![call(10_000, A), accept(12_000, B)], 30_000);
    assert_eq!(world.phase(A), Some(Phase::Connecting));
    world.run_until(38_500);
    assert_eq!([world.reason(A), world.reason(B)], [End::NoPath; 2]);
    assert!(world.view(A).words().contains("another network"));
    assert_eq!(world.rows("@alice"), ["Voice call · Couldn’t connect"]);
}

/// Taken by the server after all that the devices of a world say.
pub(crate) fn received(event_id: &str, sender: &str, signal: Signal) -> Received {
    Received {
        event_id: event_id.to_owned(),
        room_id: "!room".into(),
        sender: sender.to_owned(),
        sender_name: sender.to_owned(),
        sender_joined: true,
        age_ms: 0,
        taken_at_ms: 1_000_000,
        signal,
    }
}

#[test]
fn what_does_not_ring() {
    let invite = |invitee: Option<&str>, call_id: &str| Signal {
        call_id: call_id.into(),
        party_id: "A1".into(),
        body: Body::Invite(Invite {
            sdp: "0 1 1 1 1 xm".into(),
            lifetime_ms: 60_000,
            invitee: invitee.map(str::to_owned),
            streams: Streams::new(),
        }),
    };
    let good = |signal: Signal| received(&signal.call_id.clone(), "@alice", signal);
    let base = good(invite(None, "1"));
    for (received, rings) in [
        (base.clone(), true),
        (good(invite(Some("@bob"), "2")), true),
        (good(invite(Some("@carol"), "3")), false),
        (Received { sender_joined: false, ..base.clone() }, false),
        (Received { age_ms: 59_000, ..base.clone() }, false),
        (Received { sender: "@bob".into(), ..base.clone() }, false),
    ] {
        let mut world = world();
        world.run_until(10_000);
        world.step(B, CallInput::Tick);
        world.run_until(20_000);
        world.step(B, CallInput::Received(received.clone()));
        assert_eq!(world.phase(B) == Some(Phase::Ringing), rings, "{received:?}");
    }
}

/// A device that has not seen another's answer, for want of its key, goes by the caller's choice.
#[test]
fn the_caller_says_who_was_first() {
    for accepted in [false, true] {
        let mut world = world();
        world.play(vec![call(10_000, A), (11_000, B2, Act::Vanish)], 11_500);
        if accepted {
            world.play(vec![(11_600, A, Act::Offline { until_ms: 20_000 }), accept(12_000, B)], 13_000);
        }
        let body = Body::SelectAnswer { selected_party_id: "B2".into() };
        let signal = Signal { call_id: world.view(B).call_id, party_id: "A1".into(), body };
        world.step(B, CallInput::Received(received("$select", "@alice", signal)));
        assert_eq!(world.reason(B), End::AnsweredElsewhere);
        world.run_until(13_500);
        assert!(world.devices[B].browser.peers.is_empty() && world.devices[B].browser.media.is_empty());
    }
}

/// The hangup of a device is read before its answer, as when the answer's key comes late.
#[test]
fn an_answer_that_was_taken_back() {
    let mut world = world();
    world.play(vec![call(10_000, A)], 11_000);
    let signal = |body| Signal { call_id: world.view(A).call_id, party_id: "B1".into(), body };
    let hangup = signal(Body::Hangup { reason: Some("ice_failed".into()), summary: None });
    let answer = signal(Body::Answer { sdp: "1 1 1 1 1 xm".into(), streams: Streams::new() });
    world.step(A, CallInput::Received(received("$hangup", "@bob", hangup)));
    assert_eq!(world.phase(A), Some(Phase::Calling), "another device may still answer");
    world.step(A, CallInput::Received(received("$answer", "@bob", answer)));
    assert_eq!(world.reason(A), End::NoPath);
}

/// Read again after a start: what was over stays quiet, what still rings does so after a moment.
#[test]
fn history_rings_only_if_it_is_not_over() {
    let mut world = world();
    world.play(vec![call(10_000, A), (15_000, B, Act::Reload)], 15_500);
    assert_eq!(world.phase(B), None);
    world.run_until(17_000);
    assert_eq!(world.phase(B), Some(Phase::Ringing));
    world.play(vec![press(18_000, A, CallInput::HangUp), (19_000, B, Act::Reload)], 25_000);
    assert_eq!(world.phase(B), None);
}

/// Muted and unmuted at once: what the server took last stands, whichever of the two is found or read later.
#[test]
fn what_was_said_last_stands() {
    for (events, muted) in [
        ([("$mute", 1_000_000, 10, true), ("$unmute", 1_000_005, 90, false)], false),
        ([("$unmute", 1_000_005, 10, false), ("$mute", 1_000_000, 10, true)], false),
        ([("$unmute", 1_000_000, 10, false), ("$mute", 1_000_000, 90, true)], true),
    ] {
        let mut world = connected();
        let view = world.view(A);
        for (event_id, taken_at_ms, age_ms, audio_muted) in events {
            let purpose = hearth_web_state::call::signal::Purpose::Usermedia;
            let stream = Stream { purpose, audio_muted, video_muted: true };
            let streams = Streams::from([(view.remote.user_stream_id.clone().unwrap(), stream)]);
            let body = Body::StreamsChanged(streams);
            let signal = Signal { call_id: view.call_id.clone(), party_id: "B1".into(), body };
            let received = Received { taken_at_ms, age_ms, ..received(event_id, "@bob", signal) };
            world.step(A, CallInput::Received(received));
        }
        assert_eq!(world.view(A).remote.muted, muted, "{events:?}");
    }
}

/// A client that describes no streams is heard and seen all the same.
#[test]
fn streams_without_a_description() {
    let mut world = connected();
    let id = world.view(A).remote.user_stream_id.unwrap();
    let stray =
        Stream { purpose: hearth_web_state::call::signal::Purpose::Usermedia, audio_muted: false, video_muted: true };
    for streams in [Streams::new(), Streams::from([("nothing".into(), stray)])] {
        let event_id = format!("$x{}", streams.len());
        let signal = Signal { call_id: world.view(A).call_id, party_id: "B1".into(), body: Body::StreamsChanged(streams) };
        world.step(A, CallInput::Received(received(&event_id, "@bob", signal)));
        assert_eq!(world.view(A).remote.user_stream_id.as_ref(), Some(&id));
    }
}
