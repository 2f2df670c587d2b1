//! Decides on two states at once: one has taken in the facts as they were decided, the other as they were read back.

use std::{collections::BTreeSet, fmt::Debug};

use domain::{Aggregate, Command, Context, Decision, Entropy, Fact, NewFact, Policy, Rejection, Stream};
use ruma::{MilliSecondsSinceUnixEpoch, UInt, server_name, signatures::Ed25519KeyPair};

use crate::{
    known::Known,
    record::{check_unit, reread},
};

/// Two states that must never differ.
#[derive(Clone, Default)]
pub(crate) struct Twins<S> {
    decided: S,
    reread: S,
}

impl<S: Aggregate> Twins<S> {
    /// The states that facts lead to.
    pub(crate) fn given(facts: impl IntoIterator<Item = Fact>) -> Self {
        let mut twins = Self::default();
        facts.into_iter().for_each(|fact| twins.take(&fact));
        twins
    }

    /// Takes one fact in.
    pub(crate) fn take(&mut self, fact: &Fact) {
        self.decided.evolve(fact);
        self.reread.evolve(&reread(fact));
    }

    /// Does the same to both, where there are too many facts to read each back.
    pub(crate) fn each(&mut self, change: impl Fn(&mut S)) {
        change(&mut self.decided);
        change(&mut self.reread);
    }
}

/// The surroundings of decisions.
pub(crate) struct World {
    /// What is known beside the states.
    pub(crate) known: Known,
    /// The admin's choices.
    pub(crate) policy: Policy,
    /// The time.
    pub(crate) now_ms: UInt,
    key: Ed25519KeyPair,
    decisions: u64,
    reached: BTreeSet<&'static str>,
}

impl World {
    /// Somewhere in which nothing has happened, and unencrypted content is let through.
    pub(crate) fn new() -> Self {
        Self {
            known: Known::default(),
            policy: Policy { require_encryption: false, ..Policy::default() },
            now_ms: UInt::from(1_000_u32),
            key: Ed25519KeyPair::from_der(&Ed25519KeyPair::generate(), "1".to_owned()).unwrap(),
            decisions: 0,
            reached: BTreeSet::new(),
        }
    }

    /// The kinds of facts that were decided.
    pub(crate) fn reached(self) -> BTreeSet<&'static str> {
        self.reached
    }

    /// Decides, and takes in what belongs to the states. Gives all facts. The same command again must find the states alike.
    pub(crate) fn accept<C>(&mut self, twins: &mut Twins<C::On>, command: C) -> Vec<Fact>
    where
        C: Command<Reply: Debug> + Clone,
    {
        let facts = self.accept_once(twins, command.clone());
        drop(self.compare(twins, command));
        facts
    }

    /// The same for commands that take long.
    pub(crate) fn accept_once<C: Command<Reply: Debug> + Clone>(
        &mut self,
        twins: &mut Twins<C::On>,
        command: C,
    ) -> Vec<Fact> {
        let own = C::On::stream(&command.key());
        let facts = match self.compare(twins, command) {
            Ok(Decision::Accept { facts, .. }) => facts,
            Ok(Decision::AlreadyDone(reply)) => panic!("there was nothing to decide: {reply:?}"),
            Err(rejection) => panic!("refused: {rejection:?}"),
        };
        let facts: Vec<(Stream, Fact)> = facts.into_iter().map(|new| new.on(&own)).collect();
        check_unit(&facts);
        for (stream, fact) in &facts {
            self.reached.insert(fact.encode().unwrap().kind);
            match *stream == own {
                true => twins.take(fact),
                false => drop(reread(fact)),
            }
        }
        self.decisions += 1;
        facts.into_iter().map(|(_, fact)| fact).collect()
    }

    /// Makes sure that a command is refused with this error code.
    pub(crate) fn refuse<C>(&self, twins: &Twins<C::On>, command: C, code: &str)
    where
        C: Command<Reply: Debug> + Clone,
    {
        match self.compare(twins, command) {
            Err(rejection) => {
                assert!((400..500).contains(&rejection.status), "{rejection:?}");
                assert_eq!(rejection.kind.errcode().to_string(), code, "{rejection:?}");
            }
            Ok(Decision::AlreadyDone(reply)) => panic!("not refused with {code}, but done before: {reply:?}"),
            Ok(Decision::Accept { facts, .. }) => panic!("not refused with {code}: {} facts", facts.len()),
        }
    }

    /// Makes sure that a command changes nothing; gives what the caller is told.
    pub(crate) fn pass<C: Command<Reply: Debug> + Clone>(&self, twins: &Twins<C::On>, command: C) -> C::Reply {
        match self.compare(twins, command) {
            Ok(Decision::AlreadyDone(reply)) => reply,
            Ok(Decision::Accept { facts, .. }) => panic!("{} facts where nothing was to be done", facts.len()),
            Err(rejection) => panic!("refused: {rejection:?}"),
        }
    }

    /// Decides on both states. The outcome must be the same.
    fn compare<C>(&self, twins: &Twins<C::On>, command: C) -> Result<Decision<C::Reply>, Rejection>
    where
        C: Command<Reply: Debug> + Clone,
    {
        let one = command.clone().decide(&twins.decided, &self.context());
        let other = command.decide(&twins.reread, &self.context());
        let replies = match (&one, &other) {
            (Ok(Decision::Accept { facts, reply }), Ok(Decision::Accept { facts: same, reply: other })) => {
                assert!(facts.len() == same.len() && facts.iter().zip(same).all(|(one, other)| is_same(one, other)));
                [format!("{reply:?}"), format!("{other:?}")]
            }
            (Ok(Decision::AlreadyDone(reply)), Ok(Decision::AlreadyDone(other))) => {
                [format!("{reply:?}"), format!("{other:?}")]
            }
            (one, other) => [one, other].map(|outcome| format!("{:?}", outcome.as_ref().map(drop))),
        };
        assert_eq!(replies[0], replies[1], "the states differ");
        one
    }

    fn context(&self) -> Context<'_> {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.decisions.to_be_bytes());
        Context {
            now: MilliSecondsSinceUnixEpoch(self.now_ms),
            entropy: Entropy::new(seed),
            server_name: server_name!("h"),
            signing_key: &self.key,
            policy: &self.policy,
            lookup: &self.known,
        }
    }
}

fn is_same(one: &NewFact, other: &NewFact) -> bool {
    let is_same_stream = match (one, other) {
        (NewFact::Own(_), NewFact::Own(_)) => true,
        (NewFact::Of(one, _), NewFact::Of(other, _)) => one == other,
        _ => false,
    };
    is_same_stream && one.fact().encode().unwrap().payload == other.fact().encode().unwrap().payload
}
