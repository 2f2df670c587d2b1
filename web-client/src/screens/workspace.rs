//! The signed-in page: the sidebar, and one pane beside it (or in its place, on a narrow page).

mod desk;
mod following;
mod leading;
mod open_chats;
mod opening;
mod page;
mod teller;

use dioxus::prelude::*;
use futures_util::StreamExt;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    call::CallInput,
    chats::{self, Standing},
    connection::Connection,
    session::{Input, Place},
};

use crate::{
    browser::{self, PageEvent},
    call::Calls,
    client::{Access, Account, Protection},
    components::{
        icon::{Icon, Shape},
        notice::{Notice, Tone},
    },
    screens::{
        admin::AdminPane,
        call::{CallLayer, load_ahead, ringing_title, use_calls},
        conversation::ConversationPane,
        recovery::{FreshKeyScreen, RecoveryPane},
        request::RequestPane,
        settings::SettingsPane,
        sidebar::{SEARCH_ID, Sidebar},
        verification::{Comparing, VerificationLayer},
    },
    shell::{FreshKey, KEY_REMINDER, Shell},
};

pub(crate) use desk::{Desk, View};
pub(crate) use following::Following;
use leading::use_leading;
pub(crate) use open_chats::{OpenChat, OpenChats, set_if_new};
use opening::OpeningPane;
use page::take_in;
use teller::{Teller, use_teller};

/// How often it is looked at whether a new day has begun.
const CLOCK_MS: u32 = 20_000;

/// The whole signed-in page.
#[component]
pub(crate) fn Workspace(account: Account) -> Element {
    let shell = use_context::<Shell>();
    let desk = use_context::<Desk>();
    use_context_provider(|| account.clone());
    use_context_provider(|| Access::Own(Box::new(account.clone())));
    use_context_provider(OpenChats::default);
    let calls = use_calls(&account);
    let comparing = use_context_provider(|| Comparing::new(Some(account.clone())));
    use_leading(&account, desk, &comparing, &calls);
    let own = account.clone();
    let teller = use_teller(desk);
    use_hook(|| {
        spawn(keep_in_step(account.clone(), desk, shell));
        spawn(keep_sending(account.clone()));
        spawn(follow_chats(account.clone(), desk));
        spawn(follow_blocked(account.clone(), desk));
        spawn(follow_protection(account.clone(), desk));
        spawn(follow_confirmation(account.clone(), desk));
        spawn(async move { comparing.follow_offers().await });
        spawn(follow_page(account.clone(), desk, calls.clone()));
        spawn(follow_muted(account.clone(), desk));
        spawn(follow_clock(desk, calls.clone(), teller.clone()));
        spawn(load_ahead());
    });
    let to_end = calls.clone();
    use_effect(move || {
        // Another tab takes over; a call is one tab's.
        if *shell.machine.read().place() == Place::HandingOver {
            to_end.close();
        }
    });
    use_effect(move || {
        // After a start without a network too, as soon as there is one.
        if (desk.connection)() == Connection::Online && desk.profile.peek().is_none() {
            spawn(load_profile(own.clone(), desk));
        }
    });
    use_effect(move || {
        desk.show_signs(ringing_title(calls.view.read().as_ref()));
    });
    use_keeping(desk);
    if (shell.fresh_key)() != FreshKey::None {
        return rsx! {
            FreshKeyScreen {}
            CallLayer {}
        };
    }
    let view = (desk.view)();
    let home = view == View::Home;
    rsx! {
        div { class: "workspace", "data-view": if home { "home" } else { "pane" },
            Sidebar {}
            div { class: "pane",
                ConnectionNotice {}
                match view {
                    View::Home => rsx! { HomePane {} },
                    View::Chat(id) => rsx! { ChatPane { key: "{id}", id: id.clone() } },
                    View::Opening(person) => rsx! { OpeningPane { key: "{person.user_id}", person: person.clone() } },
                    View::Settings => rsx! { SettingsPane {} },
                    View::Recovery => rsx! { RecoveryPane {} },
                    View::Admin => rsx! { AdminPane {} },
                }
            }
        }
        VerificationLayer {}
        CallLayer {}
    }
}

/// Keeps what a reload would lose.
fn use_keeping(desk: Desk) {
    let unsent = use_memo(move || desk.unsent_files());
    use_effect(move || Desk::keep_unsent_files(unsent.read().as_deref()));
    let written = use_memo(move || desk.written());
    use_effect(move || Desk::keep_written(written.read().as_deref()));
}

/// A chat, or the request for one. Of a request nothing is opened.
#[component]
fn ChatPane(id: String) -> Element {
    let account = use_context::<Account>();
    let desk = use_context::<Desk>();
    let chat_id = id.clone();
    use_effect(move || {
        let other = desk.chats.read().in_place_of(&chat_id);
        if let Some(other) = other {
            let mut desk = desk;
            desk.move_draft(&chat_id, &other);
            desk.replace(View::Chat(other));
        }
    });
    let request = desk.chats.read().get(&id).filter(|chat| chat.standing == Standing::Invited).cloned();
    match request {
        Some(chat) => rsx! { RequestPane { chat } },
        None if account.is_asked(&id) => rsx! { main { class: "conversation-wait", "aria-busy": "true" } },
        None => rsx! { ConversationPane { id } },
    }
}

#[component]
fn ConnectionNotice() -> Element {
    let desk = use_context::<Desk>();
    let notice = (desk.connection)().notice();
    rsx! {
        if let Some(text) = notice {
            div { class: "pane-notice", Notice { tone: Tone::Calm, text } }
        }
    }
}

/// Shown on a wide page while no chat is open.
#[component]
fn HomePane() -> Element {
    let desk = use_context::<Desk>();
    let name = desk.profile.read().as_ref().map(|profile| profile.name.clone());
    let has_chats = !desk.chats.read().chats.is_empty();
    rsx! {
        main { class: "home",
            span { class: "home-mark", Icon { shape: Shape::Flame } }
            h1 { if let Some(name) = name { "Hello, {name}" } else { "Hello" } }
            p {
                if has_chats { "Pick a chat, or find somebody new." }
                else { "Find somebody by username or name, and say hello. Everything you write is end-to-end encrypted." }
            }
            button {
                class: "button button-primary",
                r#type: "button",
                onclick: move |_| browser::focus(SEARCH_ID),
                Icon { shape: Shape::Search }
                "Start a chat"
            }
            p { class: "home-keys",
                kbd { "Ctrl" } " " kbd { "K" } " find · "
                kbd { "Alt" } " " kbd { "↑" } " " kbd { "↓" } " switch chats"
            }
        }
    }
}

async fn keep_in_step(account: Account, desk: Desk, shell: Shell) {
    let mut connection = desk.connection;
    if let Some(is_soft) = account.stay_in_step(|now| connection.set(now)).await {
        shell.step(Input::Refused { is_soft });
    }
}

async fn keep_sending(account: Account) {
    account.keep_sending().await;
}

async fn follow_chats(account: Account, desk: Desk) {
    let mut list = desk.chats;
    account.watch_chats(|change| chats::fold(&mut list.write(), change)).await;
}

async fn follow_blocked(account: Account, desk: Desk) {
    let mut list = desk.chats;
    account.watch_blocked(|change| chats::fold(&mut list.write(), change)).await;
}

async fn follow_muted(account: Account, desk: Desk) {
    let mut list = desk.chats;
    account.watch_muted(|change| chats::fold(&mut list.write(), change)).await;
}

async fn follow_protection(account: Account, desk: Desk) {
    let mut protection = desk.protection;
    account
        .watch_protection(|now| {
            if now == Protection::Locked {
                browser::unstore(KEY_REMINDER);
            }
            protection.set(now);
        })
        .await;
}

async fn follow_confirmation(account: Account, desk: Desk) {
    let mut confirmation = desk.confirmation;
    account.watch_confirmation(|now| confirmation.set(now)).await;
}

async fn load_profile(account: Account, desk: Desk) {
    let mut profile = desk.profile;
    match account.profile().await {
        Ok(loaded) => profile.set(Some(loaded)),
        Err(trouble) => browser::warn(&format!("loading the profile: {trouble:?}")),
    }
}

/// Names of days are right after midnight too, and a newer program is taken at a quiet moment. The clock is looked at often, because a timer of hours stands still
/// while the machine sleeps.
async fn follow_clock(mut desk: Desk, calls: Calls, teller: Teller) {
    loop {
        TimeoutFuture::new(CLOCK_MS).await;
        // Of a message whose key has not come by now it is told that there is one.
        teller.step(desk);
        desk.tick(calls.view.peek().is_some());
    }
}

async fn follow_page(account: Account, desk: Desk, calls: Calls) {
    let mut events = browser::page_events();
    while let Some(event) = events.next().await {
        match event {
            // What the browser thinks of its network is not what is said, only a reason to find out.
            PageEvent::Offline => account.look_at_connection(true),
            PageEvent::Online => {
                calls.step(CallInput::NetworkChanged);
                account.look_at_connection(true);
            }
            PageEvent::Attention => {
                take_in(desk, PageEvent::Attention);
                if *desk.attended.peek() {
                    account.look_at_connection(false);
                }
            }
            event => take_in(desk, event),
        }
    }
}
