//! The rows that are owed by now. Work that adds a service adds its sections here, and takes rows out of `Except`.

use super::naming::resolve;
use super::tables::Row;

/// A section of the contract that tests have to cover.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    pub(super) file: &'static str,
    pub(super) section: &'static str,
    pub(super) rows: Rows,
}

/// Which rows of the section, named as tests name them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rows {
    All,
    /// Nothing but these.
    Only(&'static [&'static str]),
    /// All but these, each with the reason.
    Except(&'static [(&'static str, &'static str)]),
}

use Rows::{All, Except, Only};

const fn scope(file: &'static str, section: &'static str, rows: Rows) -> Scope {
    Scope { file, section, rows }
}

const CONFIG: &str = "config.md";
const API: &str = "http-api.md";
const OPS: &str = "ops.md";
const PROTOCOLS: &str = "protocols.md";
const HOOKS: &str = "hooks.md";
const ERRORS: &str = "errors.md";

const RELOAD: &str = "comes with reload";
const RTC: &str = "comes with WebRTC";
const CASTER: &str = "comes with the stream casters";

/// In the order of the contract.
pub(super) const SCOPE: &[Scope] = &[
    scope(CONFIG, "1", All),
    scope(CONFIG, "3", All),
    scope(CONFIG, "4", All),
    scope(CONFIG, "5", All),
    scope(CONFIG, "6", All),
    scope(CONFIG, "7", All),
    scope(CONFIG, "8", All),
    scope(CONFIG, "9", All),
    scope(CONFIG, "10", All),
    scope(CONFIG, "11", All),
    scope(CONFIG, "12", All),
    scope(CONFIG, "13", Except(&[("*", RELOAD)])),
    scope(CONFIG, "17", Only(&["http mounts", "hls_m3u8_file", "hls_ts_file", "hls_key_file"])),
    scope(CONFIG, "19", All),
    scope(API, "1", Except(&[("flv caster", CASTER)])),
    scope(API, "2", All),
    scope(
        API,
        "3",
        Except(&[
            ("/api/v1/raw", RELOAD),
            ("/rtc/v1/play/", RTC),
            ("/gb/v1/publish/", "comes with GB28181"),
            ("/api/v1/tcmalloc", "options of another build system"),
        ]),
    ),
    scope(API, "4.1", All),
    scope(API, "4.2", All),
    scope(API, "5", All),
    scope(HOOKS, "1", All),
    scope(HOOKS, "2", All),
    scope(HOOKS, "3", All),
    scope(OPS, "1", Except(&[("reload while", RELOAD)])),
    scope(OPS, "3", All),
    scope(OPS, "4", Except(&[("SIGHUP", RELOAD)])),
    scope(OPS, "6", All),
    scope(OPS, "11", Only(&["pid, id file", "srs_log_file"])),
    scope(PROTOCOLS, "1.1", All),
    scope(PROTOCOLS, "1.3", All),
    scope(PROTOCOLS, "1.4", All),
    scope(PROTOCOLS, "6.1", Except(&[("ICE", RTC)])),
    scope(PROTOCOLS, "7", All),
    scope(PROTOCOLS, "1.5", All),
    scope(ERRORS, "1", Only(&["0", "100", "400", "1028", "1090", "2014", "2048", "2049", "3008"])),
    scope(
        ERRORS,
        "2",
        Only(&[
            "1004", "1007", "1070", "1074", "2005", "2010", "2016", "2019", "2051", "2054", "2055", "2056", "2997",
            "3013", "3064", "4002", "4005", "4041", "4058", "5012", "5018", "5019", "5020", "5021", "5023", "5036",
            "5037",
        ]),
    ),
    scope(
        ERRORS,
        "3",
        Except(&[("1059", "a signal that nothing sends"), ("3029", "comes with ffmpeg processes"), ("3093", RELOAD)]),
    ),
];

/// The rows of one entry. An entry that names a row that is not there is a mistake of this table.
pub(super) fn owed(rows: &[Row], scope: &Scope, errors: &mut Vec<String>) -> Vec<usize> {
    let mut find = |text: &str| {
        resolve(rows, scope.file, scope.section, text).unwrap_or_else(|why| {
            errors.push(format!("{} §{} {text}: {why}", scope.file, scope.section));
            Vec::new()
        })
    };
    match scope.rows {
        All => find("*"),
        Only(texts) => texts.iter().flat_map(|text| find(text)).collect(),
        Except(texts) => {
            let excluded: Vec<usize> = texts.iter().flat_map(|(text, _)| find(text)).collect();
            find("*").into_iter().filter(|index| !excluded.contains(index)).collect()
        }
    }
}
