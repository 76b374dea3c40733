//! [`Payload`]: the body of a response on its way through hyper, and the head around it.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, SERVER as SERVER_FIELD};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use hyper::body::{Frame, SizeHint};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use weir_net::pages::Pages;

use crate::reply::{CORS, SERVER};
use crate::site::{Body, Reply};
use crate::switch::Switch;

/// Bytes of a file that are read at once.
const PIECE: usize = 64 * 1024;
/// Pieces of a file that wait for a slow client.
const PIECES: usize = 2;

/// The body of a response.
#[derive(Debug)]
pub(crate) enum Payload {
    /// A whole one, until it is sent.
    Whole(Option<Bytes>),
    /// The same, and where the kernel can send it from.
    Pages(Option<Bytes>, Arc<Pages>),
    /// Pieces, and how many bytes are to come when that is known.
    Pieces { pieces: mpsc::Receiver<io::Result<Bytes>>, left: Option<u64> },
}

impl hyper::body::Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Payload::Whole(bytes) | Payload::Pages(bytes, _) => {
                Poll::Ready(bytes.take().filter(|bytes| !bytes.is_empty()).map(|bytes| Ok(Frame::data(bytes))))
            }
            Payload::Pieces { pieces, left } => {
                let piece = std::task::ready!(pieces.poll_recv(cx));
                if let (Some(Ok(bytes)), Some(left)) = (&piece, left) {
                    *left = left.saturating_sub(bytes.len() as u64);
                }
                Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Payload::Whole(bytes) | Payload::Pages(bytes, _) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Payload::Pieces { left, .. } => *left == Some(0),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Payload::Whole(bytes) | Payload::Pages(bytes, _) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Payload::Pieces { left: Some(left), .. } => SizeHint::with_exact(*left),
            Payload::Pieces { left: None, .. } => SizeHint::default(),
        }
    }
}

/// The response to send for a reply, and what the connection goes on with if it leaves HTTP. Files are read on `control`.
pub(crate) async fn response(
    reply: Reply,
    cors: bool,
    is_head: bool,
    control: &Handle,
) -> (Response<Payload>, Option<Switch>) {
    let Reply { mut status, mut headers, body } = reply;
    let mut len = match &body {
        Body::Bytes(bytes) | Body::Pages(bytes, _) => Some(bytes.len() as u64),
        Body::File { len, head, .. } => Some(len.saturating_add(head.len() as u64)),
        Body::Stream(_) | Body::Switch(_) => None,
    };
    let mut switch = None;
    let payload = match body {
        Body::Switch(next) => {
            switch = Some(next);
            Payload::Whole(None)
        }
        _ if is_head => Payload::Whole(None),
        Body::Bytes(bytes) => Payload::Whole(Some(bytes)),
        Body::Pages(bytes, pages) => Payload::Pages(Some(bytes), pages),
        Body::Stream(pieces) => Payload::Pieces { pieces, left: None },
        Body::File { path, from, len: count, head } => match open(path, control).await {
            Ok(file) => Payload::Pieces { pieces: read_on(file, from, count, head, control), left: len },
            Err(error) => {
                let text = format!("the file cannot be read: {}", error.kind());
                (status, headers) = (StatusCode::FORBIDDEN, Reply::plain(status).headers);
                len = Some(text.len() as u64);
                Payload::Whole(Some(Bytes::from(text)))
            }
        },
    };
    // A 304 would have to give the length of what it does not send.
    if let Some(len) = len.filter(|_| status != StatusCode::NOT_MODIFIED) {
        headers.push((CONTENT_LENGTH, len.into()));
    }
    headers.push((SERVER_FIELD, HeaderValue::from_static(SERVER)));
    headers.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
    let mut response = Response::new(payload);
    *response.status_mut() = status;
    if cors {
        for (name, value) in CORS {
            // CORS stands before the others; a field of the same name from a site would be a second one.
            if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
                response.headers_mut().insert(name, HeaderValue::from_static(value));
            }
        }
    }
    for (name, value) in headers {
        response.headers_mut().append(name, value);
    }
    (response, switch)
}

async fn open(path: impl AsRef<Path> + Send + 'static, control: &Handle) -> io::Result<File> {
    control.spawn(File::open(path)).await.map_err(io::Error::other)?
}

/// Reads a range of a file on the control runtime, as fast as the pieces are taken.
fn read_on(file: File, from: u64, len: u64, head: Bytes, control: &Handle) -> mpsc::Receiver<io::Result<Bytes>> {
    let (sender, pieces) = mpsc::channel(PIECES);
    control.spawn(async move {
        if !head.is_empty() && sender.send(Ok(head)).await.is_err() {
            return;
        }
        if let Err(error) = read_range(file, from, len, &sender).await {
            // The client that went away does not hear it.
            let _ = sender.send(Err(error)).await;
        }
    });
    pieces
}

async fn read_range(mut file: File, from: u64, len: u64, pieces: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    file.seek(io::SeekFrom::Start(from)).await?;
    let mut file = file.take(len);
    while file.limit() > 0 {
        let mut piece = BytesMut::with_capacity(PIECE);
        if file.read_buf(&mut piece).await? == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file has become shorter"));
        }
        if pieces.send(Ok(piece.freeze())).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}
