//! Commands, decisions and rejections: the shape every rule of the domain has.

use std::borrow::Cow;

use ruma::api::error::ErrorKind;

use crate::{Context, Fact, Stream};

/// What one lane decides on: folded from the facts of its stream.
pub trait State: Default + Send + 'static {
    /// Takes one fact in. Facts of other kinds than its own leave the state as it is.
    fn evolve(&mut self, fact: &Fact);
}

/// A request to change something. Deciding is pure: same state, command and context, same decision.
pub trait Command: Send + 'static {
    /// The state of the lane that decides.
    type State: State;
    /// What the caller is told when the command is accepted.
    type Reply: Send + 'static;

    /// Accepts with facts, finds that it was done before, or rejects.
    ///
    /// # Errors
    /// A [`Rejection`] with the Matrix error code of the endpoint's spec section; nothing is written then.
    fn decide(self, state: &Self::State, context: &Context<'_>) -> Result<Decision<Self::Reply>, Rejection>;
}

/// What a command leads to when it is not rejected.
#[derive(Debug)]
pub enum Decision<R> {
    /// These facts become records, all or none, and then `reply` is given.
    Accept {
        /// At most 1,000, each with the stream it belongs to.
        facts: Vec<(Stream, Fact)>,
        /// What the caller is told once the facts are synced and folded.
        reply: R,
    },
    /// The command was carried out before, or changes nothing: nothing is written.
    AlreadyDone(R),
}

impl<R> Decision<R> {
    /// Accepts facts that all belong to one stream.
    pub fn accept(stream: &Stream, facts: impl IntoIterator<Item = Fact>, reply: R) -> Self {
        Self::Accept { facts: facts.into_iter().map(|fact| (stream.clone(), fact)).collect(), reply }
    }
}

/// A refusal, with what a client is told (spec: "Standard error response").
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    /// HTTP status, 400 to 499.
    pub status: u16,
    /// The Matrix error code and its extra fields.
    pub kind: ErrorKind,
    /// One sentence for a person, without secrets.
    pub message: Cow<'static, str>,
}

impl Rejection {
    /// A refusal with a status of its own.
    pub fn new(status: u16, kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, kind, message: message.into() }
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
