//! A line of the log, taken apart.

use weir_e2e::Server;

/// `[YYYY-MM-DD HH:MM:SS.mmm][LEVEL][pid][cid][errno][tag] text`: errno for warnings and errors only, the tag optional.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) time: String,
    pub(super) level: String,
    pub(super) pid: u32,
    pub(super) cid: String,
    pub(super) tag: Option<String>,
    pub(super) text: String,
}

impl Line {
    /// Panics when the line has another form.
    #[track_caller]
    pub(super) fn parse(raw: &str) -> Self {
        Self::try_parse(raw).unwrap_or_else(|| panic!("not a line of the log: {raw:?}"))
    }

    fn try_parse(raw: &str) -> Option<Self> {
        let colourless = raw.strip_prefix("\x1b[33m").or(raw.strip_prefix("\x1b[31m"));
        let raw = colourless.map_or(Some(raw), |line| line.strip_suffix("\x1b[0m"))?;
        let (time, rest) = field(raw)?;
        let (level, rest) = field(rest)?;
        let (pid, rest) = field(rest)?;
        let (cid, mut rest) = field(rest)?;
        if matches!(level, "WARN" | "ERROR") {
            let (errno, after) = field(rest)?;
            errno.parse::<u32>().ok()?;
            rest = after;
        }
        let (tag, rest) = field(rest).map_or((None, rest), |(tag, rest)| (Some(tag), rest));
        let text = rest.strip_prefix(' ').filter(|text| !text.is_empty())?;
        let well = has_shape(time, "NNNN-NN-NN NN:NN:NN.NNN")
            && matches!(level, "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR")
            && cid.len() == 8
            && cid.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase());
        well.then_some(())?;
        Some(Self {
            time: time.to_owned(),
            level: level.to_owned(),
            pid: pid.parse().ok()?,
            cid: cid.to_owned(),
            tag: tag.map(str::to_owned),
            text: text.to_owned(),
        })
    }

    /// The line without what differs from run to run: numbers are N, ids have names, ports are called as in the
    /// configuration.
    pub(super) fn normalised(&self, server: &Server, names: &[(&str, &str)]) -> String {
        let tag = self.tag.as_ref().map_or(String::new(), |tag| format!("[{tag}] "));
        let mut line = format!("{} {} {tag}{}", self.level, self.cid, self.text);
        for (id, name) in names {
            line = line.replace(id, name);
        }
        for name in ["rtmp", "http", "api"] {
            line = line.replace(&server.port(name).to_string(), &name.to_uppercase());
        }
        line = line.replace(&server.dir().display().to_string(), "FOLDER");
        if let Some((folder, _)) = line.split_once(", on Linux ") {
            line = format!("{folder}, on MACHINE");
        }
        line.split_inclusive(' ').map(without_number).collect()
    }
}

/// The text in the brackets at the start, and what follows them.
fn field(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('[')?.split_once(']')
}

fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(c, shape): (char, char)| if shape == 'N' { c.is_ascii_digit() } else { c == shape };
    text.len() == shape.len() && text.chars().zip(shape.chars()).all(fits)
}

/// A word that is a number, maybe with a point, becomes N; the port of a client too.
fn without_number(word: &str) -> String {
    if word.starts_with("Lavf") {
        return "LAVF)".to_owned();
    }
    let number = word.trim_end_matches([' ', ',', ';', ':', '%']);
    let end = &word[number.len()..];
    let is_address = number.matches('.').count() == 3;
    if !number.is_empty() && !is_address && number.bytes().all(|c| c.is_ascii_digit() || c == b'.') {
        return format!("N{end}");
    }
    match number.rsplit_once(':') {
        Some((host, port)) if !host.contains('/') && port.parse::<u16>().is_ok() => format!("{host}:N{end}"),
        _ => word.to_owned(),
    }
}
