//! Commands, decisions and rejections: the shape every rule of the domain has.

use std::{borrow::Cow, hash::Hash};

use ruma::api::error::ErrorKind;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Context, Fact, Stream, lookup::LookupError};

/// What is decided on as one: the state that is folded from the facts of one stream.
///
/// Its JSON is a snapshot: read back, it decides and evolves as the state that was written. Equal states have equal JSON.
pub trait Aggregate: Clone + Default + Serialize + DeserializeOwned + Send + 'static {
    /// Raise it when the state's JSON or `evolve` changes: snapshots of another version are passed over.
    const SNAPSHOT_VERSION: u32;

    /// Names one of its kind.
    type Key: Clone + Eq + Hash + Send + Sync + 'static;

    /// The stream that holds its facts.
    fn stream(key: &Self::Key) -> Stream;

    /// Takes one fact in. Facts of other kinds than its own leave the state as it is.
    fn evolve(&mut self, fact: &Fact);
}

/// A request to change something. Deciding is pure: same state, command and context, same decision.
pub trait Command: Send + 'static {
    /// What it is decided on.
    type On: Aggregate;
    /// What the caller is told when the command is accepted.
    type Reply: Send + 'static;

    /// Which one it is decided on.
    fn key(&self) -> <Self::On as Aggregate>::Key;

    /// Accepts with facts, finds that it was done before, or rejects.
    ///
    /// # Errors
    /// A [`Rejection`] with the Matrix error code of the endpoint's spec section; nothing is written then.
    fn decide(self, state: &Self::On, context: &Context<'_>) -> Result<Decision<Self::Reply>, Rejection>;
}

/// What a command leads to when it is not rejected.
#[derive(Debug)]
pub enum Decision<R> {
    /// These facts become records, all or none, and then `reply` is given.
    Accept {
        /// At most 1,000, in the order of the log.
        facts: Vec<NewFact>,
        /// What the caller is told once the facts are synced and folded.
        reply: R,
    },
    /// The command was carried out before, or changes nothing: nothing is written.
    AlreadyDone(R),
}

impl<R> Decision<R> {
    /// Accepts facts that all belong to what was decided on.
    pub fn accept(facts: impl IntoIterator<Item = Fact>, reply: R) -> Self {
        Self::Accept { facts: facts.into_iter().map(NewFact::Own).collect(), reply }
    }
}

/// A fact that was decided, and whose it is.
#[derive(Clone, Debug)]
pub enum NewFact {
    /// It belongs to what was decided on.
    Own(Fact),
    /// It belongs to another stream. Safe where nothing is decided on that stream that the fact could contradict.
    Of(Stream, Fact),
}

impl NewFact {
    /// The fact with its stream, `own` being that of what was decided on.
    #[must_use]
    pub fn on(self, own: &Stream) -> (Stream, Fact) {
        match self {
            Self::Own(fact) => (own.clone(), fact),
            Self::Of(stream, fact) => (stream, fact),
        }
    }

    /// The fact.
    #[must_use]
    pub fn fact(&self) -> &Fact {
        match self {
            Self::Own(fact) | Self::Of(_, fact) => fact,
        }
    }
}

/// A refusal, with what a client is told (spec: "Standard error response").
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    /// HTTP status, 400 to 499; 507 for what there is no room for; 500 with a fault.
    pub status: u16,
    /// The Matrix error code and its extra fields.
    pub kind: ErrorKind,
    /// One sentence for a person, without secrets.
    pub message: Cow<'static, str>,
    /// Set when the command is not to blame: what the decision rests on could not be read. The server has a fault then.
    pub fault: Option<LookupError>,
}

impl From<LookupError> for Rejection {
    fn from(fault: LookupError) -> Self {
        let message = "The server could not read what this depends on.".into();
        Self { status: 500, kind: ErrorKind::Unknown, message, fault: Some(fault) }
    }
}

impl Rejection {
    /// A refusal with a status of its own.
    pub fn new(status: u16, kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, kind, message: message.into(), fault: None }
    }

    /// 403 `M_FORBIDDEN`.
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(403, ErrorKind::Forbidden, message)
    }

    /// 404 `M_NOT_FOUND`.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(404, ErrorKind::NotFound, message)
    }

    /// 400 `M_INVALID_PARAM`.
    pub fn invalid_param(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, ErrorKind::InvalidParam, message)
    }

    /// 400 `M_BAD_JSON`: well-formed JSON that does not have the fields the endpoint asks for.
    pub fn bad_json(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, ErrorKind::BadJson, message)
    }

    /// 400 `M_UNKNOWN`.
    pub fn unknown(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, ErrorKind::Unknown, message)
    }

    /// 413 `M_TOO_LARGE`.
    pub fn too_large(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(413, ErrorKind::TooLarge, message)
    }
}
