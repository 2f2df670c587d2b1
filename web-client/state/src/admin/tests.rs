//! What the server's own tests say that its answers are is read here, and told in words.

use serde::de::DeserializeOwned;

use super::*;

macro_rules! golden {
    ($name:literal) => {
        read(include_str!(concat!("../../../../tests/golden/admin/", $name)))
    };
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

#[test]
fn people_are_read_and_named() {
    let people: People = golden!("users.json");
    let [alice, bob] = people.users.as_slice() else { panic!("{people:?}") };
    assert_eq!((alice.name(), alice.mark()), ("alice", Some("Admin")));
    assert_eq!((bob.name(), bob.mark()), ("Bob", Some("Locked")));
    assert_eq!((people.next, people.limited), (None, false));
    let (devices, again): (Devices, Person) = (golden!("user.json"), golden!("user.json"));
    assert_eq!(again, *bob);
    assert_eq!(devices.device_list[0].name(), "PHONE");
    let with = |devices, media_bytes| Person { devices, media_bytes, ..bob.clone() }.belongings();
    assert_eq!(
        [with(0, 0), with(1, 1), with(2, 5 << 20)],
        ["No devices, no files", "1 device, 1 byte of files", "2 devices, 5 MB of files"]
    );
    let unnamed = Person { display_name: Some("  ".to_owned()), is_deactivated: true, ..bob.clone() };
    assert_eq!((unnamed.name(), unnamed.mark()), ("bob", Some("Closed")));
}

#[test]
fn the_ledger_is_told_in_sentences() {
    let ledger: Ledger = golden!("ledger.json");
    let told: Vec<_> = ledger.entries.iter().map(|entry| format!("{} {}", entry.who(), entry.what())).collect();
    assert_eq!(
        told,
        [
            "alice deactivated the account of bob and had it erased",
            "alice made carol an admin no more",
            "alice made carol an admin",
            "alice unlocked the account of bob",
            "alice locked the account of bob",
            "alice made a link for bob to set a new password",
            "alice took an invite back",
            "alice made an invite for 1 person",
            "Operator made alice an admin",
        ]
    );
    let newer: Entry =
        read(r#"{"position":1,"at_ms":2,"by":"@a:h","act":"account_painted_green","user_id":"@b:h","shade":7}"#);
    assert_eq!(newer.what(), "did “account painted green” to b");
}

#[test]
fn invites_that_count_come_first() {
    let invites: Invites = golden!("invites.json");
    let one = invites.invites[0].clone();
    assert_eq!((one.name(), one.used()), ("Grandma", "Not used yet".to_owned()));
    let of = |id: &str, made_at_ms, is_open, uses| Invite {
        id: id.to_owned(),
        made_at_ms,
        is_open,
        uses,
        uses_max: 2,
        note: None,
        ..one.clone()
    };
    let listed = Invites { invites: vec![of("a", 1, true, 0), of("b", 3, false, 2), of("c", 2, true, 1)] };
    let ordered: Vec<_> =
        listed.in_order().iter().map(|invite| format!("{} {}, {}", invite.id, invite.name(), invite.used())).collect();
    assert_eq!(ordered, ["c No note, 1 of 2 used", "a No note, 0 of 2 used", "b No note, 2 of 2 used"]);
}

#[test]
fn the_server_is_told_in_a_sentence() {
    let server: Server = golden!("server.json");
    assert_eq!(server.summary(), "It works, and one thing needs a look.");
    let order: Vec<_> = server.findings_in_order().iter().map(|finding| finding.outcome.word()).collect();
    assert_eq!(order, ["Warning", "OK"]);
    let with = |outcomes: &[Outcome]| {
        let finding = server.findings[0].clone();
        let findings = outcomes.iter().map(|outcome| Finding { outcome: *outcome, ..finding.clone() }).collect();
        Server { findings, ..server.clone() }.summary()
    };
    assert_eq!(with(&[Outcome::Ok]), "Everything is as it should be.");
    assert_eq!(with(&[Outcome::Warn, Outcome::Warn]), "It works, and 2 things need a look.");
    assert_eq!(with(&[Outcome::Warn, Outcome::Fail]), "One thing does not work.");
    let backups = server.backups.unwrap();
    assert_eq!(backups.size().as_deref(), Some("4.8 KB"));
    let every = |every_hours| Backups { every_hours, ..backups }.how_often();
    assert_eq!([every(1), every(24), every(72), every(36)], ["Every hour", "Every day", "Every 3 days", "Every 36 hours"]);
}

#[test]
fn growth_is_told_where_it_can_be_known() {
    let log: Log = golden!("log.json");
    let server: Server = golden!("server.json");
    // Two of seven records on the one day before today: two sevenths of the log's bytes.
    assert_eq!(growth(&log, &server.storage).unwrap().day_bytes, 285);
    let today_alone = Log { by_day: log.by_day[1..].to_vec(), ..log.clone() };
    assert_eq!(growth(&today_alone, &server.storage), None);
    let pace = |day_bytes, days_left| Growth { day_bytes, days_left }.words();
    assert_eq!(pace(2048, None), "About 2 KB a day");
    assert_eq!(pace(2048, Some(9)), "About 2 KB a day; the disk is full in 9 days");
    assert_eq!(pace(2048, Some(90)), "About 2 KB a day; the disk lasts 3 months");
    assert_eq!(pace(2048, Some(1_000)), "About 2 KB a day; the disk lasts 2 years");
}

#[test]
fn a_verification_is_told_as_it_goes() {
    let running: Verification = golden!("verification.json");
    assert_eq!(running.words().unwrap(), "3 of 7 records checked…");
    let with =
        |state, said: Option<&str>| Verification { state, said: said.map(ToOwned::to_owned), ..running.clone() }.words();
    assert_eq!(with(State::None, None), None);
    assert!(with(State::Ok, None).unwrap().contains("hold"));
    assert_eq!(with(State::Damaged, Some("position 7")).unwrap(), "The log is damaged: position 7");
    assert!(with(State::Failed, None).unwrap().contains("does not say"));
}

#[test]
fn records_are_read() {
    let records: Records = golden!("records.json");
    assert_eq!(records.records[1].kind, "room.pdu_added");
}

#[test]
fn numbers_and_names_read_well() {
    for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
        assert_eq!(grouped(number), text);
    }
    assert_eq!([counted(1, "day", "days"), counted(1_000, "day", "days")], ["1 day", "1,000 days"]);
    assert_eq!([short("@alice:h"), short("@alice:h:8448"), short("operator")], ["alice", "alice", "operator"]);
}

#[test]
fn every_act_says_what_comes_of_it() {
    for act in [Act::ResetLink, Act::Lock, Act::Unlock, Act::MakeAdmin, Act::UnmakeAdmin, Act::Deactivate, Act::Erase] {
        assert!(act.title("bob").contains("bob") && act.title("bob").ends_with('?'));
        assert!(act.text().ends_with('.') && !act.action().is_empty());
    }
    assert!(Act::ResetLink.text().contains("changes no keys"));
    assert!(Act::Deactivate.is_dangerous() && !Act::ResetLink.is_dangerous());
}

#[test]
fn an_erasure_is_told_as_it_goes() {
    let purging: Erasure = golden!("erasure.json");
    assert!(purging.state.goes_on() && purging.receipt.is_none());
    assert!(purging.state.words().contains("leaving the disk"));
    let done: Erasure = read(r#"{"state":"done","receipt":"{}","user_id":"@b:h"}"#);
    assert!(!done.state.goes_on() && done.receipt.is_some());
}
