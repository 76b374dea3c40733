//! A publisher of our own, which sends what no encoder would.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Instant;

use weir_flv::{Tag, TagReader};
use weir_proto_rtmp::ClientSession;
use weir_proto_rtmp::chunk::write::write_media;
use weir_proto_rtmp::client::{ClientConfig, Event, Goal};

use crate::http;

/// Publishes tags as they are, as fast as the server takes them. Dropping it ends the publish.
#[derive(Debug)]
pub struct TagPublisher {
    socket: TcpStream,
    session: ClientSession,
}

impl TagPublisher {
    /// Publishes `live/STREAM` on this port.
    #[track_caller]
    pub fn start(port: u16, stream: &str) -> Self {
        let config = ClientConfig {
            goal: Goal::Publish,
            tc_url: format!("rtmp://127.0.0.1:{port}/live"),
            app: "live".to_owned(),
            stream: stream.to_owned(),
            chunk_size: 60_000,
            ..ClientConfig::default()
        };
        let mut publisher = Self { socket: http::connect(port), session: ClientSession::new(config, Instant::now()) };
        let mut buffer = [0; 4096];
        loop {
            publisher.flush();
            match publisher.session.poll_event() {
                Some(Event::Publishing) => break,
                Some(Event::Refused { code, description }) => panic!("{code}: {description}"),
                Some(_) => continue,
                None => {}
            }
            let len = publisher.socket.read(&mut buffer).expect("the server answers");
            assert!(len > 0, "the server closed");
            publisher.session.handle_input(Instant::now(), &buffer[..len]).expect("the server speaks RTMP");
        }
        publisher.flush();
        publisher
    }

    /// Sends tags in their order.
    #[track_caller]
    pub fn send(&mut self, tags: &[Tag]) {
        let mut out = Vec::new();
        for tag in tags {
            write_media(&mut out, tag.kind, tag.timestamp_ms, &tag.body, self.session.out_chunk_size());
        }
        self.socket.write_all(&out).expect("the server takes media");
    }

    fn flush(&mut self) {
        while let Some(bytes) = self.session.poll_output() {
            self.socket.write_all(&bytes).expect("the server takes bytes");
        }
    }
}

/// The tags of an FLV file, moved so that the first frame has this time.
#[track_caller]
pub fn tags(file: &Path, from_ms: u32) -> Vec<Tag> {
    let mut reader = TagReader::new();
    reader.push(&std::fs::read(file).expect("an FLV file"));
    let mut tags: Vec<Tag> = std::iter::from_fn(|| reader.poll_tag().expect("an FLV file")).collect();
    tags.iter_mut().for_each(|tag| tag.timestamp_ms += from_ms);
    tags
}
