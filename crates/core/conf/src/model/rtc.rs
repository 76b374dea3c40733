//! WebRTC: the listeners, and the rules of a vhost.

use std::net::Ipv6Addr;
use std::time::Duration;

use crate::lookup::{Scope, Value};

section! {
    /// The WebRTC listeners. In `candidate` each `$NAME` is replaced; `*` asks for detection.
    RtcServer {
        enabled: bool,
        listen: u16,
        tcp: RtcTcp,
        protocol: RtcProtocol,
        candidate: Vec<String>,
        use_auto_detect_network_ip: bool,
        ip_family: IpFamily,
        api_as_candidates: bool,
        resolve_api_domain: bool,
        keep_api_domain: bool,
        ice_server: Vec<IceServer>,
        ecdsa: bool,
        encrypt: bool,
        reuseport: i64,
        merge_nalus: bool,
        black_hole: BlackHole,
    }
}

section! {
    /// WebRTC over TCP.
    RtcTcp { enabled: bool, listen: u16 }
}

section! {
    /// Where a copy of the plain media goes.
    BlackHole { enabled: bool, addr: String }
}

/// A server of STUN or TURN, which helps clients to find a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceServer {
    /// As in RFC 7064 or RFC 7065.
    pub url: String,
    /// Of TURN.
    pub login: Option<IceLogin>,
}

/// Who may use a server of TURN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceLogin {
    /// Who.
    pub user: String,
    /// In plain: every client is told.
    pub password: String,
}

impl IceServer {
    /// Of the words of the directive, or what is wrong with them.
    pub(crate) fn parse(words: &[String]) -> Result<IceServer, &'static str> {
        let (url, login) = match words {
            [url] => (url, None),
            [url, user, password] => (url, Some(IceLogin { user: user.clone(), password: password.clone() })),
            _ => return Err("is a URL, or a URL with a user and a password"),
        };
        if !words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err("has letters that a field of HTTP cannot have");
        }
        let (scheme, rest) = url.split_once(':').unwrap_or_default();
        let is_turn = match scheme {
            "stun" | "stuns" => false,
            "turn" | "turns" => true,
            _ => return Err("has to begin with stun:, stuns:, turn: or turns:"),
        };
        let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
        match query {
            None => {}
            Some("transport=udp" | "transport=tcp") if is_turn => {}
            Some(_) => return Err("may end with ?transport=udp or ?transport=tcp, of TURN alone"),
        }
        if !is_host_and_port(place) {
            return Err("names no host, or a port that is none");
        }
        match (is_turn, &login) {
            (true, None) => Err("of TURN needs a user and a password: browsers use none without"),
            (false, Some(_)) => Err("of STUN has no user and no password"),
            _ => Ok(IceServer { url: url.clone(), login }),
        }
    }
}

/// `HOST`, `HOST:PORT`, `[IPv6]` or `[IPv6]:PORT`.
fn is_host_and_port(text: &str) -> bool {
    let (is_host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((ip, rest)) => (ip.parse::<Ipv6Addr>().is_ok(), rest),
        None => {
            let end = text.find(':').unwrap_or(text.len());
            let (host, port) = text.split_at(end);
            let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
            (!host.is_empty() && host.bytes().all(is_of_name), port)
        }
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    is_host && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

impl Value for Vec<IceServer> {
    /// Those that are right: the check tells of the others.
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        scope.occurrences(name).iter().filter_map(|words| IceServer::parse(words).ok()).collect()
    }
}

words! {
    /// Transports that candidates are advertised for.
    RtcProtocol {
        /// UDP only.
        Udp = "udp",
        /// TCP only.
        Tcp = "tcp",
        /// Both.
        All = "all",
    } else All
}

words! {
    /// Addresses to detect.
    IpFamily {
        /// IPv4 only.
        Ipv4 = "ipv4",
        /// IPv6 only.
        Ipv6 = "ipv6",
        /// Both.
        All = "all",
    } else Ipv4
}

words! {
    /// The DTLS role in an answer.
    DtlsRole {
        /// Wait for the peer's hello.
        Passive = "passive",
        /// Send the hello.
        Active = "active",
    } else Passive
}

words! {
    /// The DTLS version offered.
    DtlsVersion {
        /// Whatever both know.
        Auto = "auto",
        /// 1.0 only.
        V1_0 = "dtls1.0",
        /// 1.2 only.
        V1_2 = "dtls1.2",
    } else Auto
}

/// Least and most bits per second of a transcoded audio; outside, SRS takes the default.
const AUDIO_BITRATE: std::ops::RangeInclusive<i64> = 8_000..=320_000;

/// Bounds of the interval of key frame requests; outside, SRS takes the default.
const PLI_INTERVAL: std::ops::RangeInclusive<Duration> = Duration::from_millis(500)..=Duration::from_secs(30);

section! {
    /// WebRTC in a vhost.
    Rtc {
        enabled: bool,
        nack: bool,
        nack_no_copy: bool,
        twcc: bool,
        stun_timeout: Duration,
        stun_strict_check: bool,
        dtls_role: DtlsRole,
        dtls_version: DtlsVersion,
        drop_for_pt: i64,
        rtmp_to_rtc: bool,
        keep_bframe: bool,
        keep_avc_nalu_sei: bool,
        opus_bitrate: i64,
        aac_bitrate: i64,
        rtc_to_rtmp: bool,
        pli_for_rtmp: Duration,
    }
}

impl Rtc {
    /// Puts the defaults for values that SRS does not take.
    pub(crate) fn keep_ranges(mut self, scope: &Scope<'_>) -> Self {
        for (name, rate) in [("opus_bitrate", &mut self.opus_bitrate), ("aac_bitrate", &mut self.aac_bitrate)] {
            if !AUDIO_BITRATE.contains(rate) {
                scope.warn_range(name, &format!("is {rate}, outside of 8000 to 320000: the default is used"));
                *rate = scope.int_of(name, &scope.default_of(name));
            }
        }
        if !PLI_INTERVAL.contains(&self.pli_for_rtmp) {
            scope.warn_range("pli_for_rtmp", "is outside of 0.5 to 30 seconds: the default is used");
            self.pli_for_rtmp = scope.span_of("pli_for_rtmp", &scope.default_of("pli_for_rtmp"));
        }
        self
    }
}
