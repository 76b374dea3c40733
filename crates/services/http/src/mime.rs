//! Content types by file extension.

/// The content type of a file name.
pub(crate) fn content_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    match extension.as_str() {
        "ts" => "video/MP2T",
        "flv" => "video/x-flv",
        "m4v" => "video/x-m4v",
        "3gp" => "video/3gpp",
        "mp4" | "mp4v" => "video/mp4",
        "m4s" => "video/iso.segment",
        "aac" => "audio/x-aac",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/x-m4a",
        "ogg" => "audio/ogg",
        "m3u8" => "application/vnd.apple.mpegurl",
        "mpd" => "application/dash+xml",
        "rss" => "application/rss+xml",
        "json" => "application/json",
        "swf" => "application/x-shockwave-flash",
        "doc" => "application/msword",
        "zip" => "application/zip",
        "rar" => "application/x-rar-compressed",
        "xml" => "text/xml",
        "html" | "htm" => "text/html",
        "js" => "text/javascript",
        "css" => "text/css",
        "ico" => "image/x-icon",
        "png" => "image/png",
        "jpeg" | "jpg" => "image/jpeg",
        "gif" => "image/gif",
        _ => "application/octet-stream",
    }
}
