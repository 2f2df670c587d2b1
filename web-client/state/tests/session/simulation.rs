//! People who press anything in tabs that crash, hang and close, seed by seed: no database is open twice, nothing is
//! forgotten without a word, and one tab leads in the end.
//!
//! `HEARTH_SIM_SEEDS` sets how many seeds run, `HEARTH_SIM_FIRST_SEED` the first one.

use std::collections::BTreeSet;

use hearth_web_state::session::{Input, Place, Wait};

use crate::world::World;

const ACTS_UNTIL_MS: u64 = 90_000;
/// Longer than every bound in time, one after the other.
const REST_MS: u64 = 60_000;

#[test]
fn two_tabs_with_locks() {
    run_all(2, true);
}

#[test]
fn three_tabs_with_locks() {
    run_all(3, true);
}

#[test]
fn two_tabs_without_locks() {
    run_all(2, false);
}

#[test]
fn three_tabs_without_locks() {
    run_all(3, false);
}

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

fn run_all(tabs: usize, has_locks: bool) {
    let first = from_environment("HEARTH_SIM_FIRST_SEED", 0);
    let seeds = from_environment("HEARTH_SIM_SEEDS", 1_500);
    let mut seen = BTreeSet::new();
    for seed in first..first + seeds {
        let outcome = std::panic::catch_unwind(|| run(seed, tabs, has_locks));
        match outcome {
            Ok(places) => seen.extend(places),
            Err(_) => panic!("seed {seed}, {tabs} tabs, locks: {has_locks}"),
        }
    }
    // That all went well says something only if something went on.
    if seeds >= 1_000 {
        for place in
            ["Open", "HandingOver", "Lost", "LoggingOut", "SignedOut", "Waiting(Long)", "Waiting(Promised)", "Failed"]
        {
            assert!(seen.iter().any(|name| name.starts_with(place)), "no tab was ever {place}");
        }
    }
}

/// One run: what the tabs were while it lasted.
fn run(seed: u64, most_tabs: usize, has_locks: bool) -> BTreeSet<String> {
    let mut world = World::new(seed, has_locks);
    let mut seen = BTreeSet::new();
    let (mut now_ms, mut sessions) = (0, 0);
    for _ in 0..most_tabs {
        world.open_tab();
    }
    while now_ms < ACTS_UNTIL_MS {
        now_ms += world.random.below(3_000);
        world.run_until(now_ms);
        act(&mut world, most_tabs, &mut sessions);
        seen.extend(world.tabs.values().map(|tab| format!("{:?}", tab.session.place())));
    }
    let hanging: Vec<usize> = world.tabs.iter().filter(|(_, tab)| tab.hangs).map(|(id, _)| *id).collect();
    for id in hanging {
        world.wake(id);
    }
    world.run_until(now_ms + REST_MS);
    look_at_rest(&world);
    seen
}

fn act(world: &mut World, most_tabs: usize, sessions: &mut u64) {
    let ids: Vec<usize> = world.tabs.keys().copied().collect();
    if ids.len() < most_tabs && world.random.chance(40) {
        world.open_tab();
        return;
    }
    let Some(&id) = ids.get(world.random.below(ids.len() as u64) as usize) else { return };
    let (place, hangs) = (world.tabs[&id].session.place().clone(), world.tabs[&id].hangs);
    match world.random.below(20) {
        0 => world.end_tab(id, false),
        1 => world.end_tab(id, true),
        2 | 3 if !hangs => world.tabs.get_mut(&id).unwrap().hangs = true,
        4..8 if hangs => world.wake(id),
        _ if hangs => {}
        _ => press(world, id, &place, sessions),
    }
}

/// What a person, or the server, does where the tab stands.
fn press(world: &mut World, id: usize, place: &Place, sessions: &mut u64) {
    let input = match place {
        Place::SignedOut => {
            *sessions += 1;
            return world.log_in(id, format!("session-{sessions}"));
        }
        Place::Waiting(_) => Input::UseItHere,
        Place::Open if world.random.chance(10) => Input::LogOut,
        Place::Open if world.random.chance(15) => Input::Refused { is_soft: world.random.chance(50) },
        Place::Lost { .. } if world.random.chance(20) => Input::Forget,
        Place::Lost { .. } => Input::LoggedInAgain,
        Place::Failed(_) if world.random.chance(10) => Input::Forget,
        Place::Failed(_) => Input::TryAgain,
        _ => return,
    };
    if matches!(input, Input::LogOut | Input::Forget) {
        world.words.extend(world.kept.clone());
    }
    world.step(id, input);
    world.check();
}

fn look_at_rest(world: &World) {
    let places: Vec<&Place> = world.tabs.values().map(|tab| tab.session.place()).collect();
    assert!(places.iter().all(|place| World::is_at_rest(place)), "something still goes on: {places:?}");
    if places.is_empty() {
        return;
    }
    let leads = |place: &&&Place| matches!(place, Place::Open | Place::Lost { .. } | Place::Failed(_));
    let leading = places.iter().filter(leads).count();
    match &world.kept {
        None => assert!(places.iter().all(|place| **place == Place::SignedOut), "nobody is logged in: {places:?}"),
        Some(store) => {
            assert!(world.databases.contains(store), "the databases of {store} are gone");
            assert_eq!(leading, 1, "one of them leads: {places:?}");
            let waiting = places.iter().filter(|place| matches!(place, Place::Waiting(Wait::Long))).count();
            assert_eq!(leading + waiting, places.len(), "the others say so: {places:?}");
        }
    }
    assert!(world.marks.is_empty(), "something is to be forgotten still");
    // A tab that crashed while it logged out has not come to forgetting it.
    let left: Vec<_> = world.databases.iter().filter(|store| world.kept.as_ref() != Some(*store)).collect();
    assert!(left.is_empty(), "nobody has these any more: {left:?}");
}
