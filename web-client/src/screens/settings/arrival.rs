//! The pane is shown when all that stands in it is known, so that nothing moves under a finger: at its end are the ways to log out and to
//! deactivate the account.

use std::collections::BTreeSet;

use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;

/// After this it is shown as it is: a server that does not answer keeps nobody from the rest.
const SHOWN_ANYWAY_MS: u32 = 2_000;

/// What the server or the browser is asked for first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Emails,
    Storage,
    Devices,
    Server,
}

const ALL: [Part; 4] = [Part::Emails, Part::Storage, Part::Devices, Part::Server];

/// Which parts are known.
#[derive(Clone, Copy)]
struct Arrivals(Signal<BTreeSet<Part>>);

/// Whether the pane is to be shown. To be used once, above all parts.
pub(super) fn use_arrivals() -> Memo<bool> {
    let known = use_context_provider(|| Arrivals(Signal::new(BTreeSet::new()))).0;
    let mut is_late = use_signal(|| false);
    use_future(move || async move {
        TimeoutFuture::new(SHOWN_ANYWAY_MS).await;
        is_late.set(true);
    });
    use_memo(move || is_late() || ALL.iter().all(|part| known.read().contains(part)))
}

/// Reports this part as soon as it is known.
pub(super) fn use_arrival(part: Part, mut is_known: impl FnMut() -> bool + 'static) {
    let Arrivals(mut known) = use_context();
    use_effect(move || {
        if is_known() && !known.peek().contains(&part) {
            known.write().insert(part);
        }
    });
}
