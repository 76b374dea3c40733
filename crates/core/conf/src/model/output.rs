//! Streams written to files: HLS, DASH, HDS, recordings.

use std::time::Duration;

use crate::model::TimeJitter;

section! {
    /// HLS.
    Hls {
        enabled: bool,
        hls_fragment: Duration,
        hls_td_ratio: f64,
        hls_aof_ratio: f64,
        hls_window: Duration,
        hls_on_error: HlsOnError,
        hls_path: String,
        hls_m3u8_file: String,
        hls_ts_file: String,
        hls_ts_floor: bool,
        hls_entry_prefix: String,
        hls_acodec: HlsAudio,
        hls_vcodec: HlsVideo,
        hls_cleanup: bool,
        hls_dispose: Option<Duration>,
        hls_wait_keyframe: bool,
        hls_nb_notify: usize,
        hls_dts_directly: bool,
        hls_ctx: bool,
        hls_ts_ctx: bool,
        hls_keys: bool,
        hls_fragments_per_key: i64,
        hls_key_file: String,
        hls_key_file_path: String,
        hls_key_url: String,
        hls_use_fmp4: bool,
        hls_fmp4_file: String,
        hls_init_file: String,
        hls_low_latency: bool,
        hls_part: Duration,
        hls_disk: bool,
        hls_tracks: bool,
        hls_group: Vec<HlsGroup>,
    }
}

section! {
    /// Streams that are renditions of one another: the same pictures at different sizes.
    HlsGroup [
        /// The name under which they are offered together.
        name
    ] {
        streams: Vec<String>,
    }
}

words! {
    /// What a failed write does.
    HlsOnError {
        /// Stop HLS, keep the stream.
        Ignore = "ignore",
        /// Drop the publisher.
        Disconnect = "disconnect",
        /// Go on with the next segment.
        Continue = "continue",
    } else Disconnect
}

words! {
    /// Audio of a stream that has not told yet.
    HlsAudio {
        /// AAC.
        Aac = "aac",
        /// MP3.
        Mp3 = "mp3",
        /// No audio.
        None = "an",
    } else Aac
}

words! {
    /// Video of a stream that has not told yet.
    HlsVideo {
        /// H.264.
        H264 = "h264",
        /// H.265.
        H265 = "h265",
        /// No video.
        None = "vn",
    } else H264
}

section! {
    /// MPEG-DASH.
    Dash {
        enabled: bool,
        dash_fragment: Duration,
        dash_update_period: Duration,
        dash_timeshift: Duration,
        dash_path: String,
        dash_mpd_file: String,
        dash_window_size: usize,
        dash_cleanup: bool,
        dash_dispose: Option<Duration>,
    }
}

section! {
    /// Adobe HDS.
    Hds { enabled: bool, hds_fragment: Duration, hds_window: Duration, hds_path: String }
}

section! {
    /// Recording. `dvr_apply` is `all` or a list of `app/stream`.
    Dvr {
        enabled: bool,
        dvr_apply: Vec<String>,
        dvr_plan: DvrPlan,
        dvr_path: String,
        dvr_duration: Duration,
        dvr_wait_keyframe: bool,
        time_jitter: TimeJitter,
    }
}

words! {
    /// Where one file ends.
    DvrPlan {
        /// With the publish.
        Session = "session",
        /// After `dvr_duration`.
        Segment = "segment",
    } else Session
}
