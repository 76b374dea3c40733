use super::*;
use weir_flv::tag::TagKind;

/// Three tags: script, video, audio.
fn flv() -> Vec<u8> {
    let mut out = weir_flv::file_header(true, true).to_vec();
    for (kind, len) in [(TagKind::Script, 20), (TagKind::Video, 700), (TagKind::Audio, 30)] {
        weir_flv::write_tag_header(&mut out, kind, 0, len);
        out.resize(out.len() + len, 7);
        out.extend_from_slice(&weir_flv::previous_tag_size(len));
    }
    out
}

fn chunked(body: &[u8], size: usize) -> Vec<u8> {
    body.chunks(size).flat_map(|part| [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat()).collect()
}

/// Feeds a response cut into pieces of each length from 1 up; each way gives the same frames.
fn check(response: &[u8], expect: Result<usize, &str>) {
    for piece in [1, 2, 3, 7, 64, 1000, usize::MAX] {
        let mut player = Player::Http(Box::new(HttpPlayer::new(true)));
        let mut frames = Ok(0);
        for part in response.chunks(piece) {
            frames = frames.and_then(|sum| {
                Ok(sum + player.handle_input(Instant::now(), part, &mut |_| panic!("nothing is marked"))?)
            });
        }
        assert_eq!(frames, expect.map_err(str::to_owned), "pieces of {piece}");
    }
}

#[test]
fn http_flv_plain_and_chunked() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n\r\n";
    check(&[head.as_slice(), &flv()].concat(), Ok(2));
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n";
    check(&[head.as_slice(), &chunked(&flv(), 100)].concat(), Ok(2));
    check(&[head.as_slice(), &chunked(&flv(), 100), b"0\r\n\r\n"].concat(), Err("end of the response"));
    check(&[head.as_slice(), b"xyz\r\n"].concat(), Err("a chunk without a size"));
}

#[test]
fn refusals_are_told() {
    check(b"HTTP/1.1 404 Not Found\r\n\r\n", Err("status 404"));
    check(&[b'a'; 20_000], Err("no response head"));
}
