//! Whole comparisons, and every way in which one can end.

use super::{Cause, Effect, Emoji, Input as I, Other, Stage as S, Verification, step};
use crate::trouble::Trouble;

const DOGS: [Emoji; 7] = [Emoji { symbol: "🐶", word: "Dog" }; 7];

fn bob() -> Other {
    Other::Person { user_id: "@bob:h".into(), name: "Bob".into() }
}

/// Where these inputs lead from nothing, and all that is to be done on the way.
fn run(inputs: impl IntoIterator<Item = I>) -> (Option<Verification>, Vec<Effect>) {
    let mut effects = Vec::new();
    let end = inputs.into_iter().fold(None, |now, input| {
        let (next, effect) = step(now, input);
        effects.extend(effect);
        next
    });
    (end, effects)
}

fn stage(inputs: impl IntoIterator<Item = I>) -> Option<S> {
    run(inputs).0.map(|now| now.stage)
}

#[test]
fn whoever_asks_starts_and_both_confirm() {
    let (end, effects) = run([I::Ask(bob()), I::Ready, I::Emoji(Box::new(DOGS)), I::Judge(true), I::Agreed, I::Done]);
    assert_eq!(end.map(|end| end.stage), Some(S::Done));
    assert_eq!(effects, [Effect::Ask, Effect::Start, Effect::Confirm]);
}

#[test]
fn whoever_is_asked_agrees_and_does_not_start() {
    let (end, effects) =
        run([I::Offer(bob()), I::Accept, I::Ready, I::Emoji(Box::new(DOGS)), I::Judge(true), I::Agreed, I::Done]);
    assert_eq!(end.map(|end| end.stage), Some(S::Done));
    assert_eq!(effects, [Effect::Accept, Effect::Confirm]);
}

#[test]
fn nothing_is_verified_that_was_not_confirmed_here() {
    for inputs in [vec![], vec![I::Ready], vec![I::Ready, I::Emoji(Box::new(DOGS))]] {
        let all = [I::Ask(bob())].into_iter().chain(inputs).chain([I::Agreed, I::Done]);
        assert!(!matches!(stage(all), Some(S::Agreed | S::Done)));
    }
    let confirmed = [I::Ask(bob()), I::Ready, I::Emoji(Box::new(DOGS)), I::Judge(true)];
    assert_eq!(stage(confirmed.into_iter().chain([I::Done])), Some(S::Confirmed), "before the other side agrees");
    assert_eq!(stage([I::Ask(bob()), I::Judge(true)]), Some(S::Asked), "there is nothing to confirm yet");
}

#[test]
fn a_mismatch_is_told_to_the_other_side_and_stays() {
    let (end, effects) = run([I::Ask(bob()), I::Ready, I::Emoji(Box::new(DOGS)), I::Judge(false), I::Done, I::Judge(true)]);
    assert_eq!(end.map(|end| end.stage), Some(S::Over(Cause::Mismatch)));
    assert_eq!(effects.last(), Some(&Effect::Mismatch));
}

#[test]
fn it_can_be_left_at_any_time() {
    let way = [I::Ask(bob()), I::Ready, I::Emoji(Box::new(DOGS)), I::Judge(true), I::Agreed];
    for length in 1..=way.len() {
        let (end, effects) = run(way[..length].iter().cloned().chain([I::Close]));
        assert_eq!((end, effects.last()), (None, Some(&Effect::Cancel)));
        let ended = |input| stage(way[..length].iter().cloned().chain([input]));
        assert_eq!(ended(I::Cancelled(Cause::Withdrawn)), Some(S::Over(Cause::Withdrawn)));
        assert_eq!(ended(I::TimedOut), Some(S::Over(Cause::TimedOut)));
        assert_eq!(ended(I::Failed(Trouble::Unreachable)), Some(S::Over(Cause::Trouble(Trouble::Unreachable))));
    }
}

#[test]
fn a_prompt_goes_when_it_was_answered_elsewhere_or_taken_back() {
    for cause in [Cause::Elsewhere, Cause::Withdrawn] {
        assert_eq!(stage([I::Offer(bob()), I::Cancelled(cause)]), None);
    }
    assert_eq!(run([I::Offer(bob()), I::TimedOut]), (None, vec![Effect::Cancel]));
    assert_eq!(run([I::Offer(bob()), I::Close]), (None, vec![Effect::Cancel]));
}

#[test]
fn one_at_a_time_and_the_next_after_the_end() {
    let eve = Other::Person { user_id: "@eve:h".into(), name: "Eve".into() };
    let (now, _) = run([I::Ask(bob()), I::Offer(eve.clone())]);
    assert_eq!(now.map(|now| now.other), Some(bob()));
    let (now, _) = run([I::Ask(bob()), I::TimedOut, I::Offer(eve.clone())]);
    assert_eq!(now.map(|now| (now.other, now.stage)), Some((eve, S::Offered)));
    assert_eq!(stage([I::Ask(bob()), I::TimedOut, I::Close]), None);
}

#[test]
fn no_emoji_is_no_comparison() {
    let (end, effects) = run([I::Ask(bob()), I::Ready, I::NoEmoji]);
    assert_eq!(end.map(|end| end.stage), Some(S::Over(Cause::NoCommonWay)));
    assert_eq!(effects.last(), Some(&Effect::Cancel));
}

#[test]
fn every_cause_has_words_and_the_alarming_ones_say_so() {
    let codes =
        ["m.user", "m.timeout", "m.accepted", "m.unknown_method", "m.mismatched_sas", "m.key_mismatch", "org.example"];
    for code in codes {
        let cause = Cause::from_code(code);
        for own in [true, false] {
            assert_eq!(cause.words("Bob", own).contains("don’t match"), cause.is_alarming(), "{code}");
        }
    }
}

#[test]
fn words_name_the_other_side() {
    let (now, _) = run([I::Offer(bob())]);
    let now = now.unwrap();
    assert!(now.offer().contains("Bob") && now.title().contains("Bob"));
    let (now, _) = run([I::Offer(Other::OwnDevice { id: "A".into(), name: "Firefox on Linux".into() })]);
    assert!(now.unwrap().offer().contains("Firefox on Linux"));
}
