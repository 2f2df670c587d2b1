//! The page of a tab that follows: the chats, to be read and written in. All else is for the tab that leads, and this one
//! can become it.

use dioxus::prelude::*;
use futures_util::StreamExt;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::{
    chats::Standing,
    follow::{Board, CallElsewhere},
    session::{Place, Wait},
    text::isolated,
};

use super::{CLOCK_MS, ConnectionNotice, Desk, HomePane, OpenChats, View, set_if_new, take_in, use_keeping};
use crate::{
    browser,
    call::Calls,
    client::{Access, Led, Profile},
    components::notice::{Notice, Tone},
    screens::{conversation::ConversationPane, sidebar::Sidebar, standstill::UseItHere, verification::Comparing},
    shell::Shell,
};

/// The whole page. Gives way to the workspace when the tab gets the lead.
#[component]
pub(crate) fn Following(led: Led) -> Element {
    let shell = use_context::<Shell>();
    let desk = use_context::<Desk>();
    use_context_provider(|| Access::Led(led.clone()));
    use_context_provider(OpenChats::default);
    use_context_provider(Calls::new);
    let comparing = use_context_provider(|| Comparing::new(None));
    use_hook(|| {
        spawn(follow_page(desk));
        spawn(follow_clock(desk));
    });
    use_effect(move || {
        if let Some(board) = &*shell.board.read() {
            take_over(board, desk, &comparing);
        }
    });
    use_effect(move || led.attend((desk.attended)()));
    use_effect(move || {
        // Whether there is a call may have changed.
        let _ = shell.board.read();
        if needs_lead(desk) {
            shell.use_it_here();
        }
    });
    use_effect(move || desk.show_signs(None));
    use_keeping(desk);
    let view = (desk.view)();
    let home = view == View::Home;
    let needs_lead = needs_lead(desk);
    rsx! {
        div { class: "workspace", "data-view": if home { "home" } else { "pane" },
            Sidebar {}
            div { class: "pane",
                Elsewhere {}
                ConnectionNotice {}
                match view {
                    View::Chat(id) if !needs_lead => rsx! { ConversationPane { key: "{id}", id: id.clone() } },
                    View::Home => rsx! { HomePane {} },
                    _ => rsx! { main { class: "conversation-wait", "aria-busy": "true" } },
                }
            }
        }
    }
}

/// Says that another tab has the lead, and what that means now.
#[component]
fn Elsewhere() -> Element {
    let shell = use_context::<Shell>();
    let call = shell.board.read().as_ref().map(|board| board.call.clone()).unwrap_or_default();
    let is_coming = matches!(shell.machine.read().place(), Place::Waiting(Wait::Asked | Wait::Promised) | Place::Opening);
    let text = match call {
        _ if is_coming => "One moment…".to_owned(),
        CallElsewhere::None => "Hearth is in use in another tab. You can read and write here too.".to_owned(),
        CallElsewhere::Rings(name) => {
            format!("{} is calling, in another tab. To use Hearth here ends the call.", isolated(&name))
        }
        CallElsewhere::GoesOn => "You are in a call in another tab. To use Hearth here ends it.".to_owned(),
    };
    rsx! {
        div { class: "pane-notice",
            Notice { tone: Tone::Calm, text,
                if !is_coming { UseItHere {} }
            }
        }
    }
}

/// Whether what is to be shown is for the tab that leads.
fn needs_lead(desk: Desk) -> bool {
    match &*desk.view.read() {
        View::Home => false,
        View::Chat(id) => desk.chats.read().get(id).is_some_and(|chat| chat.standing == Standing::Invited),
        View::Opening(_) | View::Settings | View::Recovery | View::Admin => true,
    }
}

fn take_over(board: &Board, desk: Desk, comparing: &Comparing) {
    set_if_new(desk.chats, board.chats.clone());
    set_if_new(desk.connection, board.connection);
    set_if_new(desk.confirmation, board.confirmation);
    set_if_new(desk.profile, board.name.clone().map(|name| Profile { name }));
    comparing.follow_doubts(&board.doubts);
}

async fn follow_page(desk: Desk) {
    let mut events = browser::page_events();
    while let Some(event) = events.next().await {
        take_in(desk, event);
    }
}

async fn follow_clock(mut desk: Desk) {
    loop {
        TimeoutFuture::new(CLOCK_MS).await;
        desk.tick(false);
    }
}
