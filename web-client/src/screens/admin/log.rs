//! The record log: how it grows, its newest checkpoint, whether it holds, and what is written to it now.

use dioxus::prelude::*;
use hearth_web_state::admin::{Day, Log, grouped};

use super::{
    moment::moment,
    parts::{Fact, Failed},
    records::Follow,
    verify::Verify,
};
use crate::client::Account;

/// The picture's height, in its own units.
const HEIGHT: u64 = 60;
/// The width of a day, in its own units, and of its bar.
const DAY_WIDTH: usize = 10;
const BAR_WIDTH: usize = 7;

#[component]
pub(super) fn LogSection() -> Element {
    let account = use_context::<Account>();
    let mut log = use_resource(move || {
        let account = account.clone();
        async move { account.log().await }
    });
    rsx! {
        match &*log.read() {
            None => rsx! { p { class: "admin-hint", role: "status", "Loading…" } },
            Some(Err(words)) => rsx! { Failed { words: words.clone(), onagain: move |()| log.restart() } },
            Some(Ok(log)) => rsx! { Figures { log: log.clone() } },
        }
        Verify {}
        Follow {}
        section { class: "admin-section", "aria-labelledby": "admin-export",
            h2 { id: "admin-export", "Export" }
            p { class: "admin-hint",
                "The whole log holds who talks with whom. Only whoever may read the data folder gets it, on the server itself: "
                code { "hearth log export" }
            }
        }
    }
}

#[component]
fn Figures(log: Log) -> Element {
    let checkpoint = log.checkpoint.map_or_else(
        || "None yet".to_owned(),
        |checkpoint| format!("{}, over {} records", moment(checkpoint.at_ms), grouped(checkpoint.records)),
    );
    rsx! {
        section { class: "admin-section", "aria-labelledby": "admin-log",
            h2 { id: "admin-log", "Records" }
            dl { class: "admin-facts",
                Fact { name: "In all", value: grouped(log.records) }
                Fact { name: "Newest checkpoint", value: checkpoint }
                Fact { name: "Verifier key", value: log.verifier_key.clone() }
            }
            Bars { days: log.by_day.clone() }
        }
    }
}

/// The records of each day as bars, and in words for who does not see them.
#[component]
fn Bars(days: Vec<Day>) -> Element {
    let most = days.iter().map(|day| day.records).max().unwrap_or_default();
    let today = days.last().map_or(0, |day| day.records);
    let width = days.len() * DAY_WIDTH;
    let words =
        format!("Records a day over {} days: {} on the busiest, {} today.", days.len(), grouped(most), grouped(today));
    rsx! {
        figure { class: "admin-figure",
            svg {
                class: "admin-bars",
                view_box: "0 0 {width} {HEIGHT}",
                preserve_aspect_ratio: "none",
                role: "img",
                "aria-label": "{words}",
                for (place, day) in days.iter().enumerate() {
                    rect {
                        key: "{day.begins_at_ms}",
                        x: "{place * DAY_WIDTH}",
                        y: "{HEIGHT - height(day.records, most)}",
                        width: "{BAR_WIDTH}",
                        height: "{height(day.records, most)}",
                    }
                }
            }
            figcaption { class: "admin-hint", "{words} Days are those of UTC." }
        }
    }
}

/// A day with anything at all is seen.
fn height(records: u64, most: u64) -> u64 {
    if records == 0 { 0 } else { (records.saturating_mul(HEIGHT) / most.max(1)).max(1) }
}
