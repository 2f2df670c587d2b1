//! One request over a connection of its own: how this program asks others, gateways and servers beside it.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, StatusCode, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// There is no whole answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// The other side has gone, or speaks something else.
    #[error("the connection was broken off: {0}")]
    BrokenOff(#[from] hyper::Error),
    /// What it answers does not end, or not soon enough.
    #[error("the answer is broken off, or longer than {most} bytes")]
    Body {
        /// So much would have been read.
        most: usize,
    },
}

/// Sends one request and reads its answer, of which at most `most` bytes.
///
/// # Errors
/// [`NoAnswer`]. How long it may take is for the caller to say.
pub(crate) async fn exchange<S>(
    stream: S,
    request: Request<Full<Bytes>>,
    most: usize,
) -> Result<(StatusCode, Bytes), NoAnswer>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let exchange = async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, most).collect().await.map_err(|_| NoAnswer::Body { most })?;
        Ok((head.status, body.to_bytes()))
    };
    tokio::pin!(exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        // It has ended; what it read is there still.
        _ = connection => exchange.await,
    }
}
