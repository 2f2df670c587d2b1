//! Accounts, sessions, profiles and what clients keep on the server.

use anyhow::{Context, Result, bail};
use domain::{
    directory::{
        AddEmail, By, EmailAddress, MakeAdmin, MakeInvite, Register, RegistrationToken, RegistrationTokenHash, RemoveEmail,
        RevokeInvite, SignUpToken, UnmakeAdmin, VerifyEmail,
    },
    user::{
        CloseSessions, Deactivate, NewSession, OpenSession, RefreshSession, RefreshToken, Refreshed, RenameDevice,
        SetPassword, SetProfileField, TokenHash, UseCredentials, WhichSessions,
        admin::{DeactivateByAdmin, MakeResetLink, ResetBy, ResetPassword, SetLocked},
        data::SetAccountData,
        filters::CreateFilter,
        media::{AnnounceMedia, EraseMedia, UploadMedia, UploadName},
        pushers::{ReachPusher, SetPusher},
        reports::{MakeReport, Reported},
    },
};
use serde_json::{Value, json};

use crate::story::{Story, raw, user};

/// A hash in the form that the server stores; the password behind it is nobody's.
const PHC: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$2Ld0XV7gxvEsN1pZP0vOWmTZ8n1sEo6k5wJm3l0a8aY";

/// Alice, Bob and Carol come, each with one device. Alice tries out what there is.
pub(crate) async fn sign_up(story: &Story) -> Result<()> {
    let hash = RegistrationTokenHash::of("hearth-for-bob-and-others");
    let token = SignUpToken::Configured(RegistrationToken { hash, uses_max: Some(5), expires_at_ms: None });
    let mut opened = None;
    for (name, device) in [("alice", "PHONE"), ("bob", "LAPTOP"), ("carol", "DESK")] {
        let session = NewSession {
            device_id: Some(device.into()),
            display_name: Some(format!("{name}’s {}", device.to_lowercase())),
            lifetime_ms: (name == "alice").then_some(3_600_000),
        };
        let register = Register {
            username: Some(name.to_owned()),
            email: Some(EmailAddress::parse(&format!("{name}@example.org"))?),
            password_phc: Some(PHC.to_owned()),
            session: Some(session),
            token: (name == "bob").then_some(token),
        };
        let registered = story.does(register).await?;
        opened = opened.or(registered.session);
    }
    let token = opened.and_then(|session| session.refresh_token).context("Alice has a refresh token")?;
    let refresh_token = RefreshToken::of(&token);
    let refresh = RefreshSession { user_id: user("alice")?, refresh_token, lifetime_ms: 3_600_000 };
    let Refreshed::Tokens(refreshed) = story.does(refresh).await? else { bail!("the refresh token counts") };
    let access_token = TokenHash::of(&refreshed.access_token);
    story.does(UseCredentials { user_id: user("alice")?, device_id: "PHONE".into(), access_token }).await?;
    for tablet in [None, Some("TABLET")] {
        let session = NewSession { device_id: tablet.map(Into::into), ..NewSession::default() };
        let opened = story.does(OpenSession { user_id: user("alice")?, session }).await?;
        let rename = RenameDevice {
            user_id: user("alice")?,
            device_id: opened.device_id.clone(),
            display_name: Some("Küche 🎈".to_owned()),
        };
        story.does(rename).await?;
        story
            .does(RenameDevice { user_id: user("alice")?, device_id: opened.device_id.clone(), display_name: None })
            .await?;
        let close = CloseSessions { user_id: user("alice")?, which: WhichSessions::These(vec![opened.device_id]) };
        if tablet.is_some() {
            story.does(close).await?;
        }
    }
    let password =
        SetPassword { user_id: user("alice")?, phc: PHC.replace("c2Fs", "U2Fs"), keep_only: Some("PHONE".into()) };
    story.does(password).await?;
    let email = EmailAddress::parse("alice@example.net")?;
    story.does(AddEmail { user_id: user("alice")?, email: email.clone() }).await?;
    story.does(VerifyEmail { user_id: user("alice")?, email: email.clone() }).await?;
    story.does(RemoveEmail { user_id: user("alice")?, email: Some(email) }).await
}

/// What people say of themselves and keep for themselves.
pub(crate) async fn profiles_and_data(story: &Story) -> Result<()> {
    for (field, value) in [
        ("displayname", Some(json!("Alice \"Q\" \u{1}"))),
        ("org.example.nothing", Some(Value::Null)),
        ("org.example.place", Some(json!({"at": [48.137154, 11.5]}))),
        ("avatar_url", Some(json!("mxc://h/abc"))),
        ("avatar_url", None),
    ] {
        story.does(SetProfileField { user_id: user("alice")?, field: field.to_owned(), value }).await?;
    }
    story
        .does(SetProfileField { user_id: user("carol")?, field: "displayname".to_owned(), value: Some(json!("Carol")) })
        .await?;
    let content = serde_json::from_str("{ \"z\": 1.0,  \"a\": \"\\u00e9\" }")?;
    let data =
        SetAccountData { user_id: user("alice")?, room_id: None, event_type: "org.example.settings".to_owned(), content };
    story.does(data).await?;
    let filter = raw(&json!({"room": {"timeline": {"limit": 20}}}))?;
    story.does(CreateFilter { user_id: user("alice")?, filter }).await?;
    let pusher = raw(&json!({"app_id": "example.app", "kind": "http", "pushkey": "k"}))?;
    for (pushkey, pusher) in [("k", Some(pusher.clone())), ("l", Some(pusher)), ("l", None)] {
        let app_id = "example.app".to_owned();
        let set =
            SetPusher { user_id: user("alice")?, device_id: "PHONE".into(), app_id, pushkey: pushkey.to_owned(), pusher };
        story.does(set).await?;
    }
    let (app_id, pushkey) = ("example.app".to_owned(), "k".to_owned());
    story.does(ReachPusher { user_id: user("alice")?, app_id, pushkey, position: 7, unread: 2 }).await?;
    let reported = Reported::Person(user("bob")?);
    story.does(MakeReport { user_id: user("alice")?, reported, reason: Some("…".to_owned()) }).await?;
    let announced = story.does(AnnounceMedia { user_id: user("alice")? }).await?.media_id;
    story.does(AnnounceMedia { user_id: user("alice")? }).await?;
    for (media_id, name) in [(Some(announced), Some("küche.png")), (None, None)] {
        let content_type = name.map(|_| "image/png".to_owned());
        let filename = name.map(str::to_owned);
        let name = UploadName { user_id: user("alice")?, media_id, content_type, filename };
        story.does(UploadMedia { name, digest: [9; 32], size_bytes: 48_213 }).await?;
    }
    let name = UploadName { user_id: user("alice")?, media_id: None, content_type: None, filename: None };
    let media_id = story.does(UploadMedia { name, digest: [8; 32], size_bytes: 1 }).await?;
    story.does(EraseMedia { user_id: user("alice")?, media_ids: vec![media_id] }).await
}

/// The operator makes Alice an admin, who invites Dave and takes an invite back.
pub(crate) async fn invite(story: &Story) -> Result<()> {
    story.does(MakeAdmin { by: By::Operator, user_id: user("alice")? }).await?;
    let by = By::Account(user("alice")?);
    let invite = |note: Option<&str>| MakeInvite {
        by: by.clone(),
        uses_max: 3,
        expires_after_ms: 604_800_000,
        note: note.map(str::to_owned),
    };
    let made = story.does(invite(Some("für Dave"))).await?;
    let revoked = story.does(invite(None)).await?;
    story.does(RevokeInvite { by: by.clone(), id: revoked.id }).await?;
    let register = Register {
        username: Some("dave".to_owned()),
        email: None,
        password_phc: Some(PHC.to_owned()),
        session: None,
        token: Some(SignUpToken::Invite(RegistrationTokenHash::of(&made.token))),
    };
    story.does(register).await.map(drop)
}

/// Alice shares her duties for a while, and looks after Dave's account until it is closed.
pub(crate) async fn administer(story: &Story) -> Result<()> {
    let by = By::Account(user("alice")?);
    story.does(MakeAdmin { by: by.clone(), user_id: user("bob")? }).await?;
    story.does(UnmakeAdmin { by: by.clone(), user_id: user("bob")? }).await?;
    let dave = user("dave")?;
    for locked in [true, false] {
        story.does(SetLocked { by: by.clone(), user_id: dave.clone(), locked }).await?;
    }
    for is_used in [true, false] {
        let link = story.does(MakeResetLink { by: by.clone(), user_id: dave.clone() }).await?;
        let token = TokenHash::of(&link.token);
        if is_used {
            let phc = PHC.to_owned();
            story.does(ResetPassword { user_id: dave.clone(), by: ResetBy::Link(token), phc, logout_devices: true }).await?;
        }
    }
    story.does(DeactivateByAdmin { by: By::Operator, user_id: dave, erase: false }).await
}

/// Carol goes, and wants to be forgotten.
pub(crate) async fn part(story: &Story) -> Result<()> {
    story.does(Deactivate { user_id: user("carol")?, erase: true }).await?;
    story.does(RemoveEmail { user_id: user("carol")?, email: None }).await
}
