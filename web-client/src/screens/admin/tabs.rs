//! The sections of the corner as tabs (<https://www.w3.org/WAI/ARIA/apg/patterns/tabs/>): arrow keys go from one to the next, and what one
//! comes to is shown.

use dioxus::prelude::*;

use super::{invites::InviteSection, ledger::LedgerSection, log::LogSection, people::PeopleSection, server::ServerSection};
use crate::browser;

/// A section.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    People,
    Invites,
    Server,
    Log,
    Ledger,
}

impl Section {
    const ALL: [Self; 5] = [Self::People, Self::Invites, Self::Server, Self::Log, Self::Ledger];

    const fn name(self) -> &'static str {
        match self {
            Self::People => "People",
            Self::Invites => "Invites",
            Self::Server => "Server",
            Self::Log => "Log",
            Self::Ledger => "Ledger",
        }
    }

    const fn tab_id(self) -> &'static str {
        match self {
            Self::People => "admin-tab-people",
            Self::Invites => "admin-tab-invites",
            Self::Server => "admin-tab-server",
            Self::Log => "admin-tab-log",
            Self::Ledger => "admin-tab-ledger",
        }
    }

    /// The one so many further on; behind the last comes the first.
    fn stepped(self, step: isize) -> Self {
        let at = Self::ALL.iter().position(|section| *section == self).unwrap_or_default();
        let count = Self::ALL.len();
        let next = (at + count).saturating_add_signed(step) % count;
        Self::ALL.get(next).copied().unwrap_or(self)
    }
}

/// `onlost` is told when whoever looks may be an admin no more.
#[component]
pub(super) fn Sections(onlost: EventHandler<()>) -> Element {
    let mut shown = use_signal(|| Section::People);
    let mut go = move |section: Section| {
        shown.set(section);
        browser::focus(section.tab_id());
    };
    let onkeydown = move |event: KeyboardEvent| {
        let next = match event.key() {
            Key::ArrowRight => shown().stepped(1),
            Key::ArrowLeft => shown().stepped(-1),
            Key::Home => Section::People,
            Key::End => Section::Ledger,
            _ => return,
        };
        event.prevent_default();
        go(next);
    };
    rsx! {
        div { class: "admin-tabs", role: "tablist", "aria-label": "Sections", onkeydown,
            for section in Section::ALL {
                button {
                    key: "{section.tab_id()}",
                    id: section.tab_id(),
                    class: "admin-tab",
                    r#type: "button",
                    role: "tab",
                    tabindex: if shown() == section { 0 } else { -1 },
                    "aria-selected": if shown() == section { "true" } else { "false" },
                    "aria-controls": "admin-panel",
                    onclick: move |_| shown.set(section),
                    "{section.name()}"
                }
            }
        }
        div { id: "admin-panel", class: "admin-body", role: "tabpanel", tabindex: 0, "aria-labelledby": shown().tab_id(),
            match shown() {
                Section::People => rsx! { PeopleSection { onlost } },
                Section::Invites => rsx! { InviteSection {} },
                Section::Server => rsx! { ServerSection {} },
                Section::Log => rsx! { LogSection {} },
                Section::Ledger => rsx! { LedgerSection {} },
            }
        }
    }
}
