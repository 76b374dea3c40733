//! Rows outside of vhosts.

use super::Kind::{B0, B1, Block, FSec, Float, Int, List, Ms, Open, Rules, Sec, Str};
use super::Reload::{Applied, Live, Never, New, Restart};
use super::{Row, block, inert, row};

pub(super) const ROWS: &[Row] = &[
    row("listen", List, "", Applied, "RTMP endpoints, each PORT, IP:PORT or [IPv6]:PORT; at least one is required")
        .sample("1935"),
    row("pid", Str, "./objs/srs.pid", Restart, "File that holds the process id and keeps a second server out"),
    row("chunk_size", Int, "60000", New, "Bytes of an outgoing RTMP chunk; outside of 128 to 65536 is warned about")
        .env_only_as("SRS_VHOST_CHUNK_SIZE"),
    row("ff_log_dir", Str, "./objs", New, "Folder for the logs of ffmpeg children; /dev/null for none"),
    row("ff_log_level", Str, "info", New, "The -loglevel of ffmpeg children that ingest"),
    row("srs_log_tank", Str, "file", Restart, "Where the log goes: console, or a file for any other word")
        .instead(&[("console", "in docker")])
        .env_also("SRS_LOG_TANK"),
    row("srs_log_level", Str, "trace", Restart, "Least level logged: verbose, info, trace, warn or error")
        .env_also("SRS_LOG_LEVEL"),
    row(
        "srs_log_level_v2",
        Str,
        "",
        Restart,
        "Least level in the usual words trace, debug, info, warn, error; beats srs_log_level",
    )
    .env_also("SRS_LOG_LEVEL_V2")
    .sample("info"),
    row("srs_log_file", Str, "./objs/srs.log", Restart, "The log file; SIGUSR1 opens it anew").env_also("SRS_LOG_FILE"),
    row("max_connections", Int, "1000", Applied, "Most connections of all protocols together"),
    row("daemon", B1, "on", Restart, "Go to the background at start"),
    row("utc_time", B0, "off", Live, "UTC instead of local time in the log and in path variables"),
    row("pithy_print_ms", Ms, "10000", Applied, "Time between two progress lines in the log"),
    row("work_dir", Str, "./", Restart, "Folder to change to at start; relative paths begin there"),
    row("asprocess", B0, "off", Restart, "Quit when the parent process does; needs daemon off"),
    row("empty_ip_ok", B1, "on", Live, "Accept a socket whose peer address cannot be read"),
    row(
        "server_id",
        Str,
        "",
        Restart,
        "Identity in API and callbacks; absent: kept in the id file beside the pid file",
    )
    .sample("vid-1234567"),
    row(
        "secrets",
        Str,
        "./objs/weir.secrets",
        Restart,
        "File with the keys that auto stands for; made when it is needed",
    )
    .file_only()
    .weir(),
    row("in_docker", B0, "off", Restart, "Behave as in docker even where that is not detected"),
    row("grace_start_wait", Ms, "2300", Live, "Wait before a graceful quit begins"),
    row("grace_final_wait", Ms, "3200", Live, "Wait after the last connection of a graceful quit"),
    row("force_grace_quit", B0, "off", Live, "SIGTERM quits as gracefully as SIGQUIT"),
    row("disable_daemon_for_docker", B1, "on", Restart, "Stay in the foreground in docker"),
    row("inotify_auto_reload", B0, "off", Restart, "Reload when the configuration file changes")
        .later("reload on file change"),
    row("auto_reload_for_docker", B1, "on", Restart, "Turn inotify_auto_reload on in docker"),
    row("tcmalloc_release_rate", Float, "0.8", Restart, "Accepted for SRS; the memory allocator here has no such rate"),
    row("query_latest_version", B1, "off", Restart, "Ask the SRS cloud for newer releases")
        .env_kind(B0)
        .later("the version query"),
    row("first_wait_for_qlv", Sec, "300", Restart, "Wait before the first version query"),
    row("is_full", B0, "off", Restart, "on makes the server refuse the file: it is a reference, not a configuration")
        .file_only(),
    block("threads", Open, "Threads of the server"),
    row("threads.interval", Sec, "5", Restart, "Time between two looks at the thread pool"),
    row("threads.workers", Int, "0", Restart, "Worker threads; 0 is one for each core").weir(),
    row(
        "threads.send_cpu_target",
        Int,
        "30",
        Restart,
        "Percent of its core up to which a worker sends each frame at once; above, it merges up to mw_latency",
    )
    .weir(),
    block("circuit_breaker", Open, "Give up costly work while the CPU is overloaded"),
    row("circuit_breaker.enabled", B1, "on", Restart, "Watch the CPU"),
    row("circuit_breaker.high_threshold", Int, "90", Restart, "CPU percent of level high: less NACK work"),
    row("circuit_breaker.high_pulse", Int, "2", Restart, "Seconds that level high lasts after the last high sample"),
    row("circuit_breaker.critical_threshold", Int, "95", Restart, "CPU percent of level critical: no NACK, no TWCC"),
    row("circuit_breaker.critical_pulse", Int, "1", Restart, "Seconds that level critical lasts after the last sample"),
    row(
        "circuit_breaker.dying_threshold",
        Int,
        "99",
        Restart,
        "CPU percent of level dying: WebRTC players lose packets",
    ),
    row("circuit_breaker.dying_pulse", Int, "5", Restart, "Consecutive seconds that lead to level dying"),
    block("tencentcloud_cls", Open, "Report logs to Tencent Cloud"),
    row("tencentcloud_cls.enabled", B0, "off", Restart, "Report").later("Tencent Cloud reporting"),
    row("tencentcloud_cls.label", Str, "", Restart, "Label of this server").sample("cn-beijing"),
    row("tencentcloud_cls.tag", Str, "", Restart, "Tag of this server").sample("cn-edge"),
    row("tencentcloud_cls.secret_id", Str, "", Restart, "Account id").sample("AKID"),
    row("tencentcloud_cls.secret_key", Str, "", Restart, "Account key").sample("KEY"),
    row("tencentcloud_cls.endpoint", Str, "", Restart, "Host to report to").sample("cls.example.com"),
    row("tencentcloud_cls.topic_id", Str, "", Restart, "Log topic").sample("TOPIC"),
    row("tencentcloud_cls.debug_logging", B0, "off", Restart, "Log what is reported"),
    row("tencentcloud_cls.stat_heartbeat", B1, "on", Restart, "Report the state of the server"),
    row("tencentcloud_cls.heartbeat_ratio", Int, "1", Restart, "Report the server once in so many times"),
    row("tencentcloud_cls.stat_streams", B1, "on", Restart, "Report the streams"),
    row("tencentcloud_cls.streams_ratio", Int, "1", Restart, "Report the streams once in so many times"),
    block("tencentcloud_apm", Open, "Report traces to Tencent Cloud"),
    row("tencentcloud_apm.enabled", B0, "off", Restart, "Report").later("Tencent Cloud reporting"),
    row("tencentcloud_apm.team", Str, "", Restart, "Team of the account").sample("TEAM"),
    row("tencentcloud_apm.token", Str, "", Restart, "Token of the account").sample("TOKEN"),
    row("tencentcloud_apm.endpoint", Str, "", Restart, "Host and port to report to").sample("apm.example.com:4317"),
    row("tencentcloud_apm.service_name", Str, "srs-server", Restart, "Name of the service in traces"),
    row("tencentcloud_apm.debug_logging", B0, "off", Restart, "Log what is reported"),
    block("exporter", Block, "Metrics for Prometheus"),
    row("exporter.enabled", B0, "off", Restart, "Serve /metrics"),
    row("exporter.listen", Str, "9972", Restart, "Endpoint of the exporter"),
    row("exporter.label", Str, "", Restart, "Label on the build metric").sample("cn-beijing"),
    row("exporter.tag", Str, "", Restart, "Tag on the build metric").sample("cn-edge"),
    block("heartbeat", Block, "Report this server to a URL"),
    row("heartbeat.enabled", B0, "off", Restart, "Report"),
    row("heartbeat.interval", Sec, "10", Restart, "Time between two reports, above 0; a fraction is cut off"),
    row("heartbeat.url", Str, "http://127.0.0.1:8085/api/v1/servers", Live, "Where to POST the report"),
    row("heartbeat.device_id", Str, "", Live, "Name of this device in the report").sample("my-srs-device"),
    row("heartbeat.summaries", B0, "off", Live, "Add the summaries of the API"),
    row("heartbeat.ports", B0, "off", Live, "Add the endpoints listened on"),
    block("stats", Block, "Samples of the machine"),
    row("stats.enabled", B1, "on", Restart, "Sample CPU, memory, network and disks").file_only(),
    row("stats.network", Int, "0", Live, "Number of the local address that is reported as this server's, from 0")
        .file_only(),
    row("stats.disk", List, "", Live, "Block devices to count").file_only().sample("sda sdb"),
    block("http_api", Block, "The HTTP API"),
    row("http_api.enabled", B0, "off", Restart, "Serve the API"),
    row("http_api.listen", Str, "1985", Restart, "Endpoint; may be that of http_server"),
    row("http_api.crossdomain", B1, "on", Never, "Accepted; http_server.crossdomain governs the API too"),
    block("http_api.raw_api", Block, "Remote control"),
    row("http_api.raw_api.enabled", B0, "off", Restart, "Serve /api/v1/raw"),
    row("http_api.raw_api.allow_reload", B0, "off", Restart, "Let a client reload the configuration"),
    inert("http_api.raw_api.allow_query", "Obsolete, always off"),
    inert("http_api.raw_api.allow_update", "Obsolete, always off"),
    block("http_api.auth", Block, "Who may use the API"),
    row("http_api.auth.enabled", B0, "off", Live, "Ask for the password (HTTP basic authentication)"),
    row("http_api.auth.username", Str, "", Live, "User name").sample("admin"),
    row("http_api.auth.password", Str, "", Live, "Password, without a colon").sample("secret"),
    row(
        "http_api.auth.token",
        Str,
        "",
        Live,
        "Ask for this token, as Bearer or as the password; auto: the one in secrets",
    )
    .sample("auto")
    .file_only()
    .weir(),
    row("http_api.auth.trust_loopback", B1, "on", Live, "Ask no program and no page of this machine for the token")
        .file_only()
        .weir(),
    block("http_api.auth.jwt", Block, "Signed tokens (JWT) that are taken as well; their claim act has api").weir(),
    row("http_api.auth.jwt.key", Str, "", Live, "Shared key of HS256, HS384 or HS512")
        .sample("secret")
        .file_only()
        .weir(),
    row("http_api.auth.jwt.public_key", Str, "", Live, "PEM file with a public key of RSA, EC or Ed25519")
        .sample("./conf/jwt.pem")
        .file_only()
        .weir(),
    row("http_api.auth.jwt.jwks", Str, "", Live, "URL of a set of public keys (JWKS)")
        .sample("https://login.example/jwks.json")
        .file_only()
        .weir(),
    row("http_api.auth.jwt.issuer", Str, "", Live, "What the claim iss has to be").sample("login").file_only().weir(),
    row("http_api.auth.jwt.audience", Str, "", Live, "What the claim aud has to have")
        .sample("weir")
        .file_only()
        .weir(),
    block("http_api.https", Open, "The API over TLS"),
    row("http_api.https.enabled", B0, "off", Restart, "Serve HTTPS too; needs http_api.enabled"),
    row("http_api.https.listen", Str, "1990", Restart, "TLS endpoint")
        .instead(&[("http_server.https.listen", "when the API shares the endpoint of http_server")]),
    row("http_api.https.key", Str, "./conf/server.key", Restart, "Private key, PEM"),
    row("http_api.https.cert", Str, "./conf/server.crt", Restart, "Certificate chain, PEM"),
    block("http_server", Block, "Static files and live streams over HTTP"),
    row("http_server.enabled", B0, "off", Restart, "Serve HTTP"),
    row("http_server.listen", Str, "8080", Restart, "Endpoint"),
    row("http_server.dir", Str, "./objs/nginx/html", Restart, "Folder of the static files"),
    row(
        "http_server.crossdomain",
        B1,
        "on",
        Live,
        "Allow pages of other hosts, for http_server, the API and the flv caster",
    ),
    row("http_server.pages", B1, "on", Live, "Serve weir's own pages at / where the folder has nothing").weir(),
    row(
        "http_server.trusted_proxies",
        List,
        "127.0.0.0/8 ::1",
        Live,
        "Addresses and networks whose X-Forwarded-For and X-Real-IP are believed, also by the API",
    )
    .file_only()
    .weir(),
    block("http_server.https", Open, "http_server over TLS"),
    row("http_server.https.enabled", B0, "off", Restart, "Serve HTTPS too; needs http_server.enabled"),
    row("http_server.https.listen", Str, "8088", Restart, "TLS endpoint"),
    row("http_server.https.key", Str, "./conf/server.key", Restart, "Private key, PEM"),
    row("http_server.https.cert", Str, "./conf/server.crt", Restart, "Certificate chain, PEM"),
    block("rtmps", Block, "RTMP over TLS").weir(),
    row("rtmps.enabled", B0, "off", Restart, "Serve RTMPS").weir(),
    row("rtmps.listen", List, "1443", Restart, "TLS endpoints, each as in listen").weir(),
    row("rtmps.key", Str, "./conf/server.key", Restart, "Private key, PEM").weir(),
    row("rtmps.cert", Str, "./conf/server.crt", Restart, "Certificate chain, PEM").weir(),
    block("srt_server", Block, "The SRT listener"),
    row("srt_server.enabled", B0, "off", Restart, "Listen").later("SRT"),
    row("srt_server.listen", Int, "10080", Restart, "UDP port"),
    row("srt_server.maxbw", Int, "-1", Restart, "Most bytes per second sent, -1 for no limit (SRTO_MAXBW)"),
    row("srt_server.mss", Int, "1500", Restart, "Largest packet, IP header included (SRTO_MSS)"),
    row("srt_server.connect_timeout", Ms, "3000", Restart, "Longest handshake (SRTO_CONNTIMEO)"),
    row("srt_server.peer_idle_timeout", Ms, "10000", Restart, "A peer silent for so long is gone (SRTO_PEERIDLETIMEO)"),
    row("srt_server.default_app", Str, "live", Restart, "The app of a stream id that is only a name"),
    row("srt_server.latency", Ms, "120", Restart, "Buffer of both sides (SRTO_LATENCY)"),
    row("srt_server.recvlatency", Ms, "120", Restart, "Buffer of the receiver, set after latency (SRTO_RCVLATENCY)"),
    row("srt_server.peerlatency", Ms, "0", Restart, "Buffer asked of the peer, set last (SRTO_PEERLATENCY)"),
    row("srt_server.tsbpdmode", B1, "on", Restart, "Deliver by time stamp (SRTO_TSBPDMODE)"),
    row("srt_server.tlpktdrop", B1, "on", Restart, "Drop packets that are too late (SRTO_TLPKTDROP)"),
    row("srt_server.sendbuf", Int, "12058624", Restart, "Bytes of the send buffer (SRTO_SNDBUF)"),
    row("srt_server.recvbuf", Int, "12058624", Restart, "Bytes of the receive buffer (SRTO_RCVBUF)"),
    row("srt_server.payloadsize", Int, "1316", Restart, "Most payload bytes of a packet (SRTO_PAYLOADSIZE)"),
    row("srt_server.passphrase", Str, "", Restart, "Passphrase of 10 to 79 characters; none: no encryption")
        .sample("at-least-ten-characters"),
    row("srt_server.pbkeylen", Int, "0", Restart, "Key length in bytes: 16, 24, 32, or 0 for the default"),
    row("srt_server.sei_filter", B1, "on", Restart, "Drop SEI units when bridging to RTMP"),
    inert("srt_server.mix_correct", "Accepted, does nothing"),
    block("rtc_server", Block, "The WebRTC listeners"),
    row("rtc_server.enabled", B0, "off", Restart, "Listen"),
    row("rtc_server.listen", Int, "8000", Restart, "UDP port"),
    block("rtc_server.tcp", Open, "WebRTC over TCP"),
    row("rtc_server.tcp.enabled", B0, "off", Restart, "Listen on TCP too"),
    row("rtc_server.tcp.listen", Int, "8000", Restart, "TCP port; may be that of http_server or http_api"),
    row("rtc_server.protocol", Str, "udp", Live, "Candidates advertised: udp, tcp or all"),
    row(
        "rtc_server.candidate",
        List,
        "*",
        Live,
        "Addresses or names of ICE candidates; * detects them, $NAME is an environment variable",
    ),
    row("rtc_server.use_auto_detect_network_ip", B1, "on", Live, "Offer the detected addresses when candidate is *"),
    row("rtc_server.ip_family", Str, "ipv4", Live, "Addresses to detect: ipv4, ipv6 or all"),
    row("rtc_server.api_as_candidates", B1, "on", Live, "Offer the host that the API was called by"),
    row("rtc_server.resolve_api_domain", B1, "on", Live, "Resolve that host to an address"),
    row("rtc_server.keep_api_domain", B0, "off", Live, "Offer the name of that host too"),
    row(
        "rtc_server.ice_server",
        Rules,
        "",
        Live,
        "Server of STUN or TURN that WHIP and WHEP tell clients of: its URL, and of TURN a user and a password",
    )
    .file_only()
    .weir()
    .sample("turn:turn.example.com:3478?transport=udp user password"),
    row("rtc_server.ecdsa", B1, "on", Restart, "ECDSA P-256 certificate; it is one with off, too: RSA is not served"),
    row("rtc_server.encrypt", B1, "on", Live, "SRTP for what players are sent; off is for tests"),
    row("rtc_server.reuseport", Int, "1", Restart, "UDP sockets on the port"),
    row("rtc_server.merge_nalus", B0, "off", New, "Join the NAL units of a frame from RTMP into one packet sequence"),
    block("rtc_server.black_hole", Open, "Copy of the decrypted media for debugging"),
    row("rtc_server.black_hole.enabled", B0, "off", Restart, "Send the copy"),
    row("rtc_server.black_hole.addr", Str, "", Restart, "UDP address of the copy").sample("127.0.0.1:10000"),
    inert("rtc_server.dir", "Accepted, does nothing"),
    block("stream_caster", Block, "Take in other protocols and publish as RTMP; may be given several times").repeats(),
    row("stream_caster.enabled", B0, "off", Restart, "Listen").file_only().later("stream casters"),
    row("stream_caster.caster", Str, "", Restart, "mpegts_over_udp, flv or gb28181")
        .file_only()
        .sample("mpegts_over_udp"),
    row(
        "stream_caster.output",
        Str,
        "",
        Restart,
        "RTMP URL to publish to; [app] and [stream] stand for those of the input",
    )
    .file_only()
    .sample("rtmp://127.0.0.1/live/livestream"),
    row("stream_caster.listen", Int, "0", Restart, "Port: UDP for mpegts_over_udp, TCP for the others").file_only(),
    block("stream_caster.sip", Block, "The SIP server of gb28181"),
    row("stream_caster.sip.enabled", B1, "on", Restart, "Listen").file_only(),
    row("stream_caster.sip.listen", Int, "5060", Restart, "TCP port").file_only(),
    row("stream_caster.sip.timeout", FSec, "60", Restart, "Longest wait for SIP or media").file_only(),
    row("stream_caster.sip.reinvite", FSec, "5", Restart, "Wait before inviting again").file_only(),
    row(
        "stream_caster.sip.candidate",
        Str,
        "*",
        Restart,
        "Media address in the SDP; * detects it, $NAME is an environment variable",
    )
    .file_only(),
];
