//! A media playlist from text.

use super::{
    HintKind, Key, Map, MediaPlaylist, OpenSegment, Part, PreloadHint, RenditionReport, Segment, SegmentStart,
    ServerControl,
};
use crate::Error;
use crate::attributes::Attributes;
use crate::date::parse_date_time;
use crate::text::read::{self, Line, Lines};
use std::sync::Arc;
use std::time::Duration;

impl MediaPlaylist {
    /// Reads a playlist. Tags and attributes that this crate does not write are passed over.
    ///
    /// Fails with the number of the line that breaks the syntax, for a master playlist, and for a delta update, which is
    /// nothing without the playlist before it: see [`MediaPlaylist::parse_after`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        Parser::default().run(text, None)
    }

    /// Reads a playlist that may be a delta update of `before`, and fills in what it leaves out.
    pub fn parse_after(text: &str, before: &MediaPlaylist) -> Result<Self, Error> {
        Parser::default().run(text, Some(before))
    }
}

#[derive(Default)]
struct Parser {
    playlist: MediaPlaylist,
    has_target: bool,
    /// The segment that the next URI or part belongs to.
    start: SegmentStart,
    parts: Vec<Part>,
    duration: Option<Duration>,
    gap: bool,
}

impl Parser {
    fn run(mut self, text: &str, before: Option<&MediaPlaylist>) -> Result<MediaPlaylist, Error> {
        let mut last = 0;
        for line in Lines::of(text)? {
            let line = line?;
            last = line.number;
            match line.tag {
                None => self.uri(&line)?,
                Some("#EXT-X-SKIP") => self.skip(&line, before)?,
                Some(tag) => {
                    if !self.playlist_tag(tag, &line)? && !self.segment_tag(tag, &line)? {
                        self.other_tag(tag, &line)?;
                    }
                }
            }
        }
        if self.duration.is_some() {
            return Err(Error::Lone { line: last, what: "EXTINF without a URI" });
        }
        if !self.has_target {
            return Err(Error::NoTargetDuration);
        }
        self.finish();
        Ok(self.playlist)
    }

    /// Tags for the whole playlist.
    fn playlist_tag(&mut self, tag: &str, line: &Line<'_>) -> Result<bool, Error> {
        let playlist = &mut self.playlist;
        match tag {
            "#EXT-X-VERSION" => playlist.version = line.number_of("EXT-X-VERSION")?,
            "#EXT-X-TARGETDURATION" => {
                playlist.target_duration = line.number_of("EXT-X-TARGETDURATION")?;
                self.has_target = true;
            }
            "#EXT-X-MEDIA-SEQUENCE" => playlist.media_sequence = line.number_of("EXT-X-MEDIA-SEQUENCE")?,
            "#EXT-X-DISCONTINUITY-SEQUENCE" => {
                playlist.discontinuity_sequence = line.number_of("EXT-X-DISCONTINUITY-SEQUENCE")?;
            }
            "#EXT-X-INDEPENDENT-SEGMENTS" => playlist.independent_segments = true,
            "#EXT-X-SERVER-CONTROL" => playlist.server_control = Some(read_control(line)?),
            "#EXT-X-PART-INF" => {
                let list = line.attributes("EXT-X-PART-INF")?;
                playlist.part_target = Some(line.seconds(&list, "EXT-X-PART-INF", "PART-TARGET")?);
            }
            "#EXT-X-ENDLIST" => playlist.ended = true,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Tags for the next segment, or from it on.
    fn segment_tag(&mut self, tag: &str, line: &Line<'_>) -> Result<bool, Error> {
        match tag {
            "#EXTINF" => {
                let duration = line.value.split(',').next().unwrap_or_default();
                self.duration = Some(read::seconds(duration).ok_or_else(|| line.bad("EXTINF", duration))?);
            }
            "#EXT-X-DISCONTINUITY" => self.start.discontinuity = true,
            "#EXT-X-GAP" => self.gap = true,
            "#EXT-X-PROGRAM-DATE-TIME" => {
                let time = parse_date_time(line.value);
                self.start.program_date_time =
                    Some(time.ok_or_else(|| line.bad("EXT-X-PROGRAM-DATE-TIME", line.value))?);
            }
            "#EXT-X-MAP" => {
                let list = line.attributes("EXT-X-MAP")?;
                let uri = line.quoted(&list, "EXT-X-MAP", "URI")?;
                self.start.map = Some(Arc::new(Map { uri, encrypted: self.start.key.is_some() }));
            }
            "#EXT-X-KEY" => self.start.key = read_key(line)?.map(Arc::new),
            "#EXT-X-PART" => self.parts.push(read_part(line)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Tags about what is not here, and of the other kind of playlist.
    fn other_tag(&mut self, tag: &str, line: &Line<'_>) -> Result<(), Error> {
        match tag {
            "#EXT-X-PRELOAD-HINT" => self.playlist.hints.extend(read_hint(line)?),
            "#EXT-X-RENDITION-REPORT" => self.playlist.reports.push(read_report(line)?),
            "#EXT-X-STREAM-INF" => return Err(Error::OtherKind { line: line.number, tag: "EXT-X-STREAM-INF" }),
            "#EXT-X-MEDIA" => return Err(Error::OtherKind { line: line.number, tag: "EXT-X-MEDIA" }),
            _ => {}
        }
        Ok(())
    }

    fn uri(&mut self, line: &Line<'_>) -> Result<(), Error> {
        let lone = Error::Lone { line: line.number, what: "URI without EXTINF" };
        let duration = self.duration.take().ok_or(lone)?;
        let next = SegmentStart { discontinuity: false, program_date_time: None, ..self.start.clone() };
        self.playlist.segments.push_back(Segment {
            start: std::mem::replace(&mut self.start, next),
            parts: std::mem::take(&mut self.parts),
            duration,
            uri: line.value.to_owned(),
            gap: std::mem::take(&mut self.gap),
        });
        Ok(())
    }

    /// Takes what is left out from the playlist before, and goes on with what applied there.
    fn skip(&mut self, line: &Line<'_>, before: Option<&MediaPlaylist>) -> Result<(), Error> {
        const TAG: &str = "EXT-X-SKIP";
        let list = line.attributes(TAG)?;
        let count: usize = line.number(&list, TAG, "SKIPPED-SEGMENTS")?;
        if !self.playlist.segments.is_empty() {
            return Err(Error::Lone { line: line.number, what: "EXT-X-SKIP behind a segment" });
        }
        let first = self.playlist.media_sequence;
        let from = before.and_then(|before| usize::try_from(first.checked_sub(before.media_sequence)?).ok());
        let known = before.map(|before| &before.segments).zip(from);
        let skipped = known.filter(|(segments, from)| segments.len().saturating_sub(*from) >= count);
        let Some((segments, from)) = skipped else {
            let last = first.saturating_add(count as u64).saturating_sub(1);
            let known = before.map_or("nothing".to_owned(), |before| before.next_msn().saturating_sub(1).to_string());
            return Err(Error::Skipped { first, last, known });
        };
        self.playlist.segments.extend(segments.iter().skip(from).take(count).cloned());
        if let Some(last) = self.playlist.segments.back() {
            self.start =
                SegmentStart { map: last.start.map.clone(), key: last.start.key.clone(), ..Default::default() };
        }
        Ok(())
    }

    /// Parts behind the last segment are those of one that is being made.
    fn finish(&mut self) {
        if !self.parts.is_empty() {
            let (start, parts) = (std::mem::take(&mut self.start), std::mem::take(&mut self.parts));
            self.playlist.open = Some(OpenSegment { start, parts });
        }
    }
}

fn read_control(line: &Line<'_>) -> Result<ServerControl, Error> {
    const TAG: &str = "EXT-X-SERVER-CONTROL";
    let list = line.attributes(TAG)?;
    let time = |name: &'static str| match list.get(name) {
        Some(_) => line.seconds(&list, TAG, name).map(Some),
        None => Ok(None),
    };
    Ok(ServerControl {
        can_block_reload: is_yes(&list, "CAN-BLOCK-RELOAD"),
        can_skip_until: time("CAN-SKIP-UNTIL")?,
        hold_back: time("HOLD-BACK")?,
        part_hold_back: time("PART-HOLD-BACK")?,
    })
}

fn read_key(line: &Line<'_>) -> Result<Option<Key>, Error> {
    const TAG: &str = "EXT-X-KEY";
    let list = line.attributes(TAG)?;
    match list.get("METHOD") {
        Some("NONE") => Ok(None),
        Some("AES-128") => {
            let iv = match list.get("IV") {
                Some(text) => Some(read::iv(text).ok_or_else(|| line.bad("IV", text))?),
                None => None,
            };
            Ok(Some(Key { uri: line.quoted(&list, TAG, "URI")?, iv }))
        }
        Some(other) => Err(line.bad("METHOD", other)),
        None => Err(line.missing(TAG, "METHOD")),
    }
}

fn read_part(line: &Line<'_>) -> Result<Part, Error> {
    const TAG: &str = "EXT-X-PART";
    let list = line.attributes(TAG)?;
    Ok(Part {
        duration: line.seconds(&list, TAG, "DURATION")?,
        uri: line.quoted(&list, TAG, "URI")?,
        independent: is_yes(&list, "INDEPENDENT"),
        gap: is_yes(&list, "GAP"),
    })
}

/// [`None`] for a kind that is not known, which is to be ignored.
fn read_hint(line: &Line<'_>) -> Result<Option<PreloadHint>, Error> {
    const TAG: &str = "EXT-X-PRELOAD-HINT";
    let list = line.attributes(TAG)?;
    let kind = match list.get("TYPE") {
        Some("PART") => HintKind::Part,
        Some("MAP") => HintKind::Map,
        Some(_) => return Ok(None),
        None => return Err(line.missing(TAG, "TYPE")),
    };
    Ok(Some(PreloadHint { kind, uri: line.quoted(&list, TAG, "URI")? }))
}

fn read_report(line: &Line<'_>) -> Result<RenditionReport, Error> {
    const TAG: &str = "EXT-X-RENDITION-REPORT";
    let list = line.attributes(TAG)?;
    let last_part = match list.get("LAST-PART") {
        Some(_) => Some(line.number(&list, TAG, "LAST-PART")?),
        None => None,
    };
    Ok(RenditionReport {
        uri: line.quoted(&list, TAG, "URI")?,
        last_msn: line.number(&list, TAG, "LAST-MSN")?,
        last_part,
    })
}

fn is_yes(list: &Attributes<'_>, name: &str) -> bool {
    list.get(name) == Some("YES")
}
