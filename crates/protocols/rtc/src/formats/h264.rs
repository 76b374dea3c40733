//! Profiles and packetisation modes of H.264: RFC 6184 clause 8.1.

use super::parameter;

/// What `profile-level-id` says, by what a decoder of it can decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Profile {
    ConstrainedBaseline,
    /// With slice groups and redundant slices that hardly any encoder makes and the profiles above do not have.
    Baseline,
    Main,
    Extended,
    ConstrainedHigh,
    High,
    High10,
    High422,
    High444,
}

/// The profile that SRS prefers, in the mode that fragments large units.
pub(super) fn is_favourite(fmtp: &str) -> bool {
    mode(fmtp) == 1 && parameter(fmtp, "profile-level-id").is_some_and(|id| id.eq_ignore_ascii_case("42e01f"))
}

/// How badly what a player offers suits a stream: 0 is best. The stream's mode weighs most, then its profile, then its
/// level. Nothing is so bad that it is not tried: browsers decode more than they offer.
pub(super) fn misfit(offered: &str, stream: &str) -> u32 {
    // A stream of which nothing is known has large units in fragments.
    let needs_mode = if parameter(stream, "profile-level-id").is_none() { 1 } else { mode(stream) };
    let mode_misfit = if mode(offered) == needs_mode {
        0
    } else if mode(offered) > needs_mode {
        1
    } else {
        100
    };
    let (Some((profile, level)), Some((needs, needs_level))) = (profile_level(offered), profile_level(stream)) else {
        return mode_misfit + u32::from(!is_favourite(offered));
    };
    let profile_misfit = match () {
        () if profile == needs => 0,
        () if decodes(profile, needs) => 4,
        () => 40,
    };
    mode_misfit + profile_misfit + if level >= needs_level { 0 } else { 2 }
}

fn mode(fmtp: &str) -> u32 {
    parameter(fmtp, "packetization-mode").and_then(|mode| mode.parse().ok()).map_or(0, |mode: u32| mode.min(2))
}

/// Table A-1 of H.264: true when a decoder of one profile decodes another.
fn decodes(decoder: Profile, stream: Profile) -> bool {
    use Profile::*;
    match (decoder, stream) {
        // What says Baseline is Constrained Baseline in all but the flag: there is no encoder for the rest.
        (_, ConstrainedBaseline | Baseline) => true,
        (ConstrainedBaseline | Baseline, _) | (_, Extended) => false,
        (decoder, Main) => decoder != ConstrainedHigh,
        (decoder, stream) => decoder >= stream,
    }
}

/// Table 5 of RFC 6184, and the level.
fn profile_level(fmtp: &str) -> Option<(Profile, u8)> {
    let id = parameter(fmtp, "profile-level-id").filter(|id| id.len() == 6)?;
    let [_, idc, flags, level] = u32::from_str_radix(id, 16).ok()?.to_be_bytes();
    let flag = |number: u8| flags & (0x80 >> number) != 0;
    let profile = match idc {
        0x42 if flag(1) => Profile::ConstrainedBaseline,
        0x42 => Profile::Baseline,
        0x4D if flag(0) => Profile::ConstrainedBaseline,
        0x4D => Profile::Main,
        0x58 if flag(0) && flag(1) => Profile::ConstrainedBaseline,
        0x58 if flag(0) => Profile::Baseline,
        0x58 => Profile::Extended,
        0x64 if flag(4) && flag(5) => Profile::ConstrainedHigh,
        0x64 => Profile::High,
        0x6E => Profile::High10,
        0x7A => Profile::High422,
        0xF4 => Profile::High444,
        _ => return None,
    };
    // Level 1b is 11 with a flag, where the profile is an old one.
    let level = if level == 11 && idc != 0x64 && flag(3) { 10 } else { level };
    Some((profile, level))
}
