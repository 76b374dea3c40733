use super::*;

/// The tree of `old` becomes that of `new`, with a warning for each old form.
fn check(old: &str, new: &str, warnings: usize) {
    let parse = |text: &str, notes: &mut Notes| {
        let read = |_: &str| Err(std::io::Error::from(std::io::ErrorKind::NotFound));
        Tree::parse("a.conf", text.as_bytes(), &read, notes).unwrap()
    };
    let mut notes = Notes::default();
    let mut tree = parse(old, &mut notes);
    transform(&mut tree, &mut notes);
    assert_eq!(tree.to_string(), parse(new, &mut notes).to_string());
    let told = notes.finish().unwrap();
    assert_eq!(told.len(), warnings, "{told:#?}");

    let mut again = Notes::default();
    let before = tree.to_string();
    transform(&mut tree, &mut again);
    assert_eq!((tree.to_string(), again.finish().unwrap().len()), (before, 0), "new forms stay");
}

/// The same inside of a vhost.
fn check_vhost(old: &str, new: &str, warnings: usize) {
    check(&format!("vhost a {{ {old} }}"), &format!("vhost a {{ {new} }}"), warnings);
}

// row: config.md §12 root http_stream
// row: config.md §12 rtc_server.perf_stat
// row: config.md §12 srt_server.tlpkdrop
#[test]
fn servers() {
    check("http_stream { enabled on; }", "http_server { enabled on; }", 1);
    check("rtc_server { perf_stat on; listen 8000; queue_length 5000; }", "rtc_server { listen 8000; }", 2);
    check("srt_server { tlpkdrop off; }", "srt_server { tlpktdrop off; }", 1);
}

// row: config.md §12 stream_caster.{tcp_enable
// row: config.md §12 stream_caster.sip.{serial
// row: config.md §12 stream_caster.host X
#[test]
fn stream_casters() {
    for name in CASTER_DROPPED {
        check(&format!("stream_caster {{ caster flv; {name} on; }}"), "stream_caster { caster flv; }", 1);
    }
    for name in SIP_DROPPED {
        check(
            &format!("stream_caster {{ sip {{ {name} 1; listen 5060; }} }}"),
            "stream_caster { sip { listen 5060; } }",
            1,
        );
    }
    check("stream_caster { host 192.0.2.1; listen 1; }", "stream_caster { listen 1; sip { candidate 192.0.2.1; } }", 1);
    check("stream_caster { host $X; sip { listen 1; } }", "stream_caster { sip { listen 1; candidate $X; } }", 1);
}

// row: config.md §12 vhost http
// row: config.md §12 http_remux.hstrs
#[test]
fn http() {
    check_vhost("http { enabled on; }", "http_static { enabled on; }", 1);
    check_vhost("http_remux { hstrs on; enabled on; }", "http_remux { enabled on; }", 1);
}

// row: config.md §12 refer a b; refer_play
#[test]
fn refer() {
    check_vhost(
        "refer a b; refer_play c; refer_publish d e;",
        "refer { enabled on; all a b; play c; publish d e; }",
        3,
    );
    check_vhost("refer { enabled off; }", "refer { enabled off; }", 0);
}

// row: config.md §12 mr { enabled
// row: config.md §12 publish_1stpkt_timeout
#[test]
fn publish() {
    check_vhost("mr { enabled on; latency 500; }", "publish { mr on; mr_latency 500; }", 2);
    check_vhost(
        "publish_1stpkt_timeout 1000; publish { parse_sps off; } publish_normal_timeout 2000;",
        "publish { parse_sps off; firstpkt_timeout 1000; normal_timeout 2000; }",
        2,
    );
}

// row: config.md §12 time_jitter mix_correct
#[test]
fn play() {
    let names = MOVED[0].1;
    for name in names {
        check_vhost(&format!("{name} 1;"), &format!("play {{ {name} 1; }}"), 1);
    }
    check_vhost("gop_cache off; play { gop_cache on; }", "play { gop_cache on; gop_cache off; }", 1);
}

// row: config.md §12 forward h1 h2
// row: config.md §12 mode origin token_traverse
#[test]
fn relays() {
    check_vhost("forward h1 h2:1936;", "forward { enabled on; destination h1 h2:1936; }", 1);
    check_vhost("forward { enabled off; }", "forward { enabled off; }", 0);
    check_vhost(
        "mode remote; origin a b; token_traverse on; vhost v; debug_srs_upnode off;",
        "cluster { mode remote; origin a b; token_traverse on; vhost v; debug_srs_upnode off; }",
        5,
    );
}

// row: config.md §12 nack { enabled
// row: config.md §12 twcc { enabled
// row: config.md §12 rtc.aac transcode
// row: config.md §12 rtc.bframe keep
#[test]
fn rtc() {
    check_vhost(
        "nack { enabled off; no_copy off; } twcc { enabled off; }",
        "rtc { nack off; nack_no_copy off; twcc off; }",
        3,
    );
    check_vhost("rtc { aac transcode; bframe keep; }", "rtc { rtmp_to_rtc on; keep_bframe on; }", 2);
    check_vhost("rtc { aac discard; bframe discard; }", "rtc { rtmp_to_rtc off; keep_bframe off; }", 2);
}
