//! How many requests each endpoint has answered, how, and how long that took: what an admin's monitoring reads.
//!
//! Labels are the server's own words: routes as they were declared, never what a request names.

use std::time::Duration;

use axum::http::StatusCode;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

/// The bounds of what is told of durations, seconds: from what is answered from memory to the longest wait of a sync.
const BUCKETS_S: [f64; 9] = [0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 30.0, 60.0];

/// What has been counted since the start. Cheap to clone.
#[derive(Clone)]
pub struct Counters {
    requests: Family<Answered, Counter>,
    seconds: Family<Endpoint, Histogram, fn() -> Histogram>,
    refused: Family<Refused, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Endpoint {
    class: &'static str,
    method: &'static str,
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    class: &'static str,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS_S)),
            refused: Family::default(),
        }
    }
}

impl Counters {
    /// Counts one answer of an endpoint: class, method and route.
    pub(crate) fn count(
        &self,
        (class, method, route): (&'static str, &'static str, &'static str),
        status: StatusCode,
        took: Duration,
    ) {
        self.requests.get_or_create(&Answered { method, route, status: status.as_u16() }).inc();
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.refused.get_or_create(&Refused { class }).inc();
        }
        self.seconds.get_or_create(&Endpoint { class, method, route }).observe(took.as_secs_f64());
    }

    /// Lets what is counted here be read with `registry`.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("requests", "Requests answered, by endpoint and status", self.requests.clone());
        let help = "Time taken to answer, waits for news included";
        registry.register_with_unit("request_duration", help, Unit::Seconds, self.seconds.clone());
        let help = "Requests answered 429, as there were too many, by the class of their endpoints";
        registry.register("requests_refused", help, self.refused.clone());
    }
}
