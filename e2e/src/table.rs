//! What comes out of each codec by each way out: the data of `docs/codecs.md`, and what the tests of its cells expect.
//!
//! A new way out is a column here: a member of [`Egress`] and a cell for each codec in [`CODECS`]. The tests say what a
//! cell really holds.

mod docs;

use weir_codec::Codec;

pub use docs::render;

/// A way out of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Egress {
    /// RTMP, to a player that announces every codec.
    Rtmp,
    /// FLV over HTTP.
    HttpFlv,
    /// FLV over WebSocket.
    WsFlv,
    /// MPEG-TS over HTTP.
    HttpTs,
    /// MPEG-TS over WebSocket.
    WsTs,
    /// Fragmented MP4 over HTTP.
    HttpMp4,
    /// ADTS over HTTP.
    HttpAac,
    /// MP3 over HTTP.
    HttpMp3,
    /// HLS of MPEG-TS.
    HlsTs,
    /// HLS of fragmented MP4.
    HlsMp4,
    /// The parts of low-latency HLS, of fragmented MP4.
    LlHls,
}

impl Egress {
    /// The columns of the table.
    pub const ALL: [Egress; 11] = [
        Egress::Rtmp,
        Egress::HttpFlv,
        Egress::WsFlv,
        Egress::HttpTs,
        Egress::WsTs,
        Egress::HttpMp4,
        Egress::HttpAac,
        Egress::HttpMp3,
        Egress::HlsTs,
        Egress::HlsMp4,
        Egress::LlHls,
    ];

    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Egress::Rtmp => "RTMP",
            Egress::HttpFlv => "HTTP-FLV",
            Egress::WsFlv => "WS-FLV",
            Egress::HttpTs => "HTTP-TS",
            Egress::WsTs => "WS-TS",
            Egress::HttpMp4 => "HTTP-fMP4",
            Egress::HttpAac => "HTTP-AAC",
            Egress::HttpMp3 => "HTTP-MP3",
            Egress::HlsTs => "HLS TS",
            Egress::HlsMp4 => "HLS fMP4",
            Egress::LlHls => "LL-HLS",
        }
    }
}

/// What a way out does with a codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Every packet comes out bit by bit.
    Packets,
    /// A decoder sees the same: the container has parameter sets or headers of its own around the packets.
    Decoded,
    /// The rest of the stream plays without it, and the log says so. A stream that has nothing else is refused.
    LeftOut,
    /// The container has no place for pictures.
    Sound,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The codec.
    pub codec: Codec,
    /// How it comes in by RTMP.
    pub ingest: &'static str,
    /// One for each of [`Egress::ALL`].
    pub cells: [Cell; Egress::ALL.len()],
}

impl Row {
    /// What a way out does with it.
    pub fn cell(&self, egress: Egress) -> Cell {
        self.cells[egress as usize]
    }
}

/// The row of a codec.
pub fn row(codec: Codec) -> Row {
    CODECS.into_iter().find(|row| row.codec == codec).unwrap_or_else(|| panic!("no row for {}", codec.label()))
}

const P: Cell = Cell::Packets;
const D: Cell = Cell::Decoded;
const L: Cell = Cell::LeftOut;
const S: Cell = Cell::Sound;

/// Every codec that comes in. The order of columns is that of [`Egress::ALL`].
#[rustfmt::skip]
pub const CODECS: [Row; 11] = [
    //                                                         RTMP FLV WS  TS WS MP4 AAC MP3 HLS MP4 LL
    Row { codec: Codec::H264, ingest: "id 7 or `avc1`",   cells: [P, P, P, D, D, P, S, S, D, P, P] },
    Row { codec: Codec::H265, ingest: "`hvc1` or id 12",  cells: [P, P, P, D, D, P, S, S, D, P, P] },
    Row { codec: Codec::Av1,  ingest: "`av01` or id 13",  cells: [P, P, P, D, D, P, S, S, D, P, P] },
    Row { codec: Codec::Vp9,  ingest: "`vp09`",           cells: [P, P, P, L, L, P, S, S, L, P, P] },
    Row { codec: Codec::Vp8,  ingest: "`vp08`",           cells: [P, P, P, L, L, P, S, S, L, P, P] },
    Row { codec: Codec::Aac,  ingest: "id 10 or `mp4a`",  cells: [P, P, P, P, P, P, P, L, P, P, P] },
    Row { codec: Codec::Mp3,  ingest: "id 2 or `.mp3`",   cells: [P, P, P, P, P, P, L, P, P, P, P] },
    Row { codec: Codec::Opus, ingest: "`Opus`",           cells: [P, P, P, P, P, P, L, L, P, P, P] },
    Row { codec: Codec::Flac, ingest: "`fLaC`",           cells: [P, P, P, L, L, P, L, L, L, P, P] },
    Row { codec: Codec::Ac3,  ingest: "`ac-3`",           cells: [P, P, P, P, P, P, L, L, P, P, P] },
    Row { codec: Codec::Eac3, ingest: "`ec-3`",           cells: [P, P, P, P, P, P, L, L, P, P, P] },
];

/// A player with a screen, or one that acts as if it had one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Player {
    /// VLC 3.
    Vlc,
    /// mpegts.js in Chromium.
    MpegtsJs,
    /// hls.js in Chromium.
    HlsJs,
    /// Chromium's own HLS.
    Native,
}

impl Player {
    /// How the table of players writes it.
    pub const fn letter(self) -> char {
        match self {
            Player::Vlc => 'V',
            Player::MpegtsJs => 'M',
            Player::HlsJs => 'H',
            Player::Native => 'N',
        }
    }

    /// The `player=` of the page for a way out.
    pub fn page(self, egress: Egress) -> &'static str {
        match (self, egress) {
            (Player::MpegtsJs, Egress::HttpFlv) => "flv",
            (Player::MpegtsJs, Egress::WsFlv) => "ws-flv",
            (Player::MpegtsJs, Egress::HttpTs) => "ts",
            (Player::MpegtsJs, Egress::WsTs) => "ws-ts",
            (Player::HlsJs, Egress::HlsTs | Egress::HlsMp4) => "hls",
            (Player::HlsJs, Egress::LlHls) => "ll-hls",
            (Player::Native, Egress::HlsTs | Egress::HlsMp4) => "native-hls",
            _ => panic!("the page has no {self:?} for {}", egress.name()),
        }
    }
}

/// Pictures and sound that players play.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The codec of the pictures.
    pub video: Codec,
    /// The codec of the sound.
    pub audio: Codec,
    /// Who plays it by which way out.
    pub players: &'static [(Player, &'static [Egress])],
}

const FLV_TS: &[Egress] = &[Egress::HttpFlv, Egress::WsFlv, Egress::HttpTs, Egress::WsTs];
const TS: &[Egress] = &[Egress::HttpTs, Egress::WsTs];
const HLS: &[Egress] = &[Egress::HlsTs, Egress::HlsMp4, Egress::LlHls];
const MP4: &[Egress] = &[Egress::HlsMp4, Egress::LlHls];
const PLAIN: &[Egress] = &[Egress::HlsTs, Egress::HlsMp4];
const VLC: &[Egress] = &[Egress::HttpFlv, Egress::HttpTs, Egress::HlsTs, Egress::HlsMp4];
const VLC_TS: &[Egress] = &[Egress::HttpTs, Egress::HlsTs, Egress::HlsMp4];

/// What players play. Pairs that are not here were not tried, or are not played for want of a codec in the player.
pub const PAIRS: [Pair; 8] = [
    Pair {
        video: Codec::H264,
        audio: Codec::Aac,
        players: &[(Player::Vlc, VLC), (Player::MpegtsJs, FLV_TS), (Player::HlsJs, HLS), (Player::Native, PLAIN)],
    },
    Pair {
        video: Codec::H264,
        audio: Codec::Mp3,
        players: &[(Player::Vlc, VLC), (Player::MpegtsJs, FLV_TS), (Player::HlsJs, &[Egress::HlsTs])],
    },
    Pair { video: Codec::H264, audio: Codec::Opus, players: &[(Player::MpegtsJs, TS), (Player::HlsJs, MP4)] },
    Pair { video: Codec::H265, audio: Codec::Aac, players: &[(Player::Vlc, VLC_TS)] },
    Pair { video: Codec::Av1, audio: Codec::Aac, players: &[(Player::HlsJs, MP4)] },
    Pair {
        video: Codec::Av1,
        audio: Codec::Opus,
        players: &[(Player::HlsJs, MP4), (Player::Native, &[Egress::HlsMp4])],
    },
    Pair {
        video: Codec::Vp9,
        audio: Codec::Opus,
        players: &[(Player::HlsJs, MP4), (Player::Native, &[Egress::HlsMp4])],
    },
    Pair { video: Codec::Vp9, audio: Codec::Flac, players: &[(Player::HlsJs, MP4)] },
];

#[cfg(test)]
mod tests;
