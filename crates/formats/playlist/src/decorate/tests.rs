use super::{append_query, with_query};

#[test]
fn queries_are_added_to_what_is_fetched() {
    let check = |line: &str, expect: &str| assert_eq!(with_query(line, "hls_ctx=7320p15t"), expect);
    check("cam1-0.ts\n", "cam1-0.ts?hls_ctx=7320p15t\n");
    check("cam1-0.ts?a=b\r\n", "cam1-0.ts?a=b&hls_ctx=7320p15t\r\n");
    check("cam1-0.ts", "cam1-0.ts?hls_ctx=7320p15t");
    check("#EXT-X-MAP:URI=\"init.mp4\"\n", "#EXT-X-MAP:URI=\"init.mp4?hls_ctx=7320p15t\"\n");
    check(
        "#EXT-X-PART:DURATION=0.5,URI=\"1.m4s\",INDEPENDENT=YES\n",
        "#EXT-X-PART:DURATION=0.5,URI=\"1.m4s?hls_ctx=7320p15t\",INDEPENDENT=YES\n",
    );
    check(
        "#EXT-X-MEDIA:TYPE=AUDIO,NAME=\"a,URI=\",URI=\"a.m3u8\"\n",
        "#EXT-X-MEDIA:TYPE=AUDIO,NAME=\"a,URI=\",URI=\"a.m3u8?hls_ctx=7320p15t\"\n",
    );
    for untouched in [
        "",
        "\n",
        "#EXTM3U\n",
        "#EXTINF:2.000, no desc\n",
        "# a comment?\n",
        "#EXT-X-KEY:METHOD=AES-128,URI=\"https://keys/1\"\n",
        "#EXT-X-MEDIA:TYPE=AUDIO,NAME=\"in the segments\"\n",
        "#EXT-X-MAP:broken\n",
    ] {
        check(untouched, untouched);
    }
}

#[test]
fn a_query_breaks_no_line() {
    assert_eq!(append_query("a.ts", "x=\"1\"\n#y"), "a.ts?x=%221%22%0A%23y");
    assert_eq!(append_query("a.ts?b", ""), "a.ts?b");
}
