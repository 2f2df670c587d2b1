//! The people of the chat that is shown, and what is to be seen of them before the next message goes out.

use dioxus::prelude::*;
use futures_channel::oneshot;
use hearth_web_state::{
    identity::{Peer, Warning, Way},
    trouble::Trouble,
    verification::{Input, Other},
};

use crate::{
    client::Account,
    components::notice::{Notice, Tone},
    screens::verification::Comparing,
    task::to_the_end,
};

/// What is known of the others in the chat, for as long as its pane is there.
pub(super) fn use_people(id: &str) -> Signal<Vec<Peer>> {
    let account = use_context::<Account>();
    let comparing = use_context::<Comparing>();
    let mut people = use_signal(Vec::new);
    let id = id.to_owned();
    use_hook(|| {
        spawn(async move {
            let report = |now: Vec<Peer>| {
                comparing.note_keys(&now);
                if *people.peek() != now {
                    people.set(now);
                }
            };
            account.watch_people(&id, report).await;
        })
    });
    people
}

/// Says what is the case, above where one writes or in its place, and offers the ways on.
#[component]
pub(super) fn IdentityNotice(warning: Warning) -> Element {
    let account = use_context::<Account>();
    let comparing = use_context::<Comparing>();
    let mut trouble = use_signal(|| None::<Trouble>);
    let mut busy = use_signal(|| false);
    let tone = if warning.ways.is_empty() { Tone::Calm } else { Tone::Trouble };
    let holds = warning.holds;
    let go = use_callback(move |(way, user_id, name): (Way, String, String)| {
        let (account, comparing) = (account.clone(), comparing.clone());
        busy.set(true);
        let taking = to_the_end(async move {
            if way == Way::Compare && holds {
                comparing.doubt(&user_id);
            }
            // Nobody is asked to compare as long as the library expects who they were.
            account.take_identity(&user_id).await?;
            match way {
                Way::Compare => comparing.take(Input::Ask(Other::Person { user_id, name })),
                Way::GoOn => comparing.settle(&user_id),
            }
            Ok(())
        });
        spawn(async move {
            match taking.await {
                Ok(taken) => trouble.set(taken.err()),
                // The page is going away.
                Err(oneshot::Canceled) => return,
            }
            busy.set(false);
        });
    });
    let (text, ways) = (warning.text.clone(), warning.ways);
    let (user_id, name) = (warning.user_id, warning.name);
    rsx! {
        div { class: "identity",
            Notice { tone, text,
                for way in ways.iter().copied() {
                    button {
                        key: "{way:?}",
                        class: "link",
                        r#type: "button",
                        disabled: busy(),
                        onclick: {
                            let (user_id, name) = (user_id.clone(), name.clone());
                            move |_| go.call((way, user_id.clone(), name.clone()))
                        },
                        if way == Way::Compare { "Compare emoji" } else { "Go on" }
                    }
                }
            }
            if let Some(found) = trouble() { Notice { tone: Tone::Trouble, text: found.words() } }
        }
    }
}
