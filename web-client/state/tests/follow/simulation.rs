//! People who write in tabs that crash and close, seed by seed: in the end every text of a tab that is there was sent once
//! and in its order, and every follower shows what there is.
//!
//! `HEARTH_SIM_SEEDS` sets how many seeds run, `HEARTH_SIM_FIRST_SEED` the first one.

use std::collections::BTreeSet;

use hearth_web_state::{
    follow::{Deed, Tab, Wants},
    message::Action,
};

use crate::world::{CHATS, Fate, Following, Role, World, rows, text_of};

const STEPS: usize = 300;
/// More than all that is left to do at the end of a run takes, so that tabs which answer each other for ever are found.
const REST_STEPS: usize = 20_000;
/// Longer than a leader remembers a follower that says nothing.
const SLEEP_MS: u64 = 200_000;

#[test]
fn two_tabs() {
    run_all(2);
}

#[test]
fn three_tabs() {
    run_all(3);
}

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

fn run_all(tabs: usize) {
    let first = from_environment("HEARTH_SIM_FIRST_SEED", 0);
    let seeds = from_environment("HEARTH_SIM_SEEDS", 5_000);
    let mut seen = BTreeSet::new();
    for seed in first..first + seeds {
        let outcome = std::panic::catch_unwind(|| run(seed, tabs));
        match outcome {
            Ok(in_run) => seen.extend(in_run),
            Err(_) => panic!("seed {seed}, {tabs} tabs"),
        }
    }
    // That all went well says something only if something went on. With two tabs none is left to be led by the dead.
    if seeds >= 1_000 {
        let rare: &[&str] = if tabs > 2 { &["led by the dead"] } else { &[] };
        for what in ["forgotten", "given up", "found by its mark", "lost by the last leader"].iter().chain(rare) {
            assert!(seen.contains(what), "nothing was ever {what}");
        }
    }
}

/// One run: what happened in it.
fn run(seed: u64, most_tabs: usize) -> BTreeSet<&'static str> {
    let mut world = World::new(seed);
    for _ in 0..most_tabs {
        world.open_tab();
    }
    // In some runs the lines are slow, and much is heard only when somebody else leads.
    let swiftness = 20 + world.random.below(50);
    for _ in 0..STEPS {
        let sleeps = world.random.chance(2);
        world.now_ms += if sleeps { SLEEP_MS } else { world.random.below(3_000) };
        step(&mut world, most_tabs, swiftness);
    }
    end_in_a_storm(&mut world, most_tabs, swiftness);
    rest(&mut world);
    renew_all(&mut world);
    look_at_rest(&world);
    world.now_ms += SLEEP_MS;
    renew_all(&mut world);
    world.look();
    assert_eq!(world.open_for_others(), world.wanted(), "a chat is open for nobody, or is not");
    world.seen
}

fn step(world: &mut World, most_tabs: usize, swiftness: u64) {
    if world.random.chance(swiftness) {
        world.deliver();
        return;
    }
    match world.random.below(100) {
        0..28 => {
            world.work();
        }
        28..45 => {
            world.tell();
        }
        45..55 => world.elect(),
        55..63 if world.tabs.len() < most_tabs => world.open_tab(),
        _ => act(world),
    }
}

/// Leaders come and go quickly, so that what the last ones have said is still on its way at the end.
fn end_in_a_storm(world: &mut World, most_tabs: usize, swiftness: u64) {
    for _ in 0..world.random.below(4) {
        if let Some(tab) = world.leading_tab() {
            world.end_tab(tab, true);
        }
        for _ in 0..world.random.below(30) {
            step(world, most_tabs, swiftness);
        }
    }
}

fn renew_all(world: &mut World) {
    for tab in world.tabs.keys().copied().collect::<Vec<_>>() {
        world.renew(tab);
    }
    rest(world);
}

/// Something that a person does in some tab, or that the tab does by itself.
fn act(world: &mut World) {
    let at = world.random.below(world.tabs.len() as u64) as usize;
    let Some((&tab, role)) = world.tabs.iter().nth(at) else { return };
    let leads = matches!(role, Role::Leads(_));
    match world.random.below(40) {
        0 | 1 => world.end_tab(tab, true),
        2 => world.end_tab(tab, false),
        3..6 if leads => world.look(),
        3..6 => world.renew(tab),
        6..10 => {
            let wants = some_wants(world);
            world.want(tab, wants);
        }
        _ => {
            let chat = CHATS[world.random.below(CHATS.len() as u64) as usize];
            let deed = some_deed(world, tab);
            world.ask(tab, chat, deed);
        }
    }
}

fn some_wants(world: &mut World) -> Wants {
    let count = world.random.below(5);
    let chats = (0..count).map(|_| CHATS[world.random.below(CHATS.len() as u64) as usize].to_owned());
    Wants { chats: chats.collect(), is_attended: world.random.chance(50) }
}

fn some_deed(world: &mut World, tab: Tab) -> Deed {
    let text = format!("{} of {tab:x}", world.texts.len());
    match world.random.below(20) {
        0..10 => Deed::Act(Action::Send { text }),
        10..13 => Deed::Act(Action::Reply { to: "$1".into(), text }),
        13..17 => Deed::Act(Action::React { key: "1".into(), emoji: "👍".into() }),
        17 => Deed::PageBack,
        18 => Deed::Unread,
        _ => Deed::MarkRead,
    }
}

/// Until everything is said, heard, done and told.
fn rest(world: &mut World) {
    world.elect();
    for _ in 0..REST_STEPS {
        let goes_on = match world.random.below(4) {
            0 | 1 => world.deliver(),
            2 => world.work(),
            _ => world.tell(),
        };
        if !goes_on && !world.deliver() && !world.work() && !world.tell() {
            return;
        }
    }
    panic!("it does not come to rest");
}

fn look_at_rest(world: &World) {
    look_at_texts(world);
    for (tab, role) in &world.tabs {
        if let Role::Follows(following) = role {
            look_at_follower(world, *tab, following);
        }
    }
    for ((tab, number), (asked, fate)) in &world.questions {
        if world.tabs.contains_key(tab) {
            assert_ne!(*fate, Fate::Open, "{number} of {tab:x} has no answer: {asked:?}");
        }
        if text_of(&asked.deed).is_some() {
            assert_ne!(*fate, Fate::GivenUp, "{number} of {tab:x} is given up: {asked:?}");
        }
    }
    for (question, count) in &world.toggled {
        assert_eq!(*count, 1, "a reaction was put and taken back: {question:?}");
    }
}

fn look_at_texts(world: &World) {
    for (chat, log) in &world.log {
        let once: BTreeSet<&str> = log.iter().map(|sent| sent.text.as_str()).collect();
        assert_eq!(once.len(), log.len(), "something was sent twice to {chat}: {log:?}");
        for tab in world.tabs.keys() {
            let said = world.texts.iter().filter(|(whose, place, _)| whose == tab && place == chat);
            let said: Vec<&str> = said.map(|(_, _, text)| text.as_str()).collect();
            let sent = log.iter().filter(|sent| sent.tab == *tab);
            let sent: Vec<&str> = sent.map(|sent| sent.text.as_str()).collect();
            assert_eq!(sent, said, "not what {tab:x} has said in {chat}");
        }
    }
}

fn look_at_follower(world: &World, tab: Tab, following: &Following) {
    for chat in following.chats() {
        assert_eq!(following.copies.get(chat), Some(&rows(&world.log[chat])), "{tab:x} does not show what is in {chat}");
    }
    assert!(following.copies.len() <= following.chats().count(), "{tab:x} shows what it does not want");
    let name = following.board.as_ref().and_then(|board| board.name.clone());
    assert_eq!(name, Some(world.count().to_string()), "the board of {tab:x} is old");
}
