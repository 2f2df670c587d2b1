//! Everybody who has an account, and what can be done about them.

use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;
use hearth_web_state::admin::{Act, People, Person, take_page};

use super::{
    parts::{Failed, ask},
    person::PersonItem,
    question::{QUESTION_ID, Question},
};
use crate::client::Account;

/// How long typing has to rest before it is searched for.
const SEARCH_AFTER_MS: u32 = 250;

/// `onlost` is told when whoever looks may be an admin no more.
#[component]
pub(super) fn PeopleSection(onlost: EventHandler<()>) -> Element {
    let account = use_context::<Account>();
    let mut term = use_signal(String::new);
    let mut shown = use_signal(|| None::<Result<People, String>>);
    let mut asked = use_signal(|| None::<(Act, Person)>);
    let mut acts = use_signal(|| 0_u32);
    let searching = account.clone();
    let mut search = use_resource(move || {
        let (account, term) = (searching.clone(), term());
        async move {
            if !term.is_empty() {
                TimeoutFuture::new(SEARCH_AFTER_MS).await;
            }
            shown.set(Some(account.people(&term, None).await));
        }
    });
    let more = account.clone();
    let load_more = use_callback(move |from: String| {
        let account = more.clone();
        spawn(async move {
            let found = account.people("", Some(&from)).await;
            take_page(&mut shown.write(), Some(&from), found);
        });
    });
    let renew = use_callback(move |user_id: String| {
        let account = account.clone();
        acts += 1;
        spawn(async move {
            match account.person(&user_id).await {
                Ok((person, _)) => {
                    if let Some(Ok(people)) = &mut *shown.write()
                        && let Some(old) = people.users.iter_mut().find(|old| old.user_id == user_id)
                    {
                        *old = person;
                    }
                }
                // They may have made themselves an admin no more.
                Err(_) if user_id == account.user_id() => onlost.call(()),
                // It is as it was shown until somebody looks again.
                Err(_) => {}
            }
        });
    });
    rsx! {
        div { class: "field",
            label { class: "field-label", r#for: "admin-search", "Find people" }
            input {
                id: "admin-search",
                class: "field-input admin-search",
                r#type: "search",
                value: "{term}",
                maxlength: 100,
                autocomplete: "off",
                spellcheck: "false",
                placeholder: "Name or username",
                oninput: move |event| term.set(event.value()),
            }
        }
        match &*shown.read() {
            None => rsx! { p { class: "admin-hint", role: "status", "Loading people…" } },
            Some(Err(words)) => rsx! { Failed { words: words.clone(), onagain: move |()| search.restart() } },
            Some(Ok(people)) => rsx! {
                List { people: people.clone(), acts, onask: move |about| { asked.set(Some(about)); ask(QUESTION_ID); }, onmore: load_more }
            },
        }
        Question { asked, ondone: move |user_id| renew.call(user_id) }
    }
}

/// `acts` goes up when something was done to somebody.
#[component]
fn List(people: People, acts: Signal<u32>, onask: EventHandler<(Act, Person)>, onmore: EventHandler<String>) -> Element {
    let mut opened = use_signal(|| None::<String>);
    let toggle = move |user_id: String| {
        let is_open = opened.peek().as_ref() == Some(&user_id);
        opened.set((!is_open).then_some(user_id));
    };
    if people.users.is_empty() {
        return rsx! { p { class: "admin-hint", role: "status", "Nobody found." } };
    }
    rsx! {
        ul { class: "admin-list", role: "list", "aria-label": "People",
            for person in people.users.clone() {
                PersonItem {
                    key: "{person.user_id}",
                    is_open: opened().as_ref() == Some(&person.user_id),
                    ontoggle: toggle,
                    acts,
                    onask,
                    person,
                }
            }
        }
        if people.limited {
            p { class: "admin-hint", "There are more. Type more of the name." }
        }
        if let Some(next) = people.next.clone() {
            button { class: "button admin-more", r#type: "button", onclick: move |_| onmore.call(next.clone()), "Show more" }
        }
    }
}
