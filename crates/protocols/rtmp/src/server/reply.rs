//! The server's words: each function writes one reply, byte for byte as SRS 7.0.18 does but for the identity.

use crate::chunk::write::csid;
use crate::enhanced;
use crate::message::{Command, Control, MEDIA_STREAM, UserControl, kind};
use crate::transport::Transport;
use weir_flv::amf0::{self, Value};

/// Who the server says it is, in the fields that SRS puts into the connect result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `srs_sig`: the name of the software.
    pub sig: &'static str,
    /// `srs_server`: name and version.
    pub server: &'static str,
    /// `srs_license`.
    pub license: &'static str,
    /// `srs_url`.
    pub url: &'static str,
    /// `srs_version`.
    pub version: &'static str,
    /// `srs_authors`.
    pub authors: &'static str,
}

impl Default for Identity {
    fn default() -> Self {
        Identity {
            sig: "weir",
            server: concat!("weir/", env!("CARGO_PKG_VERSION")),
            license: "MIT OR Apache-2.0",
            url: "",
            version: env!("CARGO_PKG_VERSION"),
            authors: "the weir authors",
        }
    }
}

/// What the owner decides about a connection that it accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectReply {
    /// The client acknowledges every so many bytes (`out_ack_size`); 0 says nothing about it.
    pub window_ack: u32,
    /// The server acknowledges as if the client had announced this window (`in_ack_size`); 0 leaves it to the client.
    pub in_ack_size: u32,
    /// Bytes a second that the client may send, as a number that no client heeds.
    pub peer_bandwidth: u32,
    /// Payload bytes of the chunks to come (`chunk_size`).
    pub chunk_size: u32,
    /// `srs_server_ip`: the address that the client connected to.
    pub server_ip: String,
    /// `srs_pid`.
    pub pid: u32,
    /// `srs_id`: the id of the connection in logs and in the API.
    pub id: String,
}

/// The version that Flash clients look for.
const FMS_VERSION: &str = "3,5,3,888";
/// SRS: this is every client's id.
const CLIENT_ID: &str = "ASAICiss";

/// What the answer to `connect` repeats of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectCall {
    pub(super) transaction: f64,
    pub(super) object_encoding: f64,
    /// It spoke of Enhanced RTMP. SRS does not, so nobody else gets an answer about it.
    pub(super) is_enhanced: bool,
}

pub(super) fn connected(link: &mut Transport, call: ConnectCall, identity: &Identity, with: &ConnectReply) {
    for window in [with.window_ack, with.in_ack_size] {
        if window > 0 {
            link.control(Control::WindowAckSize(window));
        }
    }
    link.control(Control::PeerBandwidth { size: with.peer_bandwidth, limit: 2 });
    link.control(Control::SetChunkSize(with.chunk_size));
    let body = connect_result(call, identity, with);
    link.message(csid::CONNECTION, kind::COMMAND, 0, &body);
    command(link, csid::CONNECTION, 0, "onBWDone", 0.0, vec![Value::Null]);
}

fn connect_result(call: ConnectCall, identity: &Identity, with: &ConnectReply) -> Vec<u8> {
    let mut body = Vec::with_capacity(1024);
    // The specification says "an Object as one of the parameters"; some clients look into the one, some into the other.
    let can = || call.is_enhanced.then(enhanced::capabilities).into_iter().flatten();
    amf0::write_string(&mut body, "_result");
    amf0::write_number(&mut body, call.transaction);
    let properties = [
        ("fmsVer", Value::string(format!("FMS/{FMS_VERSION}"))),
        ("capabilities", Value::Number(127.0)),
        ("mode", Value::Number(1.0)),
    ];
    Value::object(properties.into_iter().chain(can())).write_to(&mut body);
    let info = [
        ("level", Value::string("status")),
        ("code", Value::string("NetConnection.Connect.Success")),
        ("description", Value::string("Connection succeeded")),
        ("objectEncoding", Value::Number(call.object_encoding)),
    ];
    Value::object(info.into_iter().chain(can())).write_to(&mut body);
    // The ECMA array comes inside of the object, and SRS announces 0 properties for it: so it goes in before the end
    // marker of the object, written by hand.
    body.truncate(body.len().saturating_sub(OBJECT_END.len()));
    body.extend_from_slice(b"\x00\x04data");
    amf0::write_ecma_array(&mut body, 0, &server_data(identity, with));
    body.extend_from_slice(OBJECT_END);
    body
}

const OBJECT_END: &[u8] = &[0, 0, 9];

fn server_data(identity: &Identity, with: &ConnectReply) -> Vec<(String, Value)> {
    let text = |name: &str, value: &str| (name.to_owned(), Value::string(value));
    vec![
        text("version", FMS_VERSION),
        text("srs_sig", identity.sig),
        text("srs_server", identity.server),
        text("srs_license", identity.license),
        text("srs_url", identity.url),
        text("srs_version", identity.version),
        text("srs_authors", identity.authors),
        text("srs_server_ip", &with.server_ip),
        ("srs_pid".to_owned(), Value::Number(f64::from(with.pid))),
        text("srs_id", &with.id),
    ]
}

pub(super) fn connect_refused(link: &mut Transport, transaction: f64, description: &str) {
    let info = status("error", "NetConnection.Connect.Rejected", description);
    command(link, csid::CONNECTION, 0, "_error", transaction, vec![Value::Null, Value::object(info)]);
}

pub(super) fn stream_created(link: &mut Transport, transaction: f64) {
    let stream = Value::Number(f64::from(MEDIA_STREAM));
    command(link, csid::CONNECTION, 0, "_result", transaction, vec![Value::Null, stream]);
}

/// To `releaseStream` and `FCPublish`.
pub(super) fn announced(link: &mut Transport, transaction: f64) {
    command(link, csid::CONNECTION, 0, "_result", transaction, vec![Value::Null, Value::Undefined]);
}

/// To a call that nothing is known about, if it wants an answer.
pub(super) fn empty_result(link: &mut Transport, transaction: f64) {
    if transaction > 0.0 {
        command(link, csid::CONNECTION, 0, "_result", transaction, vec![Value::Null, Value::Null]);
    }
}

pub(super) fn fc_published(link: &mut Transport) {
    let info = [
        ("code", Value::string("NetStream.Publish.Start")),
        ("description", Value::string("Started publishing stream.")),
    ];
    command(link, csid::STREAM, MEDIA_STREAM, "onFCPublish", 0.0, vec![Value::Null, Value::object(info)]);
}

pub(super) fn publish_started(link: &mut Transport) {
    let mut info = status("status", "NetStream.Publish.Start", "Started publishing stream.");
    info.push(("clientid", Value::string(CLIENT_ID)));
    on_status(link, info);
}

pub(super) fn unpublished(link: &mut Transport, transaction: f64) {
    let info = [
        ("code", Value::string("NetStream.Unpublish.Success")),
        ("description", Value::string("Stop publishing stream.")),
    ];
    command(link, csid::STREAM, MEDIA_STREAM, "onFCUnpublish", 0.0, vec![Value::Null, Value::object(info)]);
    let empty = vec![Value::Null, Value::Undefined];
    command(link, csid::CONNECTION, MEDIA_STREAM, "_result", transaction, empty);
    let mut info = status("status", "NetStream.Unpublish.Success", "Stream is now unpublished");
    info.push(("clientid", Value::string(CLIENT_ID)));
    on_status(link, info);
}

pub(super) fn play_started(link: &mut Transport) {
    link.control(Control::User(UserControl::StreamBegin(MEDIA_STREAM)));
    for (code, description) in
        [("NetStream.Play.Reset", "Playing and resetting stream."), ("NetStream.Play.Start", "Started playing stream.")]
    {
        let mut info = status("status", code, description);
        info.push(("details", Value::string("stream")));
        info.push(("clientid", Value::string(CLIENT_ID)));
        on_status(link, info);
    }
    let mut access = Vec::new();
    amf0::write_string(&mut access, "|RtmpSampleAccess");
    Value::Boolean(true).write_to(&mut access);
    Value::Boolean(true).write_to(&mut access);
    link.message(csid::STREAM, kind::DATA, MEDIA_STREAM, &access);
}

pub(super) fn paused(link: &mut Transport, paused: bool) {
    let info = match paused {
        true => status("status", "NetStream.Pause.Notify", "Paused stream."),
        false => status("status", "NetStream.Unpause.Notify", "Unpaused stream."),
    };
    on_status(link, info);
}

/// To `publish` or `play`.
pub(super) fn refused(link: &mut Transport, code: &str, description: &str) {
    let mut info = status("error", code, description);
    info.push(("clientid", Value::string(CLIENT_ID)));
    on_status(link, info);
}

pub(super) fn redirect(link: &mut Transport, tc_url: &str, full_url: &str) {
    let mut info = status("error", "NetConnection.Connect.Rejected", "RTMP 302 Redirect");
    let ex =
        [("code", Value::Number(302.0)), ("redirect", Value::string(tc_url)), ("redirect2", Value::string(full_url))];
    info.push(("ex", Value::object(ex)));
    on_status(link, info);
}

fn status(level: &str, code: &str, description: &str) -> Vec<(&'static str, Value)> {
    vec![("level", Value::string(level)), ("code", Value::string(code)), ("description", Value::string(description))]
}

fn on_status(link: &mut Transport, info: Vec<(&'static str, Value)>) {
    command(link, csid::STREAM, MEDIA_STREAM, "onStatus", 0.0, vec![Value::Null, Value::object(info)]);
}

fn command(link: &mut Transport, csid: u8, stream_id: u32, name: &str, transaction: f64, args: Vec<Value>) {
    link.command(csid, stream_id, &Command { name: name.to_owned(), transaction, args });
}
