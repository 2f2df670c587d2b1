//! Where one writes: what could not be handed over, the composer, and who types.

use dioxus::{core::spawn_forever, prelude::*};
use hearth_web_state::{
    composing::{About, Composing, Unsent},
    conversation::{last_editable, typing_words},
    message::Action,
};

use super::{
    outgoing::{self, Outgoing},
    place::to_newest,
};
use crate::{
    browser,
    client::Account,
    components::{
        composer::{COMPOSER_ID, Composer, Purpose},
        icon::{Icon, Shape},
    },
    screens::workspace::{Desk, OpenChat},
    task::to_the_end,
};

/// `line` is taken away when one writes: somebody who answers has read.
#[component]
pub(super) fn Writing(id: String, open: OpenChat, line: Signal<bool>, name: String) -> Element {
    let mut line = line;
    let desk = use_context::<Desk>();
    let mut drafts = desk.drafts;
    let composing = drafts.read().get(&id).cloned().unwrap_or_default();
    let purpose = purpose_of(&composing);
    let change = {
        let id = id.clone();
        use_callback(move |change: Box<dyn FnOnce(&mut Composing)>| change(drafts.write().entry(id.clone()).or_default()))
    };
    let chat_id = id.clone();
    let account = use_context::<Account>();
    let files_id = id.clone();
    let has_files = desk.outboxes.read().get(&id).is_some_and(|outbox| !outbox.tray.is_empty());
    rsx! {
        div { class: "writing",
            if !composing.unsent.is_empty() { UnsentList { id: id.clone(), open, unsent: composing.unsent.clone() } }
            Outgoing { id: id.clone(), open }
            Composer {
                to: name,
                draft: composing.text.clone(),
                purpose,
                has_files,
                ondraft: move |text| change.call(Box::new(|composing| composing.text = text)),
                onfiles: move |found| outgoing::take_in(desk, account.clone(), files_id.clone(), found),
                onsend: move |()| {
                    if has_files && !matches!(composing.about, About::Edit(_)) {
                        let (caption, reply) = drafts.write().entry(id.clone()).or_default().take_beside_files();
                        line.set(false);
                        to_newest(open);
                        return outgoing::send(desk, open, &id, caption, reply);
                    }
                    let taken = drafts.write().entry(id.clone()).or_default().take();
                    if let Some(unsent) = taken {
                        if !matches!(unsent.action, Action::Edit { .. }) {
                            line.set(false);
                            to_newest(open);
                        }
                        send(desk, open, chat_id.clone(), unsent.id, unsent.action);
                    }
                },
                ontype: move |typing| notice(open, typing),
                onlast: move |()| {
                    let last = last_editable(&open.rows.peek()).cloned();
                    if let Some(message) = last {
                        change.call(Box::new(move |composing| composing.edit(&message)));
                    }
                },
                onleave: move |()| {
                    change.call(Box::new(|composing| {
                        composing.leave();
                    }));
                    browser::focus(COMPOSER_ID);
                },
            }
            Typing { open }
        }
    }
}

fn purpose_of(composing: &Composing) -> Option<Purpose> {
    match &composing.about {
        About::Nothing => None,
        About::Reply(quote) => {
            Some(Purpose { is_edit: false, quote: Some((quote.sender_name.clone(), quote.excerpt.clone())) })
        }
        About::Edit(_) => Some(Purpose { is_edit: true, quote: None }),
    }
}

#[component]
fn Typing(open: OpenChat) -> Element {
    let words = typing_words(&open.typing.read());
    rsx! { p { class: "typing", role: "status", if let Some(words) = words { "{words}" } } }
}

fn notice(open: OpenChat, typing: bool) {
    if let Some(handle) = open.handle.peek().clone() {
        spawn(async move { handle.type_notice(typing).await });
    }
}

/// Hands what was written to the chat. It is kept until the chat has it, whatever is written or opened meanwhile.
fn send(desk: Desk, open: OpenChat, chat_id: String, unsent_id: u64, action: Action) {
    let Some(handle) = open.handle.peek().clone() else { return };
    let mut drafts = desk.drafts;
    let outcome = to_the_end(async move { handle.act(&action).await });
    spawn_forever(async move {
        if let Ok(outcome) = outcome.await {
            drafts.write().entry(chat_id).or_default().settle(unsent_id, outcome);
        }
    });
}

/// What was sent and is not in the log: the chat is not ready for it yet, or could not take it.
#[component]
fn UnsentList(id: String, open: OpenChat, unsent: Vec<Unsent>) -> Element {
    let desk = use_context::<Desk>();
    let mut drafts = desk.drafts;
    rsx! {
        ul { class: "unsent", role: "list", "aria-label": "Not sent yet",
            for one in unsent {
                li { key: "{one.id}", class: if one.trouble.is_some() { "unsent-one" } else { "unsent-one unsent-waiting" },
                    p { class: "unsent-text", dir: "auto", "{one.text()}" }
                    if let Some(trouble) = one.trouble {
                        p { class: "message-mark message-failed", role: "alert",
                            Icon { shape: Shape::Warning }
                            "Not sent. {trouble.words()} "
                            button {
                                class: "link",
                                r#type: "button",
                                onclick: {
                                    let id = id.clone();
                                    move |_| {
                                        let action = drafts.write().entry(id.clone()).or_default().try_again(one.id);
                                        if let Some(action) = action {
                                            send(desk, open, id.clone(), one.id, action);
                                        }
                                    }
                                },
                                "Try again"
                            }
                            button {
                                class: "link",
                                r#type: "button",
                                onclick: {
                                    let id = id.clone();
                                    move |_| drafts.write().entry(id.clone()).or_default().settle(one.id, Ok(()))
                                },
                                "Delete"
                            }
                        }
                    } else {
                        p { class: "message-mark", role: "status", "Getting the chat ready…" }
                    }
                }
            }
        }
    }
}
