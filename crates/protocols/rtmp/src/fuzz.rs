//! Bodies for the fuzzer; a plain test replays its corpora.

use crate::Error;
use crate::chunk::{ChunkReader, Message};
use crate::server::{ConnectReply, Event, ServerConfig, ServerSession};
use std::time::Instant;

/// Splits are tried at every byte of inputs up to this, and at some of longer ones.
const EVERY_SPLIT: usize = 256;

/// Any bytes after a handshake are messages or an error, the same ones wherever the input is cut. Memory stays in
/// proportion to what came.
pub fn rtmp_chunk(data: &[u8]) {
    let whole = read_chunks(&[data]);
    for at in splits(data.len()) {
        let (a, b) = data.split_at(at);
        assert_eq!(read_chunks(&[a, b]), whole, "cut at {at}");
    }
    let bytes: Vec<&[u8]> = data.chunks(1).collect();
    assert_eq!(read_chunks(&bytes), whole, "byte by byte");
}

fn read_chunks(parts: &[&[u8]]) -> (Vec<Message>, Option<Error>) {
    let mut reader = ChunkReader::default();
    let mut messages = Vec::new();
    let mut came = 0;
    for part in parts {
        came += part.len();
        let mut input = *part;
        loop {
            match reader.read(&mut input) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(e) => return (messages, Some(e)),
            }
        }
        assert!(
            reader.reserved() <= 2 * came + crate::chunk::MAX_CHUNK_STREAMS * (16 << 10),
            "memory follows the input"
        );
    }
    (messages, None)
}

/// Any bytes to a server that says yes to everything end in the same events, output and error wherever they are cut.
pub fn rtmp_session(data: &[u8]) {
    let now = Instant::now();
    let whole = serve(now, &[data]);
    for at in splits(data.len()) {
        let (a, b) = data.split_at(at);
        assert_eq!(serve(now, &[a, b]), whole, "cut at {at}");
    }
}

/// A server session that gets the parts one after the other and accepts all that it is asked.
pub fn serve(now: Instant, parts: &[&[u8]]) -> (Vec<Event>, Vec<u8>, Option<Error>) {
    let mut session = ServerSession::new(ServerConfig::default(), now);
    let (mut events, mut output) = (Vec::new(), Vec::new());
    for part in parts {
        let mut result = session.handle_input(now, part);
        while let Some(event) = session.poll_event() {
            let answer = accept(&mut session, &event);
            result = result.and(answer);
            events.push(event);
        }
        while let Some(bytes) = session.poll_output() {
            output.extend_from_slice(&bytes);
        }
        if let Err(e) = result {
            return (events, output, Some(e));
        }
    }
    (events, output, None)
}

/// Yes to whatever a session asks.
pub fn accept(session: &mut ServerSession, event: &Event) -> Result<(), Error> {
    match event {
        Event::Connect(_) => session.accept_connect(&reply()),
        Event::Publish { .. } => session.accept_publish(),
        Event::Play { .. } => session.accept_play(),
        Event::Unpublish => session.unpublished(),
        _ => Ok(()),
    }
}

/// What SRS answers by default.
pub fn reply() -> ConnectReply {
    ConnectReply {
        window_ack: 2_500_000,
        in_ack_size: 0,
        peer_bandwidth: 2_500_000,
        chunk_size: 60_000,
        server_ip: "127.0.0.1".into(),
        pid: 23_453,
        id: "5t019071".into(),
    }
}

fn splits(len: usize) -> impl Iterator<Item = usize> {
    (0..=len).step_by((len / EVERY_SPLIT).max(1))
}

#[cfg(test)]
#[path = "../../../../fuzz/replay.rs"]
mod replay;
#[cfg(test)]
pub(crate) use replay::replay;
