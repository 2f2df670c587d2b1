//! Random buttons on rough networks, seed by seed: both ends agree, nothing is done twice, everything terminates.
//!
//! `HEARTH_SIM_SEEDS` sets how many seeds run, `HEARTH_SIM_FIRST_SEED` the first one.

use std::collections::{BTreeMap, BTreeSet};

use hearth_web_state::call::{CallInput, Device, EndReason, Kind, Phase, ReasonClass, Slot, signal::Body};

use crate::{
    random::Random,
    world::{Act, Happening, Roughness, World},
};

const BUTTONS_UNTIL_MS: u64 = 150_000;
/// Longer than every bound in time, one after the other.
const REST_MS: u64 = 200_000;

const TWO: [(&str, &str); 2] = [("@alice", "A1"), ("@bob", "B1")];
const THREE: [(&str, &str); 3] = [("@alice", "A1"), ("@bob", "B1"), ("@bob", "B2")];

#[test]
fn two_devices() {
    run_all(&TWO, false);
}

#[test]
fn three_devices_of_two_people() {
    run_all(&THREE, false);
}

#[test]
fn devices_that_vanish() {
    run_all(&THREE, true);
}

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

fn run_all(devices: &[(&'static str, &'static str)], vanish: bool) {
    let first = from_environment("HEARTH_SIM_FIRST_SEED", 0);
    let seeds = from_environment("HEARTH_SIM_SEEDS", 2_000);
    let mut talks = 0;
    let mut reasons = BTreeSet::new();
    for seed in first..first + seeds {
        let seen = run(seed, devices, vanish);
        talks += u64::from(seen.talked);
        reasons.extend(seen.reasons);
    }
    // That all went well says something only if something went on.
    if seeds >= 1_000 {
        assert!(talks * 2 > seeds, "only {talks} of {seeds} seeds had two people talk");
        for reason in
            ["HungUp", "OtherHungUp", "Cancelled", "Declined", "NoAnswer", "Missed", "NoMicrophone", "ConnectionLost"]
        {
            assert!(reasons.contains(reason), "no call ended as {reason}: {reasons:?}");
        }
    }
}

/// What a run had in it.
struct Seen {
    talked: bool,
    reasons: BTreeSet<String>,
}

fn run(seed: u64, devices: &[(&'static str, &'static str)], vanish: bool) -> Seen {
    let mut random = Random::new(seed ^ 0x5eed);
    let roughness = Roughness {
        delay_ms: [20, 200, 1_500][random.below(3) as usize],
        late_percent: [0, 0, 15][random.below(3) as usize],
        twice_percent: [0, 10][random.below(2) as usize],
        no_capture_percent: [0, 0, 20][random.below(3) as usize],
    };
    let mut world = World::new(seed, roughness, devices);
    let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        play(&mut world, &mut random, vanish);
        verdict(&mut world)
    }));
    let problem = match checked {
        Ok(Ok(())) => {
            let reasons = world.devices.iter().flat_map(|device| &device.ends).map(|(_, reason)| name_of(*reason)).collect();
            return Seen { talked: world.talked, reasons };
        }
        Ok(Err(problem)) => problem,
        Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "it panicked, see above".into()),
    };
    let count = devices.len();
    panic!("seed {seed} of {count} devices, vanish {vanish}, {roughness:?}: {problem}\n{}", world.trace.join("\n"));
}

fn name_of(reason: EndReason) -> String {
    format!("{reason:?}").split('(').next().unwrap_or_default().to_owned()
}

fn play(world: &mut World, random: &mut Random, vanish: bool) {
    let devices = world.devices.len() as u64;
    for _ in 0..(4 + random.below(40)) {
        let (at_ms, device) = (random.below(BUTTONS_UNTIL_MS), random.below(devices) as usize);
        let act = button(random, at_ms);
        world.at(at_ms, Happening::Do { device, act });
    }
    // A call that is answered comes up in most seeds, so that there is something to disturb.
    world.at(2_000, Happening::Do { device: 0, act: Act::Call { id: None, video: random.chance(50) } });
    if random.chance(70) {
        let act = Act::Press(CallInput::Accept { video: random.chance(50) });
        world.at(2_000 + random.below(15_000), Happening::Do { device: 1, act });
    }
    if random.chance(30) {
        let (down_ms, for_ms) = (random.below(BUTTONS_UNTIL_MS), random.below(40_000));
        world.at(down_ms, Happening::Path { up: false });
        world.at(down_ms + for_ms, Happening::Path { up: true });
    }
    if vanish {
        let device = random.below(devices) as usize;
        let act = if random.chance(50) { Act::Vanish } else { Act::Close };
        world.at(random.below(BUTTONS_UNTIL_MS), Happening::Do { device, act });
    }
    world.run_until(BUTTONS_UNTIL_MS + REST_MS);
}

fn button(random: &mut Random, now_ms: u64) -> Act {
    let on = random.chance(60);
    let press = match random.below(26) {
        0..=2 => return Act::Call { id: None, video: on },
        3..=7 => CallInput::Accept { video: on },
        8 => CallInput::Decline,
        9..=10 => CallInput::HangUp,
        11 => CallInput::Dismiss,
        12..=13 => CallInput::SetMuted(on),
        14..=16 => CallInput::SetCamera(on),
        17..=18 => CallInput::SetSharing(on),
        19 => CallInput::Choose { device: if on { Device::Microphone } else { Device::Camera }, device_id: "other".into() },
        20 => CallInput::NetworkChanged,
        21 => return Act::Lose(Slot::Screen),
        22 => return Act::Reload,
        23 => return Act::Hide,
        24 => return Act::Lose(if on { Slot::Microphone } else { Slot::Camera }),
        _ => return Act::Offline { until_ms: now_ms + random.below(40_000) },
    };
    Act::Press(press)
}

fn verdict(world: &mut World) -> Result<(), String> {
    let up: Vec<usize> = (0..world.devices.len()).filter(|device| !world.devices[*device].vanished).collect();
    for device in &up {
        match world.phase(*device) {
            None | Some(Phase::Ended(_) | Phase::Connected) => {}
            phase => return Err(format!("{} is stuck: {phase:?}", world.devices[*device].name)),
        }
    }
    connected_to_each_other(world, &up)?;
    for device in &up {
        world.step(*device, CallInput::HangUp);
    }
    world.run_until(world.now_ms + REST_MS);
    for device in &up {
        let (name, browser) = (world.devices[*device].name, &world.devices[*device].browser);
        if !matches!(world.phase(*device), None | Some(Phase::Ended(_))) {
            return Err(format!("{name} has not ended: {:?}", world.phase(*device)));
        }
        if !browser.media.is_empty() || !browser.peers.is_empty() {
            return Err(format!("{name} keeps {:?} and {:?}", browser.media, browser.peers.keys()));
        }
        ended_once(name, &world.devices[*device].ends)?;
    }
    agreement(world)
}

/// Two that show "connected" show each other what they send.
fn connected_to_each_other(world: &World, up: &[usize]) -> Result<(), String> {
    let views = up.iter().filter_map(|device| Some((*device, world.devices[*device].machine.view()?)));
    let connected: Vec<_> = views.filter(|(_, view)| view.phase == Phase::Connected).collect();
    match connected.as_slice() {
        [] => Ok(()),
        [(a, one), (b, other)] if one.call_id == other.call_id => {
            for (device, from, to) in [(a, one, other), (b, other, one)] {
                let sends = |switch| matches!(switch, hearth_web_state::call::Switch::On(_));
                let name = world.devices[*device].name;
                if sends(from.own.camera) != to.remote.camera_on {
                    return Err(format!("{name}'s camera {:?} is seen as {:?}", from.own.camera, to.remote));
                }
                if sends(from.own.sharing) != to.remote.screen_stream_id.is_some() {
                    return Err(format!("{name}'s screen {:?} is seen as {:?}", from.own.sharing, to.remote));
                }
                if from.own.muted != to.remote.muted {
                    return Err(format!("{name}'s muted {} is seen as {:?}", from.own.muted, to.remote));
                }
                if world.signaling(*device) != Some(crate::browser::Signaling::Stable) {
                    return Err(format!("{name} is left in {:?}", world.signaling(*device)));
                }
            }
            Ok(())
        }
        other => Err(format!("connected, but not to each other: {:?}", other.iter().map(|(at, _)| at).collect::<Vec<_>>())),
    }
}

fn ended_once(name: &str, ends: &[(String, EndReason)]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    match ends.iter().find(|(call_id, _)| !seen.insert(call_id)) {
        Some(end) => Err(format!("{name} has ended {end:?} more than once: {ends:?}")),
        None => Ok(()),
    }
}

/// Both people's devices name the same class of reason for each call. Where they do not, each has said its own last word
/// before it could hear the other's; or one vanished; or another device of the same person has settled it.
fn agreement(world: &World) -> Result<(), String> {
    let mut ends: BTreeMap<&str, Vec<(usize, EndReason)>> = BTreeMap::new();
    for (device, of) in world.devices.iter().enumerate() {
        for (call_id, reason) in &of.ends {
            ends.entry(call_id).or_default().push((device, *reason));
        }
    }
    let some_vanished = world.devices.iter().any(|device| device.vanished);
    let has_farewell = |device: usize, call_id: &str| {
        world.wire.log.iter().any(|message| {
            let last = matches!(message.signal.body, Body::Hangup { .. } | Body::Reject { .. });
            message.device == device && message.signal.call_id == call_id && last
        })
    };
    for (call_id, ends) in ends {
        let of = |user: &'static str| ends.iter().filter(move |(device, _)| world.devices[*device].user == user);
        for (a, one) in of("@alice") {
            for (b, other) in of("@bob") {
                let crossing = has_farewell(*a, call_id) && has_farewell(*b, call_id);
                // Where two devices of one person press at the same moment, one of them is with the other side.
                let by_another = of("@bob").any(|(_, another)| agree(*one, *another));
                if !agree(*one, *other) && !by_another && !crossing && !some_vanished {
                    return Err(format!("{call_id}: {ends:?}"));
                }
            }
        }
    }
    Ok(())
}

fn agree(one: EndReason, other: EndReason) -> bool {
    let [one, other] = [one.class(), other.class()];
    // For whoever is called, a caller who gives up and a caller whose time is over are the same missed call.
    let missed = |class| matches!(class, ReasonClass::Cancelled | ReasonClass::NoAnswer);
    one == other || one == ReasonClass::Elsewhere || other == ReasonClass::Elsewhere || (missed(one) && missed(other))
}

#[test]
fn a_call_connects_on_a_good_network() {
    for seed in 0..50 {
        let mut world = World::new(seed, Roughness { delay_ms: 100, ..Roughness::default() }, &TWO);
        world.at(2_000, Happening::Do { device: 0, act: Act::Call { id: None, video: true } });
        world.at(4_000, Happening::Do { device: 1, act: Act::Press(CallInput::Accept { video: true }) });
        world.run_until(8_000);
        assert_eq!(world.phase(0), Some(Phase::Connected), "seed {seed}\n{}", world.trace.join("\n"));
        assert_eq!(world.phase(1), Some(Phase::Connected), "seed {seed}");
        let view = world.devices[1].machine.view().unwrap();
        assert_eq!(view.kind, Kind::Video);
        assert!(view.remote.camera_on && !view.remote.muted, "seed {seed}: {:?}", view.remote);
    }
}
