//! Files that are picked, and those on their way out. They go on while other chats are looked at.

use dioxus::{core::spawn_forever, prelude::*};
use futures_util::future::LocalBoxFuture;
use hearth_web_state::{
    files::{Failure, Found, Going, Outbox, Stage},
    trouble::Trouble,
};
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use web_sys::File;

use crate::{
    client::{Account, OpenConversation},
    components::{
        file_progress::{FileProgress, LostFiles},
        file_tray::FileTray,
        notice::{Notice, Tone},
    },
    screens::workspace::{Desk, OpenChat},
};

/// Sends a file of a chat, and reports how far it is.
type Sender = fn(OpenConversation, Going<File>, Report) -> LocalBoxFuture<'static, Result<(), Failure>>;
/// Told how far a file is; answers whether it is still wanted.
type Report = Box<dyn Fn(Stage) -> bool>;

#[wasm_split(more, fallible)]
fn load_sender() -> Result<Sender, SplitLoaderError> {
    Ok(|open, going, report| Box::pin(async move { open.send_file(&going, &*report).await }))
}

/// [`OpenConversation::send_file`].
async fn send_file(open: OpenConversation, going: Going<File>, report: Report) -> Result<(), Failure> {
    let send = load_sender().await.map_err(|_| Failure::Other(Trouble::Unreachable))?;
    send(open, going, report).await
}

/// What is done to the files of a chat.
type Change = Box<dyn FnOnce(&mut Outbox<File>)>;

/// Takes files into the tray of a chat, as far as the server takes them.
pub(super) fn take_in(desk: Desk, account: Account, id: String, found: Vec<Found<File>>) {
    if found.is_empty() {
        return;
    }
    let (mut outboxes, mut refused) = (desk.outboxes, desk.refused);
    spawn_forever(async move {
        let max = account.max_file_bytes().await;
        let words = outboxes.write().entry(id.clone()).or_default().add(found, max);
        refused.set(words.map(|words| (id, words)));
    });
}

/// Sends what is picked, with what is written beside it and the event id of what it answers.
pub(super) fn send(desk: Desk, open: OpenChat, id: &str, caption: Option<String>, reply: Option<String>) {
    let (mut outboxes, mut refused) = (desk.outboxes, desk.refused);
    outboxes.write().entry(id.to_owned()).or_default().send(caption, reply);
    refused.set(None);
    work(desk, open, id.to_owned());
}

/// Sends one file after the other, unless that is going on already.
fn work(desk: Desk, open: OpenChat, id: String) {
    let Some(handle) = open.handle.peek().clone() else { return };
    let mut outboxes = desk.outboxes;
    spawn_forever(async move {
        loop {
            let next = outboxes.write().entry(id.clone()).or_default().begin_next();
            let Some(going) = next else { return };
            let file = going.picked.id;
            let chat = id.clone();
            let report = move |stage| {
                let mut outboxes = outboxes;
                let (is_wanted, is_news) = match outboxes.peek().get(&chat) {
                    Some(outbox) => (outbox.is_wanted(file), outbox.is_news(file, stage)),
                    None => (false, false),
                };
                if is_news {
                    outboxes.write().entry(chat.clone()).or_default().advance(file, stage);
                }
                is_wanted
            };
            let outcome = send_file(handle.clone(), going, Box::new(report)).await;
            let mut outboxes = outboxes.write();
            let outbox = outboxes.entry(id.clone()).or_default();
            match outcome {
                Ok(()) => outbox.finish(file),
                Err(failure) => outbox.advance(file, Stage::Failed(failure)),
            }
        }
    });
}

/// All of it, above the place where one writes.
#[component]
pub(super) fn Outgoing(id: String, open: OpenChat) -> Element {
    let desk = use_context::<Desk>();
    let (mut lost, mut refused) = (desk.lost, desk.refused);
    let Outbox { tray, going, .. } = desk.outboxes.read().get(&id).cloned().unwrap_or_default();
    let names = lost.read().get(&id).cloned().unwrap_or_default();
    let words = refused.read().as_ref().filter(|(chat, _)| *chat == id).map(|(_, words)| words.clone());
    let lost_id = id.clone();
    let again_id = id.clone();
    let change = use_callback(move |change: Change| {
        let mut outboxes = desk.outboxes;
        change(outboxes.write().entry(id.clone()).or_default());
    });
    rsx! {
        if !names.is_empty() {
            LostFiles {
                names,
                ondismiss: move |()| {
                    lost.write().remove(&lost_id);
                },
            }
        }
        if !going.is_empty() {
            FileProgress {
                files: going,
                oncancel: move |file| change.call(Box::new(move |outbox| outbox.finish(file))),
                onagain: move |file| {
                    change.call(Box::new(move |outbox| outbox.try_again(file)));
                    work(desk, open, again_id.clone());
                },
            }
        }
        if let Some(words) = words {
            Notice { tone: Tone::Trouble, text: words,
                button { class: "link", r#type: "button", onclick: move |_| refused.set(None), "Dismiss" }
            }
        }
        if !tray.is_empty() {
            FileTray {
                files: tray,
                onremove: move |file| change.call(Box::new(move |outbox| outbox.remove(file))),
                onoriginal: move |(file, original)| change.call(Box::new(move |outbox| outbox.set_original(file, original))),
            }
        }
    }
}
