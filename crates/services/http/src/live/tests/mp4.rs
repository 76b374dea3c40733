//! Fragmented MP4, and the recorded files of the same extension.

use super::*;

/// The sequence header of H.264 320x240 High.
const AVC: &[u8] =
    b"\x17\0\0\0\0\x01\x64\x00\x0d\xff\xe1\x00\x19\x67\x64\x00\x0d\xac\xd9\x41\x41\xfb\x01\x10\x00\x00\x03\
    \x00\x10\x00\x00\x03\x03\x20\xf1\x42\x99\x60\x01\x00\x06\x68\xeb\xe3\xcb\x22\xc0";
const FILE: &[u8] = b"0123456789";

/// A folder with `live/rec.mp4`, served beside streams whose mount has this extension.
fn start_beside_file(extension: &str) -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("live")).expect("a folder");
    std::fs::write(folder.path().join("live/rec.mp4"), FILE).expect("a file");
    let conf = CONF.replace("./nowhere", &folder.path().display().to_string());
    let mount = format!("http_remux {{ mount [vhost]/[app]/[stream].{extension};");
    (start(&conf.replace("http_remux {", &mount)), folder)
}

fn publish(server: &Server, stream: &str) -> Publisher {
    let mut publisher = server.publish("x", "live", stream);
    send(&mut publisher, TagKind::Video, 0, AVC);
    send(&mut publisher, TagKind::Audio, 0, AUDIO_CONFIG);
    send(&mut publisher, TagKind::Video, 0, KEY);
    send(&mut publisher, TagKind::Audio, 5, AUDIO);
    publisher
}

/// Plays until the publisher leaves, which comes before or behind the player.
fn play(server: &Server, request: &str, waits: bool) -> (String, Vec<u8>) {
    let early = (!waits).then(|| publish(server, "rec"));
    let mut socket = server.ask(request);
    server.wait_for_players(1);
    let publisher = early.unwrap_or_else(|| publish(server, "rec"));
    // One that leaves before anything was shown is not what is played.
    socket.peek(&mut [0]).expect("something to show");
    drop(publisher);
    split(&read_all(&mut socket))
}

/// The kinds of the boxes.
fn boxes(mut bytes: &[u8]) -> Vec<String> {
    let mut kinds = Vec::new();
    while let Some((len, rest)) = bytes.split_first_chunk() {
        kinds.push(String::from_utf8_lossy(&rest[..4]).into_owned());
        bytes = &bytes[u32::from_be_bytes(*len) as usize..];
    }
    kinds
}

const BOXES: [&str; 6] = ["ftyp", "moov", "moof", "mdat", "moof", "mdat"];

// row: http-api.md §5 Content types
#[test]
fn a_live_stream_is_there_as_fragmented_mp4() {
    for (extension, waits) in [("flv", false), ("mp4", false), ("mp4", true)] {
        let (server, _folder) = start_beside_file(extension);
        let (head, body) = play(&server, "GET /live/rec.mp4 HTTP/1.1\r\nHost: x\r\n\r\n", waits);
        assert!(head.contains("\r\nContent-Type: video/mp4\r\n"), "{head}");
        assert_eq!(boxes(&unchunk(&body)), BOXES, "{extension}, waits: {waits}");
    }
}

#[test]
fn a_websocket_carries_fragmented_mp4_piece_by_piece() {
    let (server, _folder) = start_beside_file("flv");
    let (head, body) = play(&server, &format!("GET /live/rec.mp4 HTTP/1.1\r\nHost: x\r\n{OPENING}\r\n"), false);
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    let (mut rest, mut pieces) = (&body[..], Vec::new());
    while let [0x82, len, ..] = *rest {
        let (at, len) =
            if len == 126 { (4, usize::from(rest[2]) << 8 | usize::from(rest[3])) } else { (2, len.into()) };
        pieces.push(boxes(&rest[at..at + len]));
        rest = &rest[at + len..];
    }
    assert_eq!(pieces, [vec!["ftyp", "moov"], vec!["moof", "mdat"], vec!["moof", "mdat"]]);
}

fn check_file(server: &Server, query: &str, field: &str, status: &str, expect: &[u8]) {
    let request = format!("GET /live/rec.mp4{query} HTTP/1.1\r\nHost: x\r\n{field}Connection: close\r\n\r\n");
    let (head, body) = split(&read_all(&mut server.ask(&request)));
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{query} {field}: {head}");
    assert!(head.to_ascii_lowercase().contains("\r\ncontent-type: video/mp4\r\n"), "{head}");
    assert_eq!(body, expect, "{query} {field}");
}

// row: http-api.md §5 MP4 range
#[test]
fn a_recorded_file_is_served_while_no_stream_has_its_name() {
    let (server, _folder) = start_beside_file("flv");
    let _other = publish(&server, "cam1");
    check_file(&server, "", "", "200", FILE);
    check_file(&server, "?start=5", "", "200", FILE);
    check_file(&server, "?range=2-4", "", "206", b"234");
    check_file(&server, "", "Range: bytes=7-\r\n", "206", b"789");
    // Where streams are waited for at that name, whoever seeks means the file.
    let (server, _folder) = start_beside_file("mp4");
    check_file(&server, "?start=5", "", "200", FILE);
    check_file(&server, "?bytes=7-", "", "206", b"789");
}
