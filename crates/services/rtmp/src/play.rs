//! A player behind TLS, served by its own session.

use std::io;
use std::time::{Duration, Instant};

use weir_hub::Subscriber;
use weir_net::fanout::{cut_if_late, fill};

use crate::framing::Messages;
use crate::wire::Wire;

/// How often a player that takes nothing is compared with its limits.
const LOOK: Duration = Duration::from_secs(1);

/// A player and the bytes that its cipher is given next.
#[derive(Debug)]
pub(crate) struct Lone {
    subscriber: Subscriber,
    framing: Messages,
    begun: bool,
    paused: bool,
    buffer: Vec<u8>,
}

impl Lone {
    pub(crate) fn new(subscriber: Subscriber, framing: Messages) -> Lone {
        Lone { subscriber, framing, begun: false, paused: false, buffer: Vec::new() }
    }

    pub(crate) fn subscriber(&self) -> &Subscriber {
        &self.subscriber
    }

    pub(crate) fn pause(&mut self, paused: bool) {
        if self.paused && !paused {
            let stream = self.subscriber.stream().clone();
            self.subscriber.cursor.resume(&stream, Instant::now());
        }
        self.paused = paused;
    }

    /// Waits until there is something to send; forever while paused.
    pub(crate) async fn ready(&mut self) {
        if self.paused {
            std::future::pending::<()>().await;
        }
        self.subscriber.ready().await;
    }

    /// Sends what is pending. A player that takes nothing falls behind within its limits, not beyond.
    pub(crate) async fn send(&mut self, wire: &mut Wire) -> io::Result<()> {
        self.buffer.clear();
        fill(&mut self.subscriber, &mut self.framing, &mut self.begun, &mut self.buffer);
        let mut written = std::pin::pin!(wire.write_all(&self.buffer));
        loop {
            tokio::select! {
                result = &mut written => {
                    result?;
                    break;
                }
                () = tokio::time::sleep(LOOK) => cut_if_late(&mut self.subscriber),
            }
        }
        let bytes = self.buffer.len() as u64;
        self.subscriber.client().traffic.sent(bytes);
        self.subscriber.stream().count_sent(bytes);
        Ok(())
    }
}
