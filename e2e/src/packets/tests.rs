use super::*;

fn track(hashes: &str, dts: i64) -> Vec<Packet> {
    let packet = |(index, hash): (usize, char)| {
        let dts = dts + 40 * index as i64;
        Packet { pts: dts, dts, key: hash == 'K', size: 1, hash: hash.to_string() }
    };
    hashes.chars().enumerate().map(packet).collect()
}

fn packets(video: &str, audio: &str, dts: i64) -> Packets {
    Packets { video: track(video, dts), audio: track(audio, dts), tracks: vec!["h264".to_owned()] }
}

fn fails(check: impl FnOnce() + std::panic::UnwindSafe) -> bool {
    std::panic::catch_unwind(check).is_err()
}

#[test]
fn compact_lines_of_ffprobe() {
    let text = "packet|codec_type=video|pts=80|dts=0|size=4109|flags=K_|data_hash=MD5:1d\n\
                packet|codec_type=audio|pts=57|dts=57|size=133|flags=K_|data_hash=MD5:d1\n\
                stream|codec_name=h264|extradata_hash=MD5:58\nstream|codec_name=aac|extradata_hash=MD5:93\n";
    let packets = Packets::parse(text);
    let video = Packet { pts: 80, dts: 0, key: true, size: 4109, hash: "MD5:1d".to_owned() };
    assert_eq!(packets.video, [video]);
    assert_eq!(packets.audio.len(), 1);
    assert_eq!(packets.tracks, ["aac MD5:93", "h264 MD5:58"]);
}

#[test]
fn same_but_for_one_offset() {
    let sent = packets("KabKcd", "123456", 0);
    sent.assert_same("here", &packets("KabKcd", "123456", 700));
    assert!(fails(|| packets("Kab", "123", 0).assert_same("here", &packets("Kax", "123", 0))), "another packet");
    assert!(fails(|| packets("Kab", "123", 0).assert_same("here", &packets("Ka", "123", 0))), "a lost packet");
    let late = Packets { audio: track("123", 40), ..packets("Kab", "", 0) };
    assert!(fails(|| packets("Kab", "123", 0).assert_same("here", &late)), "another distance of sound and picture");
}

#[test]
fn unbroken_part() {
    let sent = packets("KabKcd", "123456", 0);
    sent.assert_part(&packets("KcdKab", "4561", 5000));
    assert!(fails(|| packets("KabKcd", "123456", 0).assert_part(&packets("abKcd", "456", 0))), "not on a key frame");
    assert!(fails(|| packets("KabKcd", "123456", 0).assert_part(&packets("Kad", "456", 0))), "a gap");
    let mut back = packets("Kab", "123", 0);
    back.audio[2].dts = 10;
    assert!(fails(move || packets("KabKcd", "123456", 0).assert_part(&back)), "time goes back");
}
