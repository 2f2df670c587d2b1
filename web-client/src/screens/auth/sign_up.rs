//! The form for a new account.

use dioxus::{core::spawn_forever, prelude::*};
use hearth_web_state::{
    identifier::{email_problem, suggest_username, username_problem},
    password::{MAX_PASSWORD_LEN, Strength, strength},
    trouble::Trouble,
};

use super::beforehand::{is_ready, use_focus_of_boot, use_submit_of_boot};
use crate::{
    browser,
    client::{SignUp, does_invite_count, is_username_free, sign_up},
    components::{
        field::{Field, Kind},
        notice::{Notice, Tone},
        strength_meter::StrengthMeter,
    },
    later::later,
    shell::{Entry, Shell},
};

/// What the sign-up form holds while it is filled in. Copying shares it.
#[derive(Clone, Copy, PartialEq)]
struct Draft {
    form: Signal<SignUp>,
    /// Once a person has written their own username, the e-mail address no longer suggests one.
    own_username: Signal<bool>,
    /// Whether problems are shown, which they are from the first submit on.
    checked: Signal<bool>,
    /// A username that the server has said is taken.
    taken: Signal<Option<String>>,
    busy: Signal<bool>,
    trouble: Signal<Option<Trouble>>,
}

impl Draft {
    /// Begins with what the static form held.
    fn new(shell: Shell) -> Self {
        let boot = shell.boot.peek();
        let suggested = suggest_username(&boot.email);
        let own_username = !boot.username.is_empty() && boot.username != suggested;
        let form = SignUp {
            email: boot.email.clone(),
            username: if own_username { boot.username.clone() } else { suggested },
            display_name: boot.display_name.clone(),
            password: boot.password.clone(),
        };
        Self {
            form: Signal::new(form),
            own_username: Signal::new(own_username),
            checked: Signal::new(false),
            taken: Signal::new(None),
            busy: Signal::new(false),
            trouble: Signal::new(None),
        }
    }

    /// Creates the account, or moves to the first field that needs another look.
    fn submit(mut self, shell: Shell) {
        if *self.busy.peek() {
            return;
        }
        self.checked.set(true);
        self.trouble.set(None);
        let wanted = self.form.peek().clone();
        if let Some(field) = problems(&wanted, self.taken.peek().as_deref()).first() {
            browser::focus(field);
            return;
        }
        self.busy.set(true);
        spawn(async move {
            let invite = shell.boot.peek().invite.clone();
            let entered = match is_ready().await {
                Ok(()) => sign_up(&wanted, invite.as_deref()).await,
                Err(found) => Err(found),
            };
            match entered {
                Ok(session) => {
                    browser::forget_invite();
                    let entry = Entry::SignedUp { display_name: wanted.display_name, password: wanted.password };
                    // Not a task of this screen, which is about to go.
                    spawn_forever(async move { shell.enter(session, entry) });
                }
                Err(Trouble::UsernameTaken) => {
                    self.taken.set(Some(wanted.username));
                    self.busy.set(false);
                    browser::focus("username");
                }
                Err(found) => {
                    self.trouble.set(Some(found));
                    self.busy.set(false);
                }
            }
        });
    }
}

/// Loads the form ahead. One that does not come says so when it is shown.
pub(crate) async fn prepare_sign_up() {
    let _told_when_shown = load_sign_up().await;
}

later! {
    /// The form, which people see once and never again.
    SignUpForm(FormProps) of more by load_sign_up, Pane: Form
}

#[component]
pub(crate) fn Form(onswitch: EventHandler<()>) -> Element {
    let shell = use_context::<Shell>();
    use_focus_of_boot(shell);
    let draft = use_hook(move || Draft::new(shell));
    let submit = use_callback(move |()| draft.submit(shell));
    use_submit_of_boot(shell, submit);
    let busy = (draft.busy)();
    rsx! {
        h1 { class: "auth-title", "Create your account" }
        form {
            class: "auth-form",
            novalidate: true,
            onsubmit: move |event| {
                event.prevent_default();
                submit.call(());
            },
            Invited {}
            NameFields { draft }
            PasswordField { draft }
            if let Some(found) = (draft.trouble)() { Notice { tone: Tone::Trouble, text: found.words() } }
            button { class: "button button-primary button-wide", r#type: "submit", "aria-disabled": if busy { "true" },
                if busy { "Creating your account…" } else { "Sign up" }
            }
        }
        p { class: "auth-switch",
            "Already have an account? "
            button { class: "link", r#type: "button", onclick: move |_| onswitch.call(()), "Log in instead" }
        }
    }
}

/// Greets whoever comes by an invite. One that does not count is told of before anything is typed, and is not used.
#[component]
fn Invited() -> Element {
    let mut boot = use_context::<Shell>().boot;
    let mut is_over = use_signal(|| false);
    use_future(move || async move {
        let Some(token) = boot.peek().invite.clone() else { return };
        if does_invite_count(&token).await == Some(false) {
            browser::forget_invite();
            boot.write().invite = None;
            is_over.set(true);
        }
    });
    rsx! {
        if is_over() {
            Notice { tone: Tone::Trouble, text: Trouble::InviteOver.words() }
        } else if boot.read().invite.is_some() {
            Notice { tone: Tone::Calm, text: format!("You were invited to {}.", browser::host()) }
        }
    }
}

#[component]
fn NameFields(draft: Draft) -> Element {
    let Draft { mut form, mut own_username, mut taken, .. } = draft;
    let now = form();
    let shown = |problem: Option<&'static str>| problem.filter(|_| (draft.checked)()).map(ToOwned::to_owned);
    let username_error = if taken().as_ref() == Some(&now.username) {
        Some("That username is taken. Try another one.".to_owned())
    } else {
        shown(username_problem(&now.username))
    };
    rsx! {
        Field {
            id: "email", label: "Email", kind: Kind::Email, value: now.email.clone(), autocomplete: "email", max_len: 254,
            error: shown(email_problem(&now.email)),
            oninput: move |value: String| {
                let mut form = form.write();
                if !own_username() {
                    form.username = suggest_username(&value);
                }
                form.email = value;
            },
        }
        Field {
            id: "username", label: "Username", value: now.username.clone(), autocomplete: "username", max_len: 64,
            hint: "How others find you. It can’t be changed later.",
            error: username_error,
            oninput: move |value: String| {
                own_username.set(!value.is_empty());
                form.write().username = value.trim().to_lowercase();
            },
            onblur: move |()| async move {
                let wanted = form.peek().username.clone();
                if username_problem(&wanted).is_none() && is_username_free(&wanted).await == Some(false) {
                    taken.set(Some(wanted));
                }
            },
        }
        Field {
            id: "display-name", label: "Display name", value: now.display_name.clone(), autocomplete: "name", max_len: 100, optional: true,
            oninput: move |value| form.write().display_name = value,
        }
    }
}

#[component]
fn PasswordField(draft: Draft) -> Element {
    let mut form = draft.form;
    let now = form();
    let strength_now = strength(&now.password, &[&now.username, &now.email, &now.display_name]);
    let too_short = (draft.checked)() && strength_now == Strength::TooShort;
    rsx! {
        Field {
            id: "password", label: "Password", kind: Kind::Password, value: now.password.clone(), autocomplete: "new-password",
            hint: now.password.is_empty().then(|| "At least 8 characters. Several words make a good one.".to_owned()),
            error: too_short.then(|| "Use at least 8 characters.".to_owned()),
            oninput: move |value| form.write().password = value,
            if !now.password.is_empty() { StrengthMeter { strength: strength_now } }
        }
    }
}

/// The ids of the fields that need another look, in the form's order.
fn problems(form: &SignUp, taken: Option<&str>) -> Vec<&'static str> {
    let mut fields = Vec::new();
    if email_problem(&form.email).is_some() {
        fields.push("email");
    }
    if username_problem(&form.username).is_some() || taken == Some(form.username.as_str()) {
        fields.push("username");
    }
    let too_long = form.password.len() > MAX_PASSWORD_LEN;
    if too_long || strength(&form.password, &[]) == Strength::TooShort {
        fields.push("password");
    }
    fields
}
