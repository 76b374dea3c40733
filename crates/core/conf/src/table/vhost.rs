//! Rows of a vhost.

use super::Kind::{B0, B1, Block, FMs, FSec, Float, Int, List, Ms, Open, Rules, Sec, Str};
use super::Reload::{Applied, Live, Never, New, Restart};
use super::{Row, block, inert, row};

pub(super) const ROWS: &[Row] = &[
    block("vhost", Block, "A virtual host; __defaultVhost__ serves every name that has no vhost of its own")
        .sample("__defaultVhost__")
        .repeats(),
    row("vhost.enabled", B1, "on", Applied, "Serve this vhost").file_only(),
    row("vhost.min_latency", B0, "off", Applied, "Send each message at once instead of merging writes")
        .instead(&[("on", "for WebRTC")])
        .env_kind(B1),
    row("vhost.tcp_nodelay", B0, "off", Applied, "TCP_NODELAY on players; weir always sets it"),
    row("vhost.chunk_size", Int, "", New, "Bytes of an outgoing RTMP chunk").like("chunk_size").sample("60000"),
    row("vhost.in_ack_size", Int, "0", New, "Bytes after which a client is asked to acknowledge; 0: not asked"),
    row("vhost.out_ack_size", Int, "2500000", New, "Acknowledgement window announced to clients, in bytes"),
    block("vhost.play", Block, "How players are served"),
    row("vhost.play.gop_cache", B1, "on", Applied, "Start a player at the last key frame"),
    row("vhost.play.gop_cache_max_frames", Int, "2500", Applied, "Empty the cache above so many frames; 0: no limit"),
    row(
        "vhost.play.queue_length",
        Sec,
        "30",
        Applied,
        "Most seconds that a player may lag before it is moved to a key frame",
    ),
    row(
        "vhost.play.queue_bytes",
        Int,
        "67108864",
        Applied,
        "Most bytes that a player may lag before it is moved to a key frame",
    )
    .weir(),
    row("vhost.play.mw_fixed", B0, "off", Applied, "Always wait mw_latency, as SRS does, instead of only when busy")
        .weir(),
    row(
        "vhost.play.time_jitter",
        Str,
        "full",
        Applied,
        "Timestamps of a player: full makes them monotonic, zero starts at 0, off leaves them",
    ),
    row("vhost.play.atc", B0, "off", Applied, "Absolute timestamps: keep those of the encoder"),
    row("vhost.play.mix_correct", B0, "off", Applied, "Order audio and video by timestamp"),
    row("vhost.play.atc_auto", B0, "off", Applied, "Turn atc on when the metadata says bravo_atc"),
    row("vhost.play.mw_latency", Ms, "350", Applied, "Longest wait to merge writes").instead(&[("0", "for WebRTC")]),
    row(
        "vhost.play.mw_msgs",
        Int,
        "8",
        Applied,
        "0 sends each message at once; other counts, 128 at most, do not end the wait",
    )
    .instead(&[("0", "with min_latency"), ("1", "for WebRTC without min_latency")]),
    row("vhost.play.send_min_interval", FMs, "0", Applied, "Least time between two sends"),
    row("vhost.play.reduce_sequence_header", B0, "off", Applied, "Drop repeated sequence headers and metadata"),
    block("vhost.publish", Block, "How publishers are read"),
    row("vhost.publish.mr", B0, "off", Applied, "Merge reads"),
    row("vhost.publish.mr_latency", Ms, "350", Applied, "Longest wait to merge reads"),
    row("vhost.publish.firstpkt_timeout", Ms, "20000", Applied, "Longest wait for the first message"),
    row("vhost.publish.normal_timeout", Ms, "5000", Applied, "Longest silence after it"),
    row("vhost.publish.parse_sps", B1, "on", Applied, "Read width and height from the parameter sets"),
    row("vhost.publish.try_annexb_first", B1, "on", New, "Look for Annex B before length prefixes in AVC data"),
    row(
        "vhost.publish.kickoff_for_idle",
        FSec,
        "0",
        Live,
        "Drop a publisher that nobody watched for so long; 0: never. Not with forward",
    ),
    block("vhost.http_remux", Block, "Live streams over HTTP"),
    row("vhost.http_remux.enabled", B0, "off", Restart, "Serve them"),
    row(
        "vhost.http_remux.mount",
        Str,
        "[vhost]/[app]/[stream].flv",
        Restart,
        "URL; its extension .flv, .ts, .mp4, .mp3 or .aac picks the format",
    ),
    row("vhost.http_remux.fast_cache", FSec, "0", New, "Seconds kept for a new mp3 or aac player"),
    row("vhost.http_remux.drop_if_not_match", B1, "on", New, "Drop tags that the FLV header excludes"),
    row("vhost.http_remux.has_audio", B1, "on", New, "Audio flag of the FLV header when it is not guessed"),
    row("vhost.http_remux.has_video", B1, "on", New, "Video flag of the FLV header when it is not guessed"),
    row("vhost.http_remux.guess_has_av", B1, "on", New, "Take the header flags from the stream"),
    block("vhost.http_static", Block, "A folder of this vhost over HTTP"),
    row("vhost.http_static.enabled", B0, "off", Restart, "Serve it"),
    row("vhost.http_static.mount", Str, "[vhost]/", Restart, "URL prefix"),
    row("vhost.http_static.dir", Str, "./objs/nginx/html", Restart, "The folder"),
    block("vhost.http_hooks", Block, "HTTP callbacks"),
    row("vhost.http_hooks.enabled", B0, "off", Live, "Call them"),
    row("vhost.http_hooks.on_connect", List, "", Live, "A client connects")
        .sample("http://127.0.0.1:8085/api/v1/clients"),
    row("vhost.http_hooks.on_close", List, "", Live, "A client is gone").sample("http://127.0.0.1:8085/api/v1/clients"),
    row("vhost.http_hooks.on_publish", List, "", Live, "A publisher starts")
        .sample("http://127.0.0.1:8085/api/v1/streams"),
    row("vhost.http_hooks.on_unpublish", List, "", Live, "A publisher ends")
        .sample("http://127.0.0.1:8085/api/v1/streams"),
    row("vhost.http_hooks.on_play", List, "", Live, "A player starts").sample("http://127.0.0.1:8085/api/v1/sessions"),
    row("vhost.http_hooks.on_stop", List, "", Live, "A player ends").sample("http://127.0.0.1:8085/api/v1/sessions"),
    row("vhost.http_hooks.on_dvr", List, "", Live, "A recorded file is finished")
        .sample("http://127.0.0.1:8085/api/v1/dvrs"),
    row("vhost.http_hooks.on_hls", List, "", Live, "An HLS segment is finished")
        .sample("http://127.0.0.1:8085/api/v1/hls"),
    row("vhost.http_hooks.on_hls_notify", List, "", Live, "GET for each HLS segment, with variables in the URL")
        .sample("http://127.0.0.1:8085/api/v1/hls/[server_id]/[app]/[stream]/[ts_url][param]"),
    row("vhost.http_hooks.secret", Str, "", Live, "Sign bodies: their HMAC-SHA256 is sent as X-Weir-Signature")
        .file_only()
        .weir()
        .sample("a-long-random-word"),
    row(
        "vhost.http_hooks.retries",
        Int,
        "0",
        Live,
        "How often an event is told again that was not taken: not those that ask",
    )
    .file_only()
    .weir(),
    block("vhost.cluster", Block, "Edge and origin cluster"),
    row("vhost.cluster.mode", Str, "local", Restart, "local, or remote to be an edge; a reload cannot change it")
        .file_only()
        .later_when("remote", "edges"),
    row("vhost.cluster.origin", List, "", Live, "Servers that an edge pulls from, in turn")
        .file_only()
        .sample("127.0.0.1:19350"),
    row("vhost.cluster.token_traverse", B0, "off", Live, "Ask the origin before a client may play").file_only(),
    row("vhost.cluster.vhost", Str, "[vhost]", Live, "Vhost asked of the origin").file_only(),
    row("vhost.cluster.debug_srs_upnode", B1, "on", Live, "Send the srs_ arguments upstream").file_only(),
    row("vhost.cluster.origin_cluster", B0, "off", Live, "Send players to the origin that has the stream")
        .file_only()
        .later("origin clusters"),
    row("vhost.cluster.coworkers", List, "", Live, "API endpoints of the other origins")
        .file_only()
        .sample("127.0.0.1:9091"),
    row("vhost.cluster.protocol", Str, "rtmp", Live, "Protocol of the pull: rtmp, flv or flvs").file_only(),
    row("vhost.cluster.follow_client", B0, "off", Live, "Pull by the protocol of the player").file_only(),
    block("vhost.forward", Block, "Push streams on to other servers"),
    row("vhost.forward.enabled", B0, "off", Applied, "Push").file_only().later("forward"),
    row("vhost.forward.destination", List, "", Applied, "Servers, each host or host:port")
        .file_only()
        .sample("127.0.0.1:19350"),
    row(
        "vhost.forward.backend",
        Str,
        "",
        Applied,
        "URL asked for destinations at each publish, instead of destination",
    )
    .file_only()
    .sample("http://127.0.0.1:8085/api/v1/forward"),
    block("vhost.refer", Block, "Let RTMP clients in by the host of their page"),
    row("vhost.refer.enabled", B0, "off", Live, "Check").file_only(),
    row("vhost.refer.all", List, "", Live, "Host endings for every client").file_only().sample("github.com github.io"),
    row("vhost.refer.publish", List, "", Live, "Host endings for publishers").file_only().sample("github.com"),
    row("vhost.refer.play", List, "", Live, "Host endings for players").file_only().sample("github.io"),
    block("vhost.security", Block, "Let clients in by address"),
    row("vhost.security.enabled", B0, "off", Live, "Check; without any rule everybody is refused").file_only(),
    row("vhost.security.deny", Rules, "", Live, "play or publish, then all, an address or a CIDR, of IPv4 or IPv6")
        .file_only()
        .sample("publish 10.0.0.0/8"),
    row("vhost.security.allow", Rules, "", Live, "play or publish, then all, an address or a CIDR, of IPv4 or IPv6")
        .file_only()
        .sample("play all"),
    block("vhost.tokens", Block, "Let clients in by a key or a signed token").weir(),
    row("vhost.tokens.enabled", B0, "off", Live, "Ask for it").file_only().weir(),
    row("vhost.tokens.need", List, "publish play", Live, "Who needs one: publish, play, or both").file_only().weir(),
    row("vhost.tokens.publish", List, "", Live, "Keys of publishers; auto: the one in secrets")
        .sample("auto")
        .file_only()
        .weir(),
    row("vhost.tokens.play", List, "", Live, "Keys of players; auto: the one in secrets")
        .sample("auto")
        .file_only()
        .weir(),
    row("vhost.tokens.trust_loopback", B1, "on", Live, "Ask no program and no page of this machine").file_only().weir(),
    block("vhost.tokens.jwt", Block, "Signed tokens (JWT); their claims act, app and stream say what for").weir(),
    row("vhost.tokens.jwt.key", Str, "", Live, "Shared key of HS256, HS384 or HS512")
        .sample("secret")
        .file_only()
        .weir(),
    row("vhost.tokens.jwt.public_key", Str, "", Live, "PEM file with a public key of RSA, EC or Ed25519")
        .sample("./conf/jwt.pem")
        .file_only()
        .weir(),
    row("vhost.tokens.jwt.jwks", Str, "", Live, "URL of a set of public keys (JWKS)")
        .sample("https://login.example/jwks.json")
        .file_only()
        .weir(),
    row("vhost.tokens.jwt.issuer", Str, "", Live, "What the claim iss has to be").sample("login").file_only().weir(),
    row("vhost.tokens.jwt.audience", Str, "", Live, "What the claim aud has to have").sample("weir").file_only().weir(),
    block("vhost.limits", Block, "How many clients are let in").weir(),
    row("vhost.limits.publishers", Int, "0", Live, "Most publishers at the same time; 0 for any number")
        .file_only()
        .weir(),
    row("vhost.limits.players", Int, "0", Live, "Most players at the same time; 0 for any number").file_only().weir(),
    row("vhost.limits.per_address", Int, "0", Live, "Most clients from one address, of IPv6 one /64; 0 for any number")
        .file_only()
        .weir(),
    block("vhost.exec", Block, "Run commands"),
    row("vhost.exec.enabled", B0, "off", Applied, "Run").file_only().later("exec"),
    row("vhost.exec.publish", Rules, "", Applied, "Command that runs while a stream is published")
        .file_only()
        .sample("./objs/ffmpeg/bin/ffmpeg -f flv -i [url] -c copy -y ./[stream].flv"),
    block("vhost.rtc", Block, "WebRTC in this vhost"),
    row("vhost.rtc.enabled", B0, "off", New, "Serve WebRTC"),
    row("vhost.rtc.nack", B1, "on", New, "Ask for lost packets again, and resend"),
    row("vhost.rtc.nack_no_copy", B1, "on", New, "Keep sent packets without copying them"),
    row("vhost.rtc.twcc", B1, "on", New, "Transport-wide congestion feedback"),
    row("vhost.rtc.stun_timeout", Sec, "30", New, "A session without packets for so long is gone"),
    row("vhost.rtc.stun_strict_check", B0, "off", New, "Refuse binding requests that carry ICE-CONTROLLED"),
    row("vhost.rtc.dtls_role", Str, "passive", New, "DTLS role in an answer: passive or active"),
    row("vhost.rtc.dtls_version", Str, "auto", New, "auto, dtls1.0 or dtls1.2, which all mean 1.2"),
    row("vhost.rtc.drop_for_pt", Int, "0", New, "Payload type to drop, for tests"),
    row("vhost.rtc.rtmp_to_rtc", B0, "off", New, "Make RTMP streams playable by WebRTC"),
    row("vhost.rtc.keep_bframe", B0, "off", New, "Keep B frames on the way to WebRTC"),
    row("vhost.rtc.keep_avc_nalu_sei", B1, "on", New, "Keep SEI units on the way to WebRTC"),
    row("vhost.rtc.opus_bitrate", Int, "48000", New, "Bit rate of AAC to Opus, 8000 to 320000"),
    row("vhost.rtc.aac_bitrate", Int, "48000", New, "Bit rate of Opus to AAC, 8000 to 320000"),
    row("vhost.rtc.rtc_to_rtmp", B0, "off", New, "Make WebRTC streams playable by RTMP"),
    row("vhost.rtc.pli_for_rtmp", FSec, "6", New, "Time between two key frame requests for RTMP, 0.5 to 30"),
    block("vhost.srt", Block, "SRT in this vhost"),
    row("vhost.srt.enabled", B0, "off", New, "Serve SRT").later("SRT"),
    row("vhost.srt.srt_to_rtmp", B0, "on", New, "Make SRT streams playable by RTMP").env_also("SRS_VHOST_SRT_TO_RTMP"),
    block("vhost.hls", Block, "HLS"),
    row("vhost.hls.enabled", B0, "off", Applied, "Serve and write HLS"),
    row("vhost.hls.hls_fragment", FSec, "10", Applied, "Length of a segment aimed at"),
    row("vhost.hls.hls_td_ratio", Float, "1.0", Applied, "A segment ends past this many times its length"),
    row("vhost.hls.hls_aof_ratio", Float, "2.1", Applied, "The same for a stream without video"),
    row("vhost.hls.hls_window", FSec, "60", Applied, "Length of the playlist"),
    row(
        "vhost.hls.hls_on_error",
        Str,
        "continue",
        Live,
        "After a failed write: ignore stops HLS, disconnect drops the publisher, continue retries",
    ),
    row("vhost.hls.hls_path", Str, "./objs/nginx/html", Applied, "Root folder"),
    row("vhost.hls.hls_m3u8_file", Str, "[app]/[stream].m3u8", Applied, "Playlist"),
    row("vhost.hls.hls_ts_file", Str, "[app]/[stream]-[seq].ts", Applied, "Segment"),
    row("vhost.hls.hls_ts_floor", B0, "off", Applied, "[timestamp] counts segments since the epoch"),
    row("vhost.hls.hls_entry_prefix", Str, "", Applied, "Put before segment names in the playlist")
        .sample("http://your-server"),
    row("vhost.hls.hls_acodec", Str, "aac", Applied, "Audio codec before the stream tells: aac, mp3, or an for none"),
    row(
        "vhost.hls.hls_vcodec",
        Str,
        "h264",
        Applied,
        "Video codec before the stream tells: h264, h265, or vn for none",
    ),
    row("vhost.hls.hls_cleanup", B1, "on", Applied, "Delete segments that left the playlist"),
    row("vhost.hls.hls_dispose", Sec, "120", Live, "Delete everything when idle for so long; 0: never"),
    row("vhost.hls.hls_wait_keyframe", B1, "on", Applied, "Cut at key frames only"),
    row("vhost.hls.hls_nb_notify", Int, "64", Applied, "Bytes read of the answer to on_hls_notify"),
    row("vhost.hls.hls_dts_directly", B1, "on", Applied, "Take the timestamps of RTMP as they are"),
    row("vhost.hls.hls_ctx", B1, "on", Live, "A session for each player"),
    row("vhost.hls.hls_ts_ctx", B1, "on", Live, "The session in segment URLs too"),
    row("vhost.hls.hls_keys", B1, "off", Applied, "Encrypt with AES-128"),
    row("vhost.hls.hls_fragments_per_key", Int, "5", Applied, "Segments for each key"),
    row("vhost.hls.hls_key_file", Str, "[app]/[stream]-[seq].key", Applied, "Key file"),
    row("vhost.hls.hls_key_file_path", Str, "", Applied, "Root folder of keys")
        .like("vhost.hls.hls_path")
        .sample("./objs/nginx/html"),
    row("vhost.hls.hls_key_url", Str, "", Applied, "Put before key names in the playlist")
        .like("vhost.hls.hls_path")
        .sample("https://your-server"),
    row(
        "vhost.hls.hls_use_fmp4",
        B0,
        "off",
        Applied,
        "Segments of fragmented MP4 (CMAF) instead of MPEG transport streams",
    )
    .weir(),
    row("vhost.hls.hls_fmp4_file", Str, "[app]/[stream]-[seq].m4s", Applied, "Segment with hls_use_fmp4").weir(),
    row("vhost.hls.hls_init_file", Str, "[app]/[stream]-init-[seq].mp4", Applied, "Initialisation with hls_use_fmp4")
        .weir(),
    row(
        "vhost.hls.hls_low_latency",
        B0,
        "off",
        Applied,
        "Parts, preload hints and blocking playlist requests (LL-HLS)",
    )
    .weir(),
    row("vhost.hls.hls_part", FSec, "0.25", Applied, "Length of a part aimed at, with hls_low_latency").weir(),
    row(
        "vhost.hls.hls_disk",
        B1,
        "on",
        Applied,
        "Write playlists and segments to hls_path; off: serve from memory only",
    )
    .weir(),
    row(
        "vhost.hls.hls_tracks",
        B0,
        "off",
        New,
        "Offer further tracks of a publisher (enhanced RTMP) as renditions of a master playlist",
    )
    .weir(),
    block("vhost.hls.hls_group", Block, "A stream name whose playlist offers other streams of its app as renditions")
        .sample("show")
        .repeats()
        .weir(),
    row("vhost.hls.hls_group.streams", List, "", Applied, "The renditions, the one to start with first")
        .sample("show_720")
        .file_only()
        .weir(),
    inert("vhost.hls.hls_storage", "Obsolete"),
    inert("vhost.hls.hls_mount", "Obsolete"),
    block("vhost.dash", Block, "MPEG-DASH"),
    row("vhost.dash.enabled", B0, "off", Applied, "Write DASH").later("DASH"),
    row("vhost.dash.dash_fragment", FSec, "10", Applied, "Length of a segment"),
    row("vhost.dash.dash_update_period", FSec, "5", Applied, "minimumUpdatePeriod of the manifest"),
    row("vhost.dash.dash_timeshift", FSec, "300", Applied, "Read, not written to the manifest"),
    row("vhost.dash.dash_path", Str, "./objs/nginx/html", Applied, "Root folder"),
    row("vhost.dash.dash_mpd_file", Str, "[app]/[stream].mpd", Applied, "Manifest"),
    row("vhost.dash.dash_window_size", Int, "5", Applied, "Segments listed"),
    row("vhost.dash.dash_cleanup", B1, "on", Applied, "Delete segments that left the manifest"),
    row("vhost.dash.dash_dispose", Sec, "120", Live, "Delete everything when idle for so long"),
    block("vhost.hds", Open, "Adobe HDS"),
    row("vhost.hds.enabled", B0, "off", Applied, "Write HDS").later("HDS"),
    row("vhost.hds.hds_fragment", FSec, "10", Applied, "Length of a fragment"),
    row("vhost.hds.hds_window", FSec, "60", Applied, "Length of the list"),
    row("vhost.hds.hds_path", Str, "./objs/nginx/html", Applied, "Root folder"),
    block("vhost.dvr", Block, "Record streams to files"),
    row("vhost.dvr.enabled", B0, "off", Applied, "Record").later("DVR"),
    row("vhost.dvr.dvr_apply", List, "all", Never, "all, or the streams to record as app/stream").file_only(),
    row(
        "vhost.dvr.dvr_plan",
        Str,
        "session",
        Applied,
        "session: a file for each publish; segment: a file for each dvr_duration",
    ),
    row("vhost.dvr.dvr_path", Str, "./objs/nginx/html/[app]/[stream].[timestamp].flv", Applied, "File, .flv or .mp4"),
    row("vhost.dvr.dvr_duration", Sec, "30", Applied, "Length of a segment file"),
    row("vhost.dvr.dvr_wait_keyframe", B1, "on", Applied, "Cut at key frames only"),
    row("vhost.dvr.time_jitter", Str, "full", Applied, "Timestamps in the file: full, zero or off"),
    block("vhost.ingest", Block, "Pull a stream in by ffmpeg; one block for each id").sample("livestream").repeats(),
    row("vhost.ingest.enabled", B0, "off", Applied, "Pull").file_only().later("ingest"),
    block("vhost.ingest.input", Open, "What to pull"),
    row("vhost.ingest.input.type", Str, "file", Applied, "file or stream").file_only(),
    row("vhost.ingest.input.url", Str, "", Applied, "File name or URL").file_only().sample("./doc/source.flv"),
    row("vhost.ingest.ffmpeg", Str, "", Applied, "The ffmpeg program").file_only().sample("./objs/ffmpeg/bin/ffmpeg"),
    block("vhost.ingest.engine", Open, "As in transcode; absent or disabled: copy the codecs")
        .sample("copy")
        .like("vhost.transcode.engine")
        .repeats(),
    block("vhost.transcode", Block, "Run ffmpeg on streams: all, those of an app, or app/stream, by the first word")
        .sample("live/livestream")
        .repeats(),
    row("vhost.transcode.enabled", B0, "off", Applied, "Run").file_only().later("transcode"),
    row("vhost.transcode.ffmpeg", Str, "", Applied, "The ffmpeg program")
        .file_only()
        .sample("./objs/ffmpeg/bin/ffmpeg"),
    block("vhost.transcode.engine", Block, "One ffmpeg and its output").sample("ff").repeats(),
    row("vhost.transcode.engine.enabled", B0, "off", Applied, "Run this one").file_only(),
    block("vhost.transcode.engine.perfile", Open, "Options before the input, each child one option"),
    row("vhost.transcode.engine.iformat", Str, "flv", Applied, "Input format; off: not given").file_only(),
    block("vhost.transcode.engine.vfilter", Open, "Options between input and video codec"),
    row("vhost.transcode.engine.vcodec", Str, "", Applied, "Video encoder, copy, or vn for none")
        .file_only()
        .sample("libx264"),
    row("vhost.transcode.engine.vbitrate", Int, "0", Applied, "Video kbit/s; 0: not given").file_only(),
    row("vhost.transcode.engine.vfps", Float, "0", Applied, "Frames per second; 0: not given").file_only(),
    row("vhost.transcode.engine.vwidth", Int, "0", Applied, "Width; 0: not given").file_only(),
    row("vhost.transcode.engine.vheight", Int, "0", Applied, "Height; 0: not given").file_only(),
    row("vhost.transcode.engine.vthreads", Int, "1", Applied, "Threads of the encoder").file_only(),
    row("vhost.transcode.engine.vprofile", Str, "", Applied, "Profile; needed unless vcodec is copy, vn or png")
        .file_only()
        .sample("main"),
    row("vhost.transcode.engine.vpreset", Str, "", Applied, "Preset; needed unless vcodec is copy, vn or png")
        .file_only()
        .sample("medium"),
    block("vhost.transcode.engine.vparams", Open, "More options of the video encoder"),
    row("vhost.transcode.engine.acodec", Str, "", Applied, "Audio encoder, copy, or an for none")
        .file_only()
        .sample("aac"),
    row("vhost.transcode.engine.abitrate", Int, "0", Applied, "Audio kbit/s; 0: not given").file_only(),
    row("vhost.transcode.engine.asample_rate", Int, "0", Applied, "Audio samples per second; 0: not given").file_only(),
    row("vhost.transcode.engine.achannels", Int, "0", Applied, "Audio channels; 0: not given").file_only(),
    block("vhost.transcode.engine.aparams", Open, "More options of the audio encoder"),
    row("vhost.transcode.engine.oformat", Str, "flv", Applied, "Output format; off: not given").file_only(),
    row("vhost.transcode.engine.output", Str, "", Applied, "Output URL, with variables")
        .file_only()
        .sample("rtmp://127.0.0.1:[port]/[app]/[stream]_[engine]?vhost=[vhost]"),
    inert("vhost.bandcheck", "Accepted for old files, does nothing"),
];
