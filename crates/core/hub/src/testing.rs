//! What tests of every floor above share. Compiled in every build like the fuzz bodies, so that it cannot rot.

use std::net::Ipv4Addr;

use weir_base::MediaTime;
use weir_flv::TagReader;

use crate::{ClientKind, Frame, Request};

/// What a client of this machine asks for who wants a stream of the app `live` on the default vhost.
pub fn request(kind: ClientKind, stream: &str) -> Request {
    Request {
        id: crate::connection_id(),
        kind,
        ip: Ipv4Addr::LOCALHOST.into(),
        is_local: true,
        vhost: String::new(),
        app: "live".to_owned(),
        stream: stream.to_owned(),
        name: stream.to_owned(),
        param: String::new(),
        tc_url: "rtmp://127.0.0.1/live".to_owned(),
        page_url: String::new(),
        swf_url: String::new(),
        bearer: None,
    }
}

/// The frames of an FLV file, `millis` later than they are there. What cannot be read ends it.
pub fn frames_at(file: &[u8], millis: i64) -> Vec<Frame> {
    let mut reader = TagReader::new();
    reader.push(file);
    let mut frames = Vec::new();
    while let Ok(Some(tag)) = reader.poll_tag() {
        let at = MediaTime::from_millis(i64::from(tag.timestamp_ms).saturating_add(millis));
        frames.push(Frame::from_flv(tag.kind, at, tag.body));
    }
    frames
}
