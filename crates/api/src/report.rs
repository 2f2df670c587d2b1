//! What is told of a request once it is answered: counts, and a line for whoever runs the server. By its route, never by its
//! path, which names people and rooms.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use ruma::api::error::ErrorKind;
use tokio::time::Instant;

use crate::{
    counters::Counters,
    error::{Failure, standard},
    request_id::RequestId,
};

/// How long an answer takes that is told of, though nothing failed.
const SLOW: Duration = Duration::from_secs(1);

/// A request that is being answered.
pub(crate) struct Asked {
    /// The word of its class.
    pub(crate) class: &'static str,
    pub(crate) method: &'static str,
    pub(crate) route: &'static str,
    /// Whether it waits, or is as slow as the client's network.
    pub(crate) may_last: bool,
    pub(crate) id: RequestId,
    pub(crate) began: Instant,
}

impl Asked {
    /// Counts the answer and says what there is to say about it. An answer of a fault is given the id, by which an admin finds
    /// the line.
    pub(crate) fn answered(self, response: impl IntoResponse, counters: &Counters) -> Response {
        let mut response = response.into_response();
        let took = self.began.elapsed();
        counters.count((self.class, self.method, self.route), response.status(), took);
        let failure = response.extensions_mut().remove::<Failure>();
        self.tell(response.status().as_u16(), took, failure.as_ref());
        match failure {
            Some(Failure::Fault(_)) => self.with_id(),
            Some(Failure::Passing(_)) | None => response,
        }
    }

    /// One line for each request, at a level that says whether somebody should read it.
    fn tell(&self, status: u16, took: Duration, failure: Option<&Failure>) {
        let Self { method, route, may_last, id, .. } = self;
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let causes = failure.map(|(Failure::Fault(causes) | Failure::Passing(causes))| causes.as_str());
        // The level of a line is a constant in each place that has one.
        macro_rules! line {
            ($level:ident, $words:tt) => {
                tracing::$level!(
                    target: "request",
                    {
                        request.id = %id, http.method = method, http.route = route, http.status = status,
                        request.ms = ms, request.causes = causes
                    },
                    $words
                )
            };
        }
        match failure {
            Some(Failure::Fault(_)) => line!(error, "a request failed"),
            Some(Failure::Passing(_)) => line!(warn, "a request could not be served"),
            None if took >= SLOW && !*may_last => line!(info, "a request took long"),
            None => line!(debug, "a request was answered"),
        }
    }

    fn with_id(&self) -> Response {
        let message =
            format!("The server failed. Quote {} to its admin, who finds the cause in the server's output.", self.id);
        standard(500, ErrorKind::Unknown, &message)
    }
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Arc};

    use engine::SubmitError;
    use parking_lot::Mutex;
    use views::ViewFault;

    use super::*;
    use crate::error::ApiError;

    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that are told of an answer at level info, and the body of the answer.
    async fn told(answer: impl IntoResponse) -> (String, String) {
        let output = Output::default();
        let writer = output.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let counters = Counters::default();
        let response = tracing::subscriber::with_default(subscriber, || {
            let id = RequestId::of_proxy("id-7").unwrap();
            let (class, method, route, began) = ("read", "GET", "/rooms/{room_id}", Instant::now());
            Asked { class, method, route, may_last: false, id, began }.answered(answer, &counters)
        });
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let lines = String::from_utf8(output.0.lock().clone()).unwrap();
        (lines, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_fault_is_told_once_with_its_causes_and_a_client_only_its_id() {
        let device = io::Error::other("the device is gone");
        let fault = ViewFault::caused("a row does not read", device).within("a room does not read");
        let (lines, body) = told(ApiError::from(fault)).await;
        assert_eq!(lines.lines().count(), 1, "{lines}");
        for part in ["ERROR", "request.id=id-7", "GET", "/rooms/{room_id}", "http.status=500", "request.ms="] {
            assert!(lines.contains(part), "{part} in {lines}");
        }
        assert!(lines.contains("a room does not read: a row does not read: the device is gone"), "{lines}");
        assert!(body.contains("Quote id-7") && body.contains("M_UNKNOWN") && !body.contains("device"), "{body}");
    }

    #[tokio::test]
    async fn what_may_pass_is_a_warning_and_what_went_well_is_silent() {
        let (lines, body) = told(ApiError::from(SubmitError::Full)).await;
        assert!(lines.contains("WARN") && lines.lines().count() == 1, "{lines}");
        assert!(body.contains("disk is full"), "{body}");
        let (lines, _) = told("fine").await;
        assert_eq!(lines, "");
    }
}
