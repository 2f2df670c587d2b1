//! Account data by position, push rules, filters, pushers, media.

use domain::{
    Fact,
    user::{
        SessionClosed,
        data::AccountDataSet,
        media::{MediaAnnounced, MediaUploaded},
        pushers::{PusherReached, PusherSet},
    },
};
use ruma::user_id;
use views::{account_data, media, push};

use crate::folded::Folded;

fn set(room: Option<&str>, event_type: &str, content: &str) -> Fact {
    Fact::AccountDataSet(AccountDataSet {
        user_id: user_id!("@alice:h").to_owned(),
        room_id: room.map(|room| room.try_into().unwrap()),
        event_type: event_type.to_owned(),
        content: serde_json::from_str(content).unwrap(),
    })
}

/// Types of what was set since a position, push rules left out unless they were set.
fn since(folded: &Folded, position: u64) -> Vec<String> {
    let rows = account_data::account_data_since(&*folded.rows(), user_id!("@alice:h"), position).unwrap();
    rows.into_iter().filter(|row| row.position > 0).map(|row| row.event_type).collect()
}

#[test]
fn what_was_set_is_found_once_at_its_newest_position() {
    let mut folded = Folded::of([set(None, "a", "{}"), set(Some("!r:h"), "b", "{}"), set(None, "c", "{}")]);
    assert_eq!(since(&folded, 0), ["a", "b", "c"]);
    assert_eq!(since(&folded, 2), ["c"]);
    folded.add(set(None, "a", r#"{"new":1}"#));
    assert_eq!(since(&folded, 0), ["b", "c", "a"]);
    assert_eq!(since(&folded, 4), Vec::<String>::new());
    let rows = folded.rows();
    let user = user_id!("@alice:h");
    assert_eq!(account_data::account_data(&*rows, user, None, "a").unwrap().unwrap().get(), r#"{"new":1}"#);
    assert_eq!(account_data::account_data_of(&*rows, user, Some(ruma::room_id!("!r:h"))).unwrap().len(), 1);
    assert!(account_data::account_data_since(&*rows, user_id!("@bob:h"), 1).unwrap().is_empty());
    folded.assert_replay_is_equal();
}

#[test]
fn a_first_sync_has_push_rules_and_later_ones_when_they_change() {
    let mut folded = Folded::of([set(None, "a", "{}")]);
    let has_rules = |folded: &Folded, position| {
        let rows = account_data::account_data_since(&*folded.rows(), user_id!("@alice:h"), position).unwrap();
        rows.iter().any(|row| row.event_type == "m.push_rules" && row.content.get().contains(".m.rule.master"))
    };
    assert!(has_rules(&folded, 0));
    assert!(!has_rules(&folded, 1));
    folded.add(set(None, "m.push_rules", r#"{"global":{}}"#));
    assert!(has_rules(&folded, 1), "with the server's rules of today, whatever was stored");
}

#[test]
fn pushers_end_with_their_session() {
    let user_id = user_id!("@alice:h").to_owned();
    let pusher = |device: &str, pushkey: &str| {
        Fact::PusherSet(PusherSet {
            user_id: user_id!("@alice:h").to_owned(),
            device_id: device.into(),
            app_id: "app".to_owned(),
            pushkey: pushkey.to_owned(),
            pusher: serde_json::from_str("{}").unwrap(),
        })
    };
    let folded = Folded::of([
        pusher("A", "1"),
        pusher("B", "2"),
        Fact::SessionClosed(SessionClosed { user_id, device_id: "A".into() }),
    ]);
    assert_eq!(push::pushers(&*folded.rows(), user_id!("@alice:h")).unwrap().len(), 1);
    folded.assert_replay_is_equal();
}

#[test]
fn a_pusher_goes_on_from_where_it_was_told_up_to() {
    let key = |pushkey: &str| (user_id!("@alice:h").to_owned(), "app".to_owned(), pushkey.to_owned());
    let set = |pusher: &str| {
        let ((user_id, app_id, pushkey), pusher) = (key("1"), serde_json::from_str(pusher).unwrap());
        Fact::PusherSet(PusherSet { user_id, device_id: "A".into(), app_id, pushkey, pusher })
    };
    let reached = |pushkey: &str, position: u64, unread: u32| {
        let (user_id, app_id, pushkey) = key(pushkey);
        Fact::PusherReached(PusherReached { app_id, position, pushkey, unread, user_id })
    };
    let mut folded = Folded::of([set("{}")]);
    for (fact, expected, what) in [
        (None, (1, 0), "nothing that was there before it is told"),
        (Some(reached("1", 7, 2)), (7, 2), "told"),
        (Some(reached("1", 5, 1)), (7, 1), "never taken back"),
        (Some(set(r#"{"lang":"en"}"#)), (7, 1), "set again"),
        (Some(reached("2", 9, 9)), (7, 1), "another one, that is not there"),
    ] {
        if let Some(fact) = fact {
            folded.add(fact);
        }
        let row = push::pusher(&*folded.rows(), &key("1")).unwrap().unwrap();
        assert_eq!((row.reached, row.unread), expected, "{what}");
    }
    let keys = push::pusher_keys(&*folded.rows(), Some(user_id!("@alice:h")), 9).unwrap();
    assert_eq!(keys, push::pusher_keys(&*folded.rows(), None, 9).unwrap());
    assert_eq!(keys, [key("1")]);
    folded.assert_replay_is_equal();
}

#[test]
fn media_is_awaited_and_then_there() {
    let user_id = user_id!("@alice:h").to_owned();
    let announced = MediaAnnounced { user_id: user_id.clone(), media_id: "m".to_owned(), expires_at_ms: 5 };
    let mut folded = Folded::of([Fact::MediaAnnounced(announced)]);
    let found = media::media(&*folded.rows(), "m").unwrap();
    assert!(matches!(found, Some(media::MediaRow::Awaited { .. })), "{found:?}");
    let uploaded = MediaUploaded {
        user_id,
        media_id: "m".to_owned(),
        digest: domain::user::TokenHash([1; 32]),
        size_bytes: 3,
        content_type: None,
        filename: None,
    };
    folded.add(Fact::MediaUploaded(uploaded.clone()));
    let found = media::media(&*folded.rows(), "m").unwrap();
    assert_eq!(found, Some(media::MediaRow::Uploaded { media: uploaded, position: 2 }));
    folded.assert_replay_is_equal();
}
