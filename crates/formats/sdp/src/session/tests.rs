use super::*;
use crate::{Direction, Kind, Setup};

/// Reads a fixture, which has to survive being written and read again.
fn read(name: &str) -> Session {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    let text = std::fs::read_to_string(path).expect("a fixture");
    let session = Session::parse(&text).expect(name);
    assert_eq!(Session::parse(&text.replace("\r\n", "\n")).as_ref(), Ok(&session), "{name} with LF");
    let mut out = String::new();
    session.write_to(&mut out);
    assert_eq!(Session::parse(&out).as_ref(), Ok(&session), "{name} written and read again");
    session
}

/// A section in words: kind, mid, direction, payload types, extensions, SSRCs, rids, candidates.
fn words(media: &Media) -> String {
    let mid = media.mid.as_deref().unwrap_or("none");
    format!(
        "{} {mid} {}: {} types, {} extensions, {} sources, {} rids, {} candidates",
        media.kind.word(),
        media.direction.word(),
        media.payloads.len(),
        media.extensions.len(),
        media.sources.len(),
        media.rids.len(),
        media.candidates.len(),
    )
}

fn check(name: &str, expect: &[&str]) {
    let found: Vec<String> = read(name).media.iter().map(words).collect();
    assert_eq!(found, expect, "{name}");
}

#[test]
fn real_offers_are_read() {
    check(
        "chromium-recvonly.sdp",
        &[
            "audio 0 recvonly: 8 types, 4 extensions, 0 sources, 0 rids, 4 candidates",
            "video 1 recvonly: 34 types, 11 extensions, 0 sources, 0 rids, 4 candidates",
        ],
    );
    check(
        "chromium-simulcast.sdp",
        &[
            "audio 0 sendonly: 8 types, 4 extensions, 1 sources, 0 rids, 4 candidates",
            "video 1 sendonly: 23 types, 13 extensions, 0 sources, 3 rids, 4 candidates",
        ],
    );
    check(
        "ffmpeg-whip-no-candidates.sdp",
        &[
            "audio 0 sendonly: 1 types, 0 extensions, 1 sources, 0 rids, 0 candidates",
            "video 1 sendonly: 2 types, 0 extensions, 1 sources, 0 rids, 0 candidates",
        ],
    );
    check(
        "aiortc-publish.sdp",
        &[
            "audio 0 sendonly: 4 types, 2 extensions, 1 sources, 0 rids, 1 candidates",
            "video 1 sendonly: 6 types, 2 extensions, 2 sources, 0 rids, 1 candidates",
        ],
    );
    check(
        "firefox-by-hand-sendonly.sdp",
        &[
            "audio 0 sendonly: 5 types, 3 extensions, 1 sources, 0 rids, 0 candidates",
            "video 1 sendonly: 11 types, 5 extensions, 2 sources, 0 rids, 0 candidates",
        ],
    );
    check(
        "chromium-datachannel-beside.sdp",
        &[
            "audio 0 recvonly: 8 types, 4 extensions, 0 sources, 0 rids, 4 candidates",
            "video 1 recvonly: 34 types, 11 extensions, 0 sources, 0 rids, 4 candidates",
            "application 2 sendrecv: 0 types, 0 extensions, 0 sources, 0 rids, 4 candidates",
        ],
    );
}

#[test]
fn every_fixture_survives_being_written() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    for entry in std::fs::read_dir(folder).expect("fixtures") {
        read(&entry.expect("a fixture").file_name().to_string_lossy());
    }
}

#[test]
fn what_srs_writes_is_written_the_same() {
    for name in ["srs-answer-play.sdp", "srs-answer-publish.sdp"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
        let text = std::fs::read_to_string(path).expect("a fixture");
        let mut out = String::new();
        read(name).write_to(&mut out);
        assert_eq!(out, text, "{name}");
    }
}

#[test]
fn fields_of_a_browser_are_where_they_belong() {
    let session = read("chromium-simulcast.sdp");
    assert_eq!(session.groups, [Group { semantics: "BUNDLE".to_owned(), mids: vec!["0".to_owned(), "1".to_owned()] }]);
    assert!(session.extmap_allow_mixed && !session.ice_lite);
    let video = session.media.get(1).expect("video");
    assert_eq!(video.ice_ufrag.as_deref(), Some("DaJf"));
    assert_eq!(video.ice_options, ["trickle"]);
    assert_eq!(video.setup, Some(Setup::Actpass));
    assert!(video.rtcp_mux && video.rtcp_rsize && video.is_rtp());
    let h264 = video.payload(108).expect("H.264");
    assert_eq!((h264.encoding.as_str(), h264.clock_rate), ("H264", 90_000));
    assert_eq!(h264.parameter("profile-level-id"), Some("42e01f"));
    assert_eq!(h264.feedback, ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"]);
    let simulcast = video.simulcast.as_ref().expect("simulcast");
    let rids: Vec<&str> = simulcast.send.iter().flatten().map(|stream| stream.rid.as_str()).collect();
    assert_eq!(rids, ["q", "h", "f"]);
    assert_eq!(video.attribute("rtcp-xr"), Some("rcvr-rtt=all"));
    let audio = session.media.first().expect("audio");
    assert_eq!(audio.payload(111).expect("Opus").channels, Some(2));
    assert_eq!(audio.payload(0).expect("PCMU").clock_rate, 8_000);
}

#[test]
fn what_holds_for_the_session_holds_for_each_section() {
    let session = read("firefox-by-hand-sendonly.sdp");
    for media in &session.media {
        assert_eq!(media.fingerprints.len(), 1);
        assert_eq!(media.ice_options, ["trickle"]);
    }
    let text = format!(
        "v=0\r\na=recvonly\r\na=setup:active\r\na=fingerprint:sha-1 01:02\r\nc=IN IP4 10.0.0.1\r\n\
         m=video 9 RTP/AVP 96\r\nm=video 9 RTP/AVP 96\r\na=sendonly\r\na=fingerprint:sha-256 {}\r\n",
        ["AB"; 32].join(":")
    );
    let session = Session::parse(&text).expect("two sections");
    let [first, second] = session.media.as_slice() else { panic!("two sections") };
    assert_eq!((first.direction, second.direction), (Direction::RecvOnly, Direction::SendOnly));
    assert_eq!((first.setup, second.setup), (Some(Setup::Active), Some(Setup::Active)));
    assert_eq!(first.fingerprints.iter().map(|f| f.hash.as_str()).collect::<Vec<_>>(), ["sha-1"]);
    assert_eq!(second.fingerprints.iter().map(|f| f.hash.as_str()).collect::<Vec<_>>(), ["sha-256"]);
    assert_eq!(second.connection.as_deref(), Some("IN IP4 10.0.0.1"));
}

#[test]
fn what_is_too_much_is_refused() {
    let head = "v=0\r\nm=video 9 RTP/AVP 96\r\n";
    let check = |text: String, expect: &str| {
        assert_eq!(Session::parse(&text).map_err(|e| e.to_string()), Err(expect.to_owned()));
    };
    check(format!("{head}a=fmtp:96 {}\r\n", "x".repeat(64 * 1024)), "line 3 has 65546 bytes, at most 16384 are read");
    check(format!("{head}{}", "a=x\r\n".repeat(10_000)), "line 5001: more than 5000 lines");
    check("a".repeat(300_000), "session description has 300000 bytes, at most 262144 are read");
    check(format!("v=0\n{}", "m=video 9 RTP/AVP 96\n".repeat(129)), "line 130: more than 128 sections of media");
    // Twenty tracks of a browser pass.
    let line = "a=rtcp-fb:96 transport-cc\r\n".repeat(199);
    let big = format!("v=0\r\n{}", format!("m=video 9 RTP/AVP 96\r\n{line}").repeat(20));
    assert_eq!(Session::parse(&big).expect("twenty tracks").media.len(), 20);
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let check = |line: &str, expect: &str| {
        let text = format!("v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n{line}\r\n");
        assert_eq!(Session::parse(&text).map_err(|e| e.to_string()), Err(expect.to_owned()), "{line}");
    };
    check("hello", r#"line 3: expected a letter and =, found "hello""#);
    check("a=x\u{0}", "line 3 has control character 0x00");
    check("m=video", r#"line 3: expected m=: kind, port, protocol and formats, found "video""#);
    check("m=video 65536 RTP/AVP 0", r#"line 3: expected m=: a port from 0 to 65535, found "video 65536 RTP/AVP 0""#);
    check("m=video 9 RTP/AVP 128", r#"line 3: expected m=: payload types below 128, found "video 9 RTP/AVP 128""#);
    check("m=video 9 RTP/AVP 96 96", r#"line 3: expected m=: each payload type once, found "video 9 RTP/AVP 96 96""#);
    check("a=rtpmap:300 H264/90000", r#"line 3: expected a payload type below 128, found "rtpmap:300 H264/90000""#);
    check("a=rtpmap:96 H264", r#"line 3: expected rtpmap: a format and its clock rate, found "rtpmap:96 H264""#);
    check("a=ssrc:x cname:y", r#"line 3: expected ssrc: a number and an attribute, found "ssrc:x cname:y""#);
    check("a=ssrc-group:FID 1 x", r#"line 3: expected ssrc-group: semantics and numbers, found "ssrc-group:FID 1 x""#);
    check("a=rid:q sideways", r#"line 3: expected rid: a name, send or recv, found "rid:q sideways""#);
    check("a=simulcast:send", r#"line 3: expected simulcast: send or recv and rids, found "simulcast:send""#);
    check("a=simulcast:send q;;h", r#"line 3: expected simulcast: send or recv and rids, found "simulcast:send q;;h""#);
    check("a=setup:maybe", r#"line 3: expected setup: active, passive or actpass, found "setup:maybe""#);
    check(
        "a=fingerprint:sha-256 01:02",
        r#"line 3: expected a digest and its bytes in hex, found "fingerprint:sha-256 01:02""#,
    );
    check("a=ice-ufrag:ab", r#"line 3: expected an ice-ufrag of 4 to 256 characters, found "ice-ufrag:ab""#);
    check("a=ice-pwd:short", r#"line 3: expected an ice-pwd of 22 to 256 characters, found "ice-pwd:short""#);
    check("a=mid:a b", r#"line 3: expected a token as mid, found "mid:a b""#);
    check("a=extmap:x urn:y", r#"line 3: expected extmap: id and URI, found "extmap:x urn:y""#);
}

#[test]
fn what_is_no_description_is_refused() {
    let check = |text: &str, expect: &str| {
        assert_eq!(Session::parse(text).map_err(|e| e.to_string()), Err(expect.to_owned()), "{text}");
    };
    check("", "session description is empty");
    check("\r\n\r\n", "session description is empty");
    check("garbage", r#"line 1: expected a letter and =, found "garbage""#);
    check("v=1\r\n", r#"line 1: expected v=0 on the first line, found "1""#);
    check("o=- 0 0 IN IP4 0.0.0.0\r\n", r#"line 1: expected v=0 on the first line, found "- 0 0 IN IP4 0.0.0.0""#);
}

#[test]
fn what_others_leave_out_or_add_is_borne() {
    let text = "v=0\r\no=- 1\r\ns= \r\ni=title\r\nb=AS:500\r\nz=0\r\nm=video 9/2 RTP/AVP 96 \r\nk=x\r\n\r\n\
                a=rtpmap:97 of/1\r\na=rtcp-fb:* nack\r\na=candidate:1 1 dccp 1 1.2.3.4 5 typ host\r\na=control:track1\r\n";
    let session = Session::parse(text).expect("a camera's words");
    assert_eq!(session.origin.session_id, "1");
    assert_eq!(session.origin.version, "0");
    let media = session.media.first().expect("video");
    assert_eq!((media.kind.clone(), media.port), (Kind::Video, 9));
    assert_eq!(media.payload(96).expect("named").feedback, ["nack"]);
    assert_eq!(media.attribute("control"), Some("track1"));
    assert!(media.candidates.is_empty());
}

#[test]
fn control_characters_begin_no_line_of_their_own() {
    let session = Session { msid_semantic: Some("WMS live/a\r\na=ice-lite".to_owned()), ..Session::default() };
    let mut out = String::new();
    session.write_to(&mut out);
    assert!(!Session::parse(&out).expect("written").ice_lite, "{out}");
}
