//! `docs/codecs.md`. A test keeps the file equal to this.

use std::fmt::Write;

use super::{CODECS, Cell, Egress, PAIRS};

const HEAD: &str = "\
# Codecs

What was pushed comes out by every way out whose format has a place for it. Nothing is transcoded. Each cell below is a
test in `e2e/tests/e2e/table.rs`.

This file is made of `e2e/src/table.rs`, which the tests read too; `UPDATE_EXPECT=1 cargo test -p weir-e2e --lib` writes it
anew.

## What comes out

ffmpeg 9 pushes every codec of pictures with every codec of sound, and each alone, by RTMP; one push feeds all ways out of a
row. ffmpeg reads RTMP and what came by HTTP, WebSocket and HLS. VP8, which ffmpeg does not send, is put into tags by the
tests.

- **=** the same packets, bit by bit. By RTMP and FLV their times are the same too.
- **≈** the same pictures for a decoder. MPEG-TS has its own start codes and repeats parameter sets. ffmpeg does not read AV1
  there: the crate mpeg2ts takes the stream apart, and the OBUs are the same.
- **–** the container has no place for it. The rest of the stream plays, and the log says what is left out. A stream of
  which nothing is left is refused: 415 over HTTP, no playlist of HLS.
- **·** sound alone.

A track of a codec that a way out has no place for changes nothing in the other track.

";

const PLAYERS: &str = "
## What players play

Each pushed pair in a loop, played from the running server: VLC 3 gets the same pictures as were pushed, Chromium advances
and decodes pictures and sound.

- **V** VLC 3.0
- **M** mpegts.js 1.8 in Chromium
- **H** hls.js 1.7 in Chromium
- **N** the HLS of Chromium itself

";

const LIMITS: &str = "
## Limits

| what | why |
|---|---|
| VP9, VP8 and FLAC in MPEG-TS | No specification maps them, and no player would know them. `hls_use_fmp4 on`, or FLV. |
| Any other sound than the name says by `.aac` and `.mp3` | Such a file is nothing but the frames of one codec. |
| Players of RTMP that list codecs (`fourCcList`, `videoFourCcInfoMap`, `audioFourCcInfoMap`) | They get what they list, and \
the log says what is left out. Players that list none get everything. |
| HEVC, AC-3 and E-AC-3 in Chromium | Its builds for Linux have no decoders for them. |
| MP3 in fragmented MP4 in Chromium | Its Media Source Extensions take MP3 only in a container of its own. |
| AV1 in MPEG-TS | ffmpeg up to 9 and VLC 3 do not know it. |
| AV1 by mpegts.js | Version 1.8 fails at what SVT-AV1 makes, in FLV and in MPEG-TS alike. HLS plays it. |
| Enhanced codecs of ffmpeg in FLV in the page | mpegts.js 1.8 stops at packet type 4, with which ffmpeg tells the colours of HEVC \
and AV1 and the order of channels of Opus and FLAC. HLS plays them, MPEG-TS plays Opus. |
| VP9 in FLV in the page | mpegts.js does not know it. HLS plays it. |
| HEVC in FLV in VLC 3 | It reads no Enhanced FLV. |
| More than one track of a kind | RTMP and FLV carry all; MPEG-TS over HTTP the first. HLS the first, or all as renditions (`hls_tracks`). |
";

/// The whole text.
pub fn render() -> String {
    let mut text = HEAD.to_owned();
    let columns = Egress::ALL.map(Egress::name).join(" | ");
    let _ = writeln!(text, "| codec | RTMP in | {columns} |\n|---|---|{}", "---|".repeat(Egress::ALL.len()));
    for row in CODECS {
        let cells = row.cells.map(glyph).join(" | ");
        let _ = writeln!(text, "| {} | {} | {cells} |", row.codec.label(), row.ingest);
    }
    text.push_str(PLAYERS);
    let _ = writeln!(text, "| pictures | sound | {columns} |\n|---|---|{}", "---|".repeat(Egress::ALL.len()));
    for pair in PAIRS {
        let letters = |egress| -> String {
            let plays = pair.players.iter().filter(|(_, by)| by.contains(&egress));
            plays.map(|(player, _)| player.letter()).collect()
        };
        let cells = Egress::ALL.map(letters).join(" | ");
        let _ = writeln!(text, "| {} | {} | {cells} |", pair.video.label(), pair.audio.label());
    }
    text + LIMITS
}

fn glyph(cell: Cell) -> &'static str {
    match cell {
        Cell::Packets => "=",
        Cell::Decoded => "≈",
        Cell::LeftOut => "–",
        Cell::Sound => "·",
    }
}
