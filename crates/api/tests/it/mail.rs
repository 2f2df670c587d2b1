//! What is sent by email: to whom, what the links in it do, and what nobody learns from asking.

use std::{collections::BTreeSet, fs, num::NonZeroU32, path::Path};

use api::{ApiSettings, CONFIRM_TIME_MS, Composer, MailKey, Mailing, PROOF_TIME_MS, RateLimits, Registration};
use axum::body::Body;
use domain::{
    directory::{AddEmail, EmailAddress},
    user::{SetPassword, admin::RESET_TIME_MS},
};
use mail::{Compose as _, Letter, Queue, Wish};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::Server;

const ASK: &str = "unstable/org.hearth.reset/email";
const CHECK: &str = "unstable/org.hearth.reset/link";
const RESET: &str = "unstable/org.hearth.reset/password";
const SEND: &str = "unstable/org.hearth.email/send";
const WEB: &str = "https://chat.example.org";
const CONFIRM: &str = "/_matrix/client/unstable/org.hearth.email/confirm?token=";
const PASSWORD: &str = "correct horse battery";
const ALICE: &str = "alice@example.org";

/// A server that sends email, the folder in which it waits, and what has been read of that.
struct Post {
    server: Server,
    folder: TempDir,
    read: BTreeSet<String>,
}

impl Post {
    async fn with(people: &[&str]) -> Self {
        let (mut server, folder) = (Server::with(people).await, TempDir::new().unwrap());
        server.send_mail(mailing(folder.path(), 7));
        Self { server, folder, read: BTreeSet::new() }
    }

    /// What has come to wait, and what it says.
    fn new_mail(&mut self) -> Vec<(Wish, Option<Letter>)> {
        let composer = Composer::new(self.server.node.engine().unwrap().clone(), WEB.to_owned(), MailKey([7; 32]));
        let mut found = Vec::new();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            if self.read.insert(path.display().to_string()) {
                let wish: Wish = serde_json::from_str(&text).unwrap();
                let letter = composer.compose(&wish).unwrap();
                assert_eq!(letter, composer.compose(&wish).unwrap(), "a second try says the same");
                found.push((wish, letter));
            }
        }
        found
    }

    /// The only message that has come to wait.
    fn letter(&mut self) -> Option<Letter> {
        let mut found = self.new_mail();
        assert_eq!(found.len(), 1, "{found:?}");
        found.pop().and_then(|(_, letter)| letter)
    }

    /// The token of the link in it.
    fn token(&mut self, before: &str) -> String {
        let letter = self.letter().unwrap();
        let link =
            letter.text.lines().find_map(|line| line.strip_prefix(before)).unwrap_or_else(|| panic!("{}", letter.text));
        link.to_owned()
    }

    async fn add(&self, who: &str, address: &str) {
        let email = EmailAddress::parse(address).unwrap();
        let command = AddEmail { user_id: format!("@{who}:h").try_into().unwrap(), email };
        self.server.node.engine().unwrap().submit(command).await.unwrap();
    }

    /// Alice has an address, and has said so.
    async fn confirmed(people: &[&str]) -> Self {
        let mut post = Self::with(people).await;
        post.add("alice", ALICE).await;
        post.server.post("alice", SEND, json!({ "email": ALICE })).await;
        let token = post.token(&format!("{WEB}{CONFIRM}"));
        assert_eq!(post.page("POST", &token).await.0, 200);
        post
    }

    async fn page(&self, method: &str, token: &str) -> (u16, String) {
        let (status, bytes) = self.server.send_raw("nobody", method, &format!("{CONFIRM}{token}"), Body::empty()).await;
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    async fn ask(&self, address: &str) -> (u16, Value) {
        let answer = self.server.call("nobody", "POST", ASK, json!({ "email": address })).await;
        (answer.status, answer.body)
    }

    /// A link for a new password, as it comes by email.
    async fn link(&mut self) -> String {
        assert_eq!(self.ask(ALICE).await, (200, json!({})));
        self.token(&format!("{WEB}/#/reset/"))
    }

    /// What comes to an address of Alice's when somebody has forgotten her password.
    async fn letter_of_reset(&mut self) -> String {
        assert_eq!(self.ask(ALICE).await.0, 200);
        self.letter().unwrap().text
    }

    async fn status(&self, path: &str, token: &str) -> u16 {
        let body = json!({ "token": token, "new_password": "a new password", "logout_devices": true });
        self.server.call("nobody", "POST", path, body).await.status
    }
}

fn mailing(folder: &Path, key: u8) -> Mailing {
    Mailing::new(Queue::open(folder).unwrap(), MailKey([key; 32]))
}

#[tokio::test]
async fn an_address_is_confirmed_by_a_button_and_not_by_a_look() {
    let mut post = Post::with(&["alice", "bob"]).await;
    let strange = "a<b&\"c@example.org";
    post.add("alice", strange).await;
    for (who, status) in [("bob", 404), ("alice", 200)] {
        let answer = post.server.call(who, "POST", SEND, json!({ "email": strange.to_uppercase() })).await;
        assert_eq!(answer.status, status, "{who}");
    }
    let token = post.token(&format!("{WEB}{CONFIRM}"));
    let listed = |listed: Value| {
        (listed["threepids"][0]["validated_at"].clone(), listed["threepids"][0]["org.hearth.confirmed"].clone())
    };
    let before = listed(post.server.get("alice", "v3/account/3pid").await);
    post.server.node.clock.advance(1_000);
    let (status, page) = post.page("GET", &token).await;
    assert!(status == 200 && page.contains("a&lt;b&amp;&quot;c@example.org") && page.contains("<form"), "{page}");
    assert_eq!(listed(post.server.get("alice", "v3/account/3pid").await), before, "mail programs look at links");
    for again in 0..2 {
        assert_eq!(post.page("POST", &token).await.0, 200, "{again}");
    }
    let after = listed(post.server.get("alice", "v3/account/3pid").await);
    assert_eq!((&before.1, &after.1), (&json!(false), &json!(true)));
    assert_ne!(after.0, before.0);
    post.server.post("alice", SEND, json!({ "email": strange })).await;
    assert_eq!(post.letter(), None, "nobody is asked what they have said");
}

#[tokio::test]
async fn a_link_that_confirms_ends_with_its_time_and_with_the_address() {
    let mut post = Post::with(&["alice", "bob"]).await;
    post.add("alice", ALICE).await;
    post.server.post("alice", SEND, json!({ "email": ALICE })).await;
    let token = post.token(&format!("{WEB}{CONFIRM}"));
    for wrong in ["", "mail.", "mail.AAAA", &token.replace("mail.", ""), &format!("{token}A"), &"A".repeat(5_000)] {
        assert_eq!(post.page("POST", wrong).await.0, 403, "{wrong}");
    }
    assert_eq!(post.status(CHECK, &token).await, 403, "it sets no password");
    post.server.node.clock.advance(CONFIRM_TIME_MS - 1);
    assert_eq!(post.page("GET", &token).await.0, 200);
    post.server.node.clock.advance(1);
    assert_eq!(post.page("POST", &token).await.0, 403, "too late");
    post.server.post("alice", SEND, json!({ "email": ALICE })).await;
    let token = post.token(&format!("{WEB}{CONFIRM}"));
    post.server.post("alice", "v3/account/3pid/delete", json!({ "medium": "email", "address": ALICE })).await;
    post.add("bob", ALICE).await;
    assert_eq!(post.page("POST", &token).await.0, 403, "it is somebody else's now");
}

#[tokio::test]
async fn a_link_sets_one_password_and_outlives_a_restart() {
    let mut post = Post::confirmed(&["alice", "bob"]).await;
    let (token, another) = (post.link().await, post.link().await);
    assert_eq!(token, another, "asked for in one moment, they are the same");
    post.server.node.clock.advance(1);
    let later = post.link().await;
    assert!(post.server.restart());
    let checked = post.server.call("nobody", "POST", CHECK, json!({ "token": token })).await.ok();
    assert_eq!(checked["user_id"], "@alice:h");
    assert_eq!(post.status(CHECK, &later).await, 200, "a newer one does not end it: strangers can ask too");
    let body = json!({ "token": token, "new_password": "a new password" });
    let done = post.server.call("nobody", "POST", RESET, body).await.ok();
    assert_eq!(done, json!({ "user_id": "@alice:h", "ended_sessions": 1, "keys": "unchanged" }));
    for used in [&token, &later] {
        assert_eq!(
            (post.status(CHECK, used).await, post.status(RESET, used).await),
            (403, 403),
            "a new password ends them all"
        );
    }
    let identifier = json!({ "type": "m.id.thirdparty", "medium": "email", "address": ALICE });
    let body = json!({ "type": "m.login.password", "identifier": identifier, "password": "a new password" });
    post.server.call("nobody", "POST", "v3/login", body).await.ok();
}

#[tokio::test]
async fn a_link_ends_with_its_time_its_address_and_its_key() {
    let mut post = Post::confirmed(&["alice"]).await;
    let token = post.link().await;
    post.server.node.clock.advance(RESET_TIME_MS);
    assert_eq!((post.status(CHECK, &token).await, post.status(RESET, &token).await), (403, 403), "too late");
    let token = post.link().await;
    post.server.send_mail(mailing(post.folder.path(), 8));
    assert_eq!(post.status(CHECK, &token).await, 403, "another key");
    post.server.send_mail(mailing(post.folder.path(), 7));
    assert_eq!(post.status(CHECK, &token).await, 200);
    post.server.post("alice", "v3/account/3pid/delete", json!({ "medium": "email", "address": ALICE })).await;
    post.add("alice", ALICE).await;
    assert_eq!(post.status(CHECK, &token).await, 403, "whoever reads the address has not said that it is right");
}

#[tokio::test]
async fn nobody_learns_from_asking_which_addresses_have_accounts() {
    let mut post = Post::confirmed(&["alice", "bob"]).await;
    post.add("bob", "bob@example.org").await;
    let head = |post: &Post| post.server.node.engine().unwrap().log().head();
    let before = head(&post);
    for (address, link) in [(ALICE, Some(true)), ("bob@example.org", Some(false)), ("nobody@example.org", None)] {
        assert_eq!(post.ask(address).await, (200, json!({})), "{address}");
        let letter = post.letter();
        assert_eq!(letter.map(|letter| letter.text.contains("/#/reset/")), link, "{address}");
    }
    let of_others = json!({ "client_secret": "s3cret", "email": "nobody@example.org", "send_attempt": 1 });
    let answer = post.server.call("nobody", "POST", "v3/account/password/email/requestToken", of_others).await.ok();
    assert!(answer["sid"].as_str().is_some_and(|session| session.len() == 24), "{answer}");
    assert_eq!(post.letter(), None);
    assert_eq!(post.ask("no address").await.0, 400);
    assert_eq!(head(&post), before, "strangers write nothing into the log");
}

#[tokio::test]
async fn whoever_signs_up_or_adds_an_address_is_asked_whether_it_is_right() {
    let mut post = Post::with(&[]).await;
    let body = json!({ "username": "carol", "password": "correct horse battery", "auth": { "type": "m.login.dummy" },
        "org.hearth.email": "carol@example.org" });
    let signed_up = post.server.call("nobody", "POST", "v3/register", body).await.ok();
    post.server.logged_in("carol", signed_up["access_token"].as_str().unwrap().to_owned());
    let auth = json!({ "type": "m.login.password", "identifier": { "type": "m.id.user", "user": "carol" },
        "password": "correct horse battery" });
    for address in ["carol@example.org", "carol@example.net"] {
        let (wish, letter) = post.new_mail().pop().unwrap();
        assert_eq!((wish.to.as_str(), wish.user_id.as_deref()), (address, Some("@carol:h")));
        assert!(letter.unwrap().text.contains("@carol:h has given this address"));
        let more = json!({ "org.hearth.email": "carol@example.net", "auth": auth });
        post.server.post("carol", "v3/account/3pid/add", more).await;
    }
}

#[tokio::test]
async fn messages_to_one_address_and_for_one_person_are_few() {
    let mut post = Post::confirmed(&["alice"]).await;
    let often = NonZeroU32::new(10_000).unwrap();
    post.server.limit(&RateLimits { logins_per_minute: often, ..RateLimits::default() });
    for address in [ALICE, "nobody@example.org"] {
        let mut statuses = Vec::new();
        for n in 0..6 {
            post.server.come_from([10, 0, 0, n]);
            statuses.push(post.ask(address).await.0);
        }
        assert_eq!(statuses, [200, 200, 200, 200, 429, 429], "{address}: known or not");
    }
    let others: Vec<_> = (0..5).map(|n| format!("alice{n}@example.org")).collect();
    let mut statuses = Vec::new();
    for other in &others {
        post.add("alice", other).await;
        statuses.push(post.server.call("alice", "POST", SEND, json!({ "email": other })).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 429], "for one person, whatever the addresses");
}

impl Post {
    /// What another client asks before it adds an address: the status, and the session.
    async fn session(&self, secret: &str, address: &str, attempt: u32) -> (u16, String) {
        let body = json!({ "client_secret": secret, "email": address, "send_attempt": attempt });
        let answer = self.server.call("nobody", "POST", "v3/account/3pid/email/requestToken", body).await;
        (answer.status, answer.body["sid"].as_str().unwrap_or_default().to_owned())
    }

    /// What comes of adding the address of a session with a password or without: the status and the code.
    async fn add_proved(&self, session: &str, secret: &str, password: Option<&str>) -> (u16, String) {
        let auth = password.map(|password| {
            json!({ "type": "m.login.password", "identifier": { "type": "m.id.user", "user": "alice" }, "password": password })
        });
        let body = json!({ "sid": session, "client_secret": secret, "auth": auth });
        let answer = self.server.call("alice", "POST", "v3/account/3pid/add", body).await;
        let code = answer.body["errcode"].as_str().unwrap_or_default().to_owned();
        (answer.status, code)
    }
}

#[tokio::test]
async fn another_client_adds_an_address_once_its_reader_has_said_so() {
    let mut post = Post::with(&["alice"]).await;
    let engine = post.server.node.engine().unwrap();
    let phc = engine.passwords().hash(PASSWORD.to_owned()).await.unwrap();
    engine.submit(SetPassword { user_id: "@alice:h".try_into().unwrap(), phc, keep_only: None }).await.unwrap();
    let capabilities = post.server.get("alice", "v3/capabilities").await;
    assert_eq!(capabilities["capabilities"]["m.3pid_changes"], json!({ "enabled": true }));
    let (status, session) = post.session("s3cret", &ALICE.to_uppercase(), 1).await;
    assert_eq!((status, session.len()), (200, 24));
    let token = post.token(&format!("{WEB}{CONFIRM}"));
    for (attempt, letters) in [(1, 0), (2, 1), (2, 0)] {
        assert_eq!(post.session("s3cret", ALICE, attempt).await, (200, session.clone()));
        assert_eq!(post.new_mail().len(), letters, "attempt {attempt}");
    }
    let not_proved = (400, "M_THREEPID_AUTH_FAILED".to_owned());
    let (status, page) = post.page("GET", &token).await;
    assert!(status == 200 && page.contains(ALICE) && page.contains("<form"), "{page}");
    assert_eq!(post.add_proved(&session, "s3cret", None).await, not_proved, "mail programs look at links");
    assert_eq!(post.page("POST", &token).await.0, 200);
    for (session, secret) in [(session.as_str(), "an0ther"), ("", "s3cret"), (&session.to_lowercase(), "s3cret")] {
        assert_eq!(post.add_proved(session, secret, None).await, not_proved, "{session} {secret}");
    }
    // A server that has started anew asks for the button once more, and for nothing else.
    post.server.send_mail(mailing(post.folder.path(), 7));
    assert_eq!(post.add_proved(&session, "s3cret", None).await, not_proved);
    assert_eq!(post.page("POST", &token).await.0, 200);
    assert_eq!(post.add_proved(&session, "s3cret", None).await.0, 401, "a session alone does not make it one's account");
    assert_eq!(post.add_proved(&session, "s3cret", Some("wrong")).await.0, 401);
    assert_eq!(post.add_proved(&session, "s3cret", Some(PASSWORD)).await, (200, String::new()));
    assert!(post.letter_of_reset().await.contains("/#/reset/"), "it is verified");
}

#[tokio::test]
async fn a_proof_ends_with_its_time_and_is_of_one_purpose() {
    let mut post = Post::with(&["alice"]).await;
    let session = post.session("s3cret", ALICE, 1).await.1;
    let token = post.token(&format!("{WEB}{CONFIRM}"));
    assert_eq!(post.status(CHECK, &token).await, 403, "it sets no password");
    for wrong in ["proof.", "proof.AAAA", &token.replace("proof.", "mail."), &format!("{token}A")] {
        assert_eq!(post.page("POST", wrong).await.0, 403, "{wrong}");
    }
    assert_eq!(post.page("POST", &token).await.0, 200);
    post.server.node.clock.advance(PROOF_TIME_MS);
    assert_eq!(post.page("POST", &token).await.0, 403, "too late");
    assert_eq!(post.add_proved(&session, "s3cret", None).await.1, "M_THREEPID_AUTH_FAILED");
    // To an address that somebody has goes no link, and only its reader is told.
    post.add("alice", ALICE).await;
    assert_eq!(post.session("s3cret", ALICE, 2).await, (200, session));
    let letter = post.letter().unwrap();
    assert!(letter.text.contains("an address of @alice:h already") && !letter.text.contains("token="), "{}", letter.text);
}

#[tokio::test]
async fn whoever_has_proved_an_address_signs_up_with_it_where_anybody_may() {
    let mut post = Post::with(&[]).await;
    let asked = post.server.call("nobody", "POST", "v3/register", json!({})).await;
    let flows = json!([{ "stages": ["m.login.dummy"] }, { "stages": ["m.login.email.identity"] }]);
    assert_eq!((asked.status, &asked.body["flows"]), (401, &flows));
    let carol = json!({ "client_secret": "s3cret", "email": "carol@example.org", "send_attempt": 1 });
    let session = post.server.call("nobody", "POST", "v3/register/email/requestToken", carol.clone()).await.ok();
    let token = post.token(&format!("{WEB}{CONFIRM}"));
    let auth = json!({ "type": "m.login.email.identity", "session": asked.body["session"],
        "threepid_creds": { "sid": session["sid"], "client_secret": "s3cret" } });
    let body = json!({ "username": "carol", "password": PASSWORD, "auth": auth });
    let early = post.server.call("nobody", "POST", "v3/register", body.clone()).await;
    assert_eq!((early.status, early.errcode()), (401, "M_UNAUTHORIZED"));
    assert_eq!(early.body["session"], asked.body["session"], "it waits");
    assert_eq!(post.page("POST", &token).await.0, 200);
    let signed_up = post.server.call("nobody", "POST", "v3/register", body).await.ok();
    post.server.logged_in("carol", signed_up["access_token"].as_str().unwrap().to_owned());
    let listed = post.server.get("carol", "v3/account/3pid").await;
    assert_eq!(listed["threepids"][0]["address"], "carol@example.org");
    assert_eq!(listed["threepids"][0]["org.hearth.confirmed"], true);
    assert_eq!(post.new_mail().len(), 0, "nobody is asked what they have said");
    post.server.set(ApiSettings { registration: Registration::Closed, ..ApiSettings::default() });
    let refused = post.server.call("nobody", "POST", "v3/register/email/requestToken", carol).await;
    assert_eq!((refused.status, refused.errcode()), (403, "M_FORBIDDEN"));
}

#[tokio::test]
async fn whoever_signs_up_with_an_address_that_was_written_to_often_signs_up_all_the_same() {
    let mut post = Post::with(&[]).await;
    post.server.limit(&RateLimits::default());
    for _ in 0..4 {
        assert_eq!(post.ask("carol@example.org").await.0, 200);
    }
    assert_eq!(post.new_mail().len(), 4);
    let body = json!({ "username": "carol", "password": PASSWORD, "auth": { "type": "m.login.dummy" },
        "org.hearth.email": "carol@example.org" });
    post.server.call("nobody", "POST", "v3/register", body).await.ok();
    assert_eq!(post.new_mail().len(), 0, "four an hour");
}

#[tokio::test]
async fn without_a_mail_server_nothing_is_sent_and_that_is_said() {
    let server = Server::with(&["alice"]).await;
    let answer = server.call("nobody", "POST", ASK, json!({ "email": ALICE })).await;
    assert_eq!((answer.status, answer.errcode()), (403, "M_FORBIDDEN"));
    assert!(answer.body["error"].as_str().is_some_and(|error| error.contains("Ask whoever runs it")), "{}", answer.body);
    for path in ["account/password", "account/3pid", "register"] {
        let of_others = json!({ "client_secret": "s3cret", "email": ALICE, "send_attempt": 1 });
        let answer = server.call("nobody", "POST", &format!("v3/{path}/email/requestToken"), of_others).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    let proved = json!({ "sid": "abc", "client_secret": "s3cret" });
    let answer = server.call("alice", "POST", "v3/account/3pid/add", proved).await;
    assert_eq!((answer.status, answer.errcode()), (400, "M_THREEPID_AUTH_FAILED"));
    let sends = |versions: serde_json::Value| versions["unstable_features"]["org.hearth.email"].clone();
    let versions = server.call_with("nobody", "GET", "/_matrix/client/versions", Body::empty()).await.ok();
    assert_eq!(sends(versions), json!(false));
    let capabilities = server.get("alice", "v3/capabilities").await;
    assert_eq!(capabilities["capabilities"]["m.3pid_changes"], json!({ "enabled": false }));
}
