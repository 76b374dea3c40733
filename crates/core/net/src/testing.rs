//! What tests and benches of the fan-out share: a hub, clients, and frames of a real stream's shape.
//!
//! Compiled in every build like the fuzz bodies, so that it cannot rot.

use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use weir_base::MediaTime;
use weir_conf::{Config, Env, Facts, Live, Source};
use weir_flv::tag::TagKind;
use weir_hub::testing::request;
use weir_hub::{ClientKind, Flags, Frame, Hub, Publisher, Subscriber};

use crate::fanout::{Alike, Fanout, Flow, Framing};
use crate::gather::Gather;

/// A hub whose default vhost has these `play` settings; timestamps pass as published unless they say otherwise.
pub fn hub(play: &str) -> Arc<Hub> {
    let text = format!("listen 1935; vhost __defaultVhost__ {{ play {{ {play} time_jitter off; }} }}");
    let source = Source::Text { name: "test".to_owned(), text };
    let loaded = Config::load(source, &Env::default(), &Facts::default());
    Hub::new(Live::new(loaded.expect("the settings are the caller's own").config))
}

/// The fan-out of a shard that is always calm.
pub fn fanout() -> Rc<Fanout> {
    Fanout::new(100, Arc::default())
}

/// The publisher of the one stream.
pub async fn publish(hub: &Arc<Hub>) -> Publisher {
    hub.publish(&request(ClientKind::FmlePublish, "cam")).await.expect("nobody else publishes")
}

/// A player of the one stream.
pub async fn play(hub: &Arc<Hub>) -> Subscriber {
    hub.subscribe(&request(ClientKind::RtmpPlay, "cam")).await.expect("everybody may play")
}

/// An H.264 picture of `fill` bytes beyond its head.
pub fn picture(millis: i64, key: bool, fill: usize) -> Frame {
    let mut body = vec![if key { 0x17 } else { 0x27 }, 1, 0, 0, 0];
    body.resize(5 + fill, b'x');
    Frame::from_flv(TagKind::Video, MediaTime::from_millis(millis), Bytes::from(body))
}

/// Both ends of a connection: the server's, and the player's.
pub async fn connection() -> (Rc<TcpStream>, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
    let addr = listener.local_addr().expect("the listener is bound");
    let player = TcpStream::connect(addr).await.expect("the listener listens");
    let (ours, _) = listener.accept().await.expect("the player connected");
    (Rc::new(ours), player)
}

/// A framing that can be read: `^` first, then `<TIME:` body `>` for each frame, `.` at the end.
#[derive(Debug)]
pub struct Brackets;

impl Framing for Brackets {
    fn begin(&mut self, pending: &mut dyn Iterator<Item = &Frame>, out: &mut Vec<u8>) -> bool {
        let begins = pending.next().is_some();
        if begins {
            out.push(b'^');
        }
        begins
    }

    fn wrap<'a>(&mut self, frame: &'a Frame, timestamp: u32, out: &mut Gather<'a>) -> Flow {
        if frame.flags.has(Flags::END) {
            out.head(|scratch| scratch.push(b'.'));
            return Flow::Close;
        }
        out.head(|scratch| {
            use std::io::Write;
            // Writing to memory does not fail.
            let _ = write!(scratch, "<{timestamp}:");
        });
        out.body(frame.flv(), 0, frame.flv().len());
        out.head(|scratch| scratch.push(b'>'));
        Flow::Continue
    }

    fn alike(&self) -> Option<Alike> {
        Some(Alike { protocol: "brackets", shape: 0, stamp: |_, frame, timestamp| restamp(frame, timestamp) })
    }
}

/// Writes a time of as many digits over that of a frame.
fn restamp(frame: &mut [u8], mut timestamp: u32) -> bool {
    let digits = frame.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    if timestamp.checked_ilog10().map_or(1, |log| log as usize + 1) != digits {
        return false;
    }
    for place in frame.iter_mut().skip(1).take(digits).rev() {
        *place = b'0' + (timestamp % 10) as u8;
        timestamp /= 10;
    }
    true
}

/// Whether a framing's stamp makes of a frame that was wrapped with one timestamp what wrapping it with another makes.
/// Nothing when it says that the other does not fit.
pub fn stamps_alike(framing: &mut dyn Framing, frame: &Frame, old: u32, new: u32) -> Option<bool> {
    let mut wrap = |timestamp| {
        let (mut gather, mut bytes) = (Gather::default(), Vec::new());
        framing.wrap(frame, timestamp, &mut gather);
        gather.copy_to(&mut bytes);
        bytes
    };
    let (mut stamped, expect) = (wrap(old), wrap(new));
    let Alike { shape, stamp, .. } = framing.alike()?;
    stamp(shape, &mut stamped, new).then(|| stamped == expect)
}
