//! The machine alone, step by step.

use hearth_web_state::{
    session::{Effect as E, Input as I, Place as P, Session, Wait, Word},
    trouble::Trouble,
};

fn kept() -> Option<String> {
    Some("a".to_owned())
}

fn after(inputs: impl IntoIterator<Item = I>) -> (Session, Vec<E>) {
    let mut session = Session::default();
    let mut effects = Vec::new();
    for input in inputs {
        effects = session.step(input);
    }
    (session, effects)
}

fn open() -> Vec<I> {
    vec![I::Cleared { kept: kept() }, I::LeadGranted { kept: kept() }, I::Opened]
}

fn then(mut inputs: Vec<I>, more: impl IntoIterator<Item = I>) -> (P, Vec<E>) {
    inputs.extend(more);
    let (session, effects) = after(inputs);
    (session.place().clone(), effects)
}

#[test]
fn nothing_begins_before_the_last_log_out_is_finished() {
    let early = [I::LoggedIn { store: "a".into(), kept: None }, I::LeadGranted { kept: kept() }, I::UseItHere];
    for input in early {
        let (session, effects) = after([input]);
        assert_eq!((session.place(), effects), (&P::Clearing, vec![]));
    }
    let (session, effects) = after([I::Cleared { kept: None }, I::LoggedIn { store: "a".into(), kept: None }]);
    assert_eq!((session.place(), effects), (&P::Waiting(Wait::Short), vec![E::Save, E::AskForLead]));
}

#[test]
fn a_quicker_log_in_of_another_tab_stays() {
    let (session, effects) = after([I::Cleared { kept: None }, I::LoggedIn { store: "b".into(), kept: kept() }]);
    assert_eq!((session.place(), effects), (&P::Leaving, vec![E::DropNewSession, E::Reload]));
}

#[test]
fn the_servers_word_stops_and_forgets_nothing() {
    for is_soft in [true, false] {
        let (place, effects) = then(open(), [I::Refused { is_soft }]);
        assert_eq!((place, effects), (P::Lost { is_soft }, vec![E::Pause]));
        let (place, effects) = then(open(), [I::Refused { is_soft }, I::LoggedInAgain]);
        assert_eq!((place, effects), (P::Leaving, vec![E::Save, E::Reload]));
        let (_, effects) = then(open(), [I::Refused { is_soft }, I::Forget]);
        assert_eq!(effects, [E::Wipe { is_server_told: !is_soft }], "a person's word does");
    }
}

#[test]
fn the_lead_is_handed_over_and_asked_for_again() {
    let (place, effects) = then(open(), [I::Heard(Word::LetGo)]);
    assert_eq!((place, effects), (P::HandingOver, vec![E::Tell(Word::LettingGo), E::Pause]));
    let (place, effects) = then(open(), [I::Heard(Word::LetGo), I::Paused]);
    assert_eq!((place, effects), (P::Leaving, vec![E::Reload]));

    let waiting = || vec![I::Cleared { kept: kept() }, I::LeadIsSlow, I::UseItHere];
    assert_eq!(then(waiting(), []), (P::Waiting(Wait::Asked), vec![E::Tell(Word::LetGo), E::AwaitAnswer]));
    assert_eq!(then(waiting(), [I::NoAnswer]), (P::Waiting(Wait::Promised), vec![E::StealLead, E::AwaitLead]));
    let answered = [I::Heard(Word::LettingGo), I::NoAnswer];
    assert_eq!(then(waiting(), answered), (P::Waiting(Wait::Promised), vec![]), "whoever answers is not stolen from");
    // Another tab asked as well and got it.
    let (place, _) = then(waiting(), [I::Heard(Word::LettingGo), I::LeadIsSlow]);
    assert_eq!(place, P::Waiting(Wait::Long));
    let (place, effects) = then(waiting(), [I::NoAnswer, I::LeadLost]);
    assert_eq!((place, effects), (P::Leaving, vec![E::Pause, E::Reload]));
}

#[test]
fn what_another_tab_does_to_the_session_is_followed() {
    let other = I::StorageChanged { kept: None };
    for inputs in [open(), vec![I::Cleared { kept: kept() }, I::LeadIsSlow]] {
        assert_eq!(then(inputs, [other.clone()]), (P::Leaving, vec![E::Pause, E::Reload]));
    }
    assert_eq!(then(open(), [I::StorageChanged { kept: kept() }]), (P::Open, vec![]));
    assert_eq!(then(open(), [I::LogOut, other]), (P::LoggingOut, vec![]));
    let (place, _) = then(vec![I::Cleared { kept: kept() }], [I::LeadGranted { kept: None }]);
    assert_eq!(place, P::Leaving);
}

#[test]
fn what_cannot_be_opened_leaves_two_ways() {
    let failed = || vec![I::Cleared { kept: kept() }, I::LeadGranted { kept: kept() }, I::OpenFailed(Trouble::NoStorage)];
    assert_eq!(then(failed(), [I::TryAgain]), (P::Leaving, vec![E::Reload]));
    assert_eq!(then(failed(), [I::Forget]), (P::LoggingOut, vec![E::EndSession]));
}
