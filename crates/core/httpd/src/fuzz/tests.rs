use replay::replay;

#[path = "../../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpus_holds() {
    replay("http_request", super::http_request);
}

#[test]
fn samples_hold() {
    let samples: [&[u8]; 6] = [
        b"",
        b"\r\n\r\nGET /live/cam1.flv?k=v HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /live/%2e%2e/x HTTP/1.1\r\n\r\n",
        b"GET http://h:80/a?callback=a=b HTTP/1.0\n\n",
        b"\x16\x03\x01",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ];
    samples.iter().for_each(|sample| super::http_request(sample));
}
