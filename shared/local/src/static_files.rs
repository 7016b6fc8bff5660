//! `/static/**` as the CDN serves it: what `scripts/setup.sh` built, and the files beside the code.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::UNIX_EPOCH,
};

use axum::{
    extract::{Path as UrlPath, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::host::Host;

pub(crate) async fn serve(
    State(host): State<Arc<Host>>,
    UrlPath(path): UrlPath<String>,
    sent: HeaderMap,
) -> Response {
    let Some(file) = find(&host.root, &path) else {
        return (StatusCode::NOT_FOUND, "not found").into_response();
    };
    let (Ok(metadata), Ok(bytes)) = (tokio::fs::metadata(&file).await, tokio::fs::read(&file).await) else {
        return (StatusCode::NOT_FOUND, "not found").into_response();
    };
    let changed = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |age| age.as_millis());
    let tag = format!("\"{:x}-{changed:x}\"", metadata.len());
    let same = sent
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| {
            tags.split(',')
                .any(|known| known.trim().trim_start_matches("W/") == tag)
        });
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        bytes.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(&file)),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// The file of a path below `/static/`; none that lies outside of the folders, by dots or by a link.
fn find(root: &Path, path: &str) -> Option<PathBuf> {
    let allowed =
        |segment: &str| !segment.is_empty() && !segment.starts_with('.') && !segment.contains(['\\', '\0']);
    if !path.split('/').all(allowed) {
        return None;
    }
    let mut places = vec![
        (root.join("target/static"), path),
        (root.join("shared/app/static"), path),
    ];
    if let Some((service, rest)) = path.split_once('/') {
        places.push((root.join("functions").join(service).join("static"), rest));
    }
    places.into_iter().find_map(|(folder, rest)| {
        let folder = folder.canonicalize().ok()?;
        let file = folder.join(rest).canonicalize().ok()?;
        (file.starts_with(&folder) && file.is_file()).then_some(file)
    })
}

fn content_type(file: &Path) -> &'static str {
    match file
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
    {
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "html" => "text/html; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_is_served() {
        let root = std::env::temp_dir().join(format!("commonweal-static-{}", std::process::id()));
        let folder = root.join("functions/voting/static");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("a.css"), "x").unwrap();
        std::fs::write(root.join("functions/voting/secret"), "x").unwrap();
        std::os::unix::fs::symlink(root.join("functions/voting/secret"), folder.join("link")).unwrap();
        assert!(find(&root, "voting/a.css").is_some());
        for path in [
            "voting/../secret",
            "voting/link",
            "voting",
            "voting/",
            "../voting/secret",
            "voting//a.css",
            "voting/.x",
        ] {
            assert!(find(&root, path).is_none(), "{path}");
        }
        std::fs::remove_dir_all(&root).unwrap();
    }
}
