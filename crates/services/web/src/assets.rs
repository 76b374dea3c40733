//! [`get`]: an asset by its path.

use std::borrow::Cow;

use rust_embed::RustEmbed;

/// `web/dist` as it was when this was built; empty when it was not there.
#[derive(RustEmbed)]
#[folder = "$OUT_DIR/dist"]
struct Built;

/// What stands in for it then.
#[derive(RustEmbed)]
#[folder = "unbuilt"]
struct Unbuilt;

const INDEX: &str = "index.html";
/// Names below carry a hash of what they name.
const HASHED: &str = "weir-assets/";
/// Pages of SRS that people have links to: the first page reads their queries, too.
const OLD_PLAYERS: [&str; 7] = [
    "players/",
    "players/index.html",
    "players/srs_player.html",
    "players/rtc_player.html",
    "players/rtc_publisher.html",
    "players/whep.html",
    "players/whip.html",
];

/// One file of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its content.
    pub bytes: Cow<'static, [u8]>,
    /// Its content type, with the charset where there is one.
    pub mime: &'static str,
    /// A strong entity tag, quotes included (RFC 9110, clause 8.8.3).
    pub etag: String,
    /// Its name changes with its content: clients may keep it for good. Others have to ask each time.
    pub immutable: bool,
}

/// The asset of a request's path, which is decoded and begins with a slash; `/` is the first page. `None`: there is no
/// such asset, and the path is free for others.
pub fn get(path: &str) -> Option<Asset> {
    if is_built() { find::<Built>(path) } else { find::<Unbuilt>(path) }
}

/// Whether the pages were there when this was built.
pub fn is_built() -> bool {
    Built::get(INDEX).is_some()
}

fn find<Pages: RustEmbed>(path: &str) -> Option<Asset> {
    let path = path.strip_prefix('/')?;
    let name = if path.is_empty() || OLD_PLAYERS.contains(&path) { INDEX } else { path };
    let file = Pages::get(name)?;
    Some(Asset {
        mime: mime(name),
        etag: etag(&file.metadata.sha256_hash()),
        immutable: name.starts_with(HASHED),
        bytes: file.data,
    })
}

/// Half of the hash tells two versions of a file apart.
fn etag(hash: &[u8; 32]) -> String {
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// The content type of what a build of `web/` may hold.
fn mime(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
