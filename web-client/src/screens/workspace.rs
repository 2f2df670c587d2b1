//! The signed-in page: the sidebar, and one pane beside it (or in its place, on a narrow page).

mod desk;
mod open_chats;
mod opening;
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
    client::{Account, Protection},
    components::{
        composer::COMPOSER_ID,
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
pub(crate) use open_chats::{OpenChat, OpenChats, set_if_new};
use opening::OpeningPane;
use teller::{Teller, use_teller};

/// How often it is looked at whether a new day has begun.
const CLOCK_MS: u32 = 20_000;

/// The whole signed-in page.
#[component]
pub(crate) fn Workspace(account: Account) -> Element {
    let shell = use_context::<Shell>();
    use_context_provider(|| account.clone());
    use_context_provider(OpenChats::default);
    let desk = use_context_provider(Desk::new);
    let calls = use_calls(&account);
    let comparing = use_context_provider(|| Comparing::new(account.clone()));
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
        let view = (desk.view)();
        let open = if let View::Chat(id) = &view { Some(id.as_str()) } else { None };
        let ringing = ringing_title(calls.view.read().as_ref());
        let mut signs = desk.chats.read().signs(open);
        signs.title = ringing.unwrap_or(signs.title);
        browser::set_signs(&signs);
    });
    let unsent = use_memo(move || desk.unsent_files());
    use_effect(move || Desk::keep_unsent_files(unsent.read().as_deref()));
    let written = use_memo(move || desk.written());
    use_effect(move || Desk::keep_written(written.read().as_deref()));
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
async fn follow_clock(desk: Desk, calls: Calls, teller: Teller) {
    let mut now = desk.now;
    loop {
        TimeoutFuture::new(CLOCK_MS).await;
        let current = browser::now();
        if current.day != now.peek().day {
            now.set(current);
        }
        // Of a message whose key has not come by now it is told that there is one.
        teller.step(desk);
        if *desk.has_newer.peek() && desk.moment(calls.view.peek().is_some()).is_quiet() {
            browser::renew();
        }
    }
}

async fn follow_page(account: Account, mut desk: Desk, calls: Calls) {
    let mut events = browser::page_events();
    while let Some(event) = events.next().await {
        match event {
            PageEvent::FindPeople => {
                if (desk.view)() != View::Home && browser::is_narrow() {
                    desk.go(View::Home);
                }
                browser::focus_soon(SEARCH_ID);
            }
            PageEvent::Escape => desk.escape(),
            PageEvent::PreviousChat => step(desk, -1),
            PageEvent::NextChat => step(desk, 1),
            PageEvent::Attention => {
                let is_attended = browser::is_attended();
                desk.attended.set(is_attended);
                if is_attended {
                    account.look_at_connection(false);
                }
            }
            // What the browser thinks of its network is not what is said, only a reason to find out.
            PageEvent::Offline => account.look_at_connection(true),
            PageEvent::Online => {
                calls.step(CallInput::NetworkChanged);
                account.look_at_connection(true);
            }
            PageEvent::Moved(view) => desk.view.set(View::parse(&view)),
            PageEvent::NotePressed(id) => {
                let is_known = desk.chats.peek().get(&id).is_some();
                if is_known {
                    desk.go(View::Chat(id));
                }
            }
            PageEvent::NewVersion => desk.has_newer.set(true),
            PageEvent::SessionChanged => {}
        }
    }
}

fn step(mut desk: Desk, by: isize) {
    let next = {
        let view = desk.view.peek();
        let open = if let View::Chat(id) = &*view { Some(id.as_str()) } else { None };
        desk.chats.peek().neighbour(open, by).map(|chat| chat.id.clone())
    };
    if let Some(id) = next {
        desk.go(View::Chat(id));
        browser::focus_soon(COMPOSER_ID);
    }
}
