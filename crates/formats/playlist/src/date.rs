//! EXT-X-PROGRAM-DATE-TIME: points in time as RFC 3339 writes them, without leap seconds.

use std::fmt::Write;

const NANOS: i64 = 1_000_000_000;
const DAY: i64 = 86_400;

/// Days from 1 March of year 0 to 1 January 1970, in the proleptic Gregorian calendar.
const EPOCH: i64 = 719_468;
/// Days of 400 years, after which the calendar repeats.
const ERA: i64 = 146_097;

/// Appends nanoseconds since 1970 in UTC, rounded down to milliseconds: `2026-11-21T05:12:08.106Z`.
pub(crate) fn push_date_time(out: &mut String, unix_nanos: i64) {
    let (seconds, nanos) = (unix_nanos.div_euclid(NANOS), unix_nanos.rem_euclid(NANOS));
    let (days, time) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let (hour, minute, second, millis) = (time / 3600, time / 60 % 60, time % 60, nanos / 1_000_000);
    let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z");
}

/// Nanoseconds since 1970 from such a text: up to nine decimals, `Z` or an offset of hours and minutes. [`None`] for what
/// is no time, or beyond the years 1678 to 2261.
pub(crate) fn parse_date_time(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't'])?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = time.split_at_checked(zone)?;
    let (clock, decimals) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days_of(year, month, day);
    if civil(days) != (year, month, day) {
        return None;
    }
    let seconds = days * DAY + hour * 3600 + minute * 60 + second - parse_offset(zone)?;
    i64::try_from(i128::from(seconds) * i128::from(NANOS) + i128::from(parse_decimals(decimals)?)).ok()
}

/// Seconds that a zone is ahead of UTC.
fn parse_offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (sign, offset) = zone.split_at_checked(1)?;
    let (hours, minutes) = offset.split_once(':').or_else(|| offset.split_at_checked(2))?;
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    let offset = hours * 3600 + minutes * 60;
    (hours < 24 && minutes < 60).then_some(if sign == "-" { -offset } else { offset })
}

fn parse_decimals(decimals: &str) -> Option<i64> {
    let missing = 9_usize.checked_sub(decimals.len())?;
    Some(number(decimals, decimals.len())? * 10_i64.pow(missing as u32))
}

fn numbers(text: &str, separator: char, lengths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut found = [0; 3];
    for (found, len) in found.iter_mut().zip(lengths) {
        *found = number(parts.next()?, len)?;
    }
    parts.next().is_none().then_some(found)
}

/// A number of exactly `len` digits, at least one.
fn number(text: &str, len: usize) -> Option<i64> {
    let digits = !text.is_empty() && text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Year, month, day of a number of days since 1970. Years are counted from March, so that the leap day is the last.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + EPOCH;
    let (era, day) = (shifted.div_euclid(ERA), shifted.rem_euclid(ERA));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Five months from March on have 153 days, and so have the five after them.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next_year, month, day)
}

/// The reverse of [`civil`].
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let (month, year) = if month > 2 { (month - 3, year) } else { (month + 9, year - 1) };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day = (153 * month + 2) / 5 + day - 1;
    era * ERA + 365 * year + year / 4 - year / 100 + day - EPOCH
}

#[cfg(test)]
mod tests;
