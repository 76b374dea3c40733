//! WebRTC: the listeners, and the rules of a vhost.

use std::time::Duration;

use crate::lookup::Scope;

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
