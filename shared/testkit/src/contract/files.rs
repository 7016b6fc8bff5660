//! What [`Files`] promises.

use std::time::Duration;

use bytes::Bytes;
use ports::{Area, FileKey, Files, Kind, PART, PutFile};

use super::{Fetch, unique};

/// What the server behind the signed links is known to check. An adapter's own server checks everything; of the
/// emulators one does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkChecks {
    /// Refuses a link that expired or was changed.
    Enforced,
    /// Answers such a link with the file: known, and asserted, so that a change is noticed.
    Ignored,
}

/// # Panics
/// Where a promise of the port is broken.
pub async fn files_contract(files: &dyn Files, fetch: Fetch<'_>, links: LinkChecks) {
    for area in [Area::Private, Area::Public] {
        whole_files(files, area).await;
        files_in_parts(files, area).await;
        signed_links(files, area, fetch, links).await;
    }

    // The two areas are apart.
    let key = FileKey::new(unique("contract/apart")).unwrap();
    files
        .put(Area::Private, &key, Bytes::from_static(b"secret"), pdf(None))
        .await
        .unwrap();
    assert!(
        files.get(Area::Public, &key, 100).await.unwrap().is_none(),
        "a private file shows in public"
    );
    files.delete(Area::Private, &key).await.unwrap();
}

async fn whole_files(files: &dyn Files, area: Area) {
    let key = FileKey::new(unique("contract/whole.file")).unwrap();
    assert!(
        files.get(area, &key, 100).await.unwrap().is_none(),
        "a missing file reads as None"
    );
    files
        .delete(area, &key)
        .await
        .expect("removing what is not there is fine");

    files
        .put(area, &key, Bytes::from_static(b"first"), pdf(None))
        .await
        .unwrap();
    let html = PutFile {
        content_type: "text/html; charset=utf-8".into(),
        download_name: None,
    };
    files
        .put(area, &key, Bytes::from_static(b"second one"), html)
        .await
        .unwrap();
    let read = files
        .get(area, &key, 10)
        .await
        .unwrap()
        .expect("a file of exactly the limit is read");
    assert_eq!(read.bytes, "second one", "a second put replaces the first");
    assert_eq!(
        read.content_type, "text/html; charset=utf-8",
        "the content type is replaced as well"
    );
    let refused = files
        .get(area, &key, 9)
        .await
        .expect_err("a file over the limit is refused");
    assert_eq!(refused.kind(), Kind::TooLarge);

    let large: Bytes = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    files.put(area, &key, large.clone(), pdf(None)).await.unwrap();
    assert!(
        files.get(area, &key, large.len()).await.unwrap().unwrap().bytes == large,
        "3 MB come back"
    );
    files.put(area, &key, Bytes::new(), pdf(None)).await.unwrap();
    assert_eq!(
        files.get(area, &key, 0).await.unwrap().unwrap().bytes,
        "",
        "an empty file is a file"
    );

    files.delete(area, &key).await.unwrap();
    files.delete(area, &key).await.expect("removing twice is fine");
    assert!(
        files.get(area, &key, 100).await.unwrap().is_none(),
        "a removed file is gone"
    );
}

async fn files_in_parts(files: &dyn Files, area: Area) {
    let key = FileKey::new(unique("contract/parts.csv")).unwrap();
    let csv = PutFile {
        content_type: "text/csv; charset=utf-8".into(),
        download_name: Some("parts.csv".into()),
    };
    let (first, last) = (Bytes::from(vec![b'a'; PART]), Bytes::from_static(b"end"));
    let mut upload = files.begin(area, &key, csv.clone()).await.unwrap();
    upload.part(first.clone()).await.unwrap();
    upload.part(last.clone()).await.unwrap();
    assert!(
        files.get(area, &key, PART + 3).await.unwrap().is_none(),
        "what is not finished is not there"
    );
    upload.finish().await.unwrap();
    let read = files.get(area, &key, PART + 3).await.unwrap().unwrap();
    assert_eq!(read.bytes.len(), PART + 3);
    assert!(
        read.bytes.starts_with(&first) && read.bytes.ends_with(&last),
        "parts come in their order"
    );
    assert_eq!(read.content_type, "text/csv; charset=utf-8");

    let mut given_up = files.begin(area, &key, csv.clone()).await.unwrap();
    given_up.part(Bytes::from_static(b"half")).await.unwrap();
    drop(given_up);
    assert_eq!(
        files
            .get(area, &key, PART + 3)
            .await
            .unwrap()
            .unwrap()
            .bytes
            .len(),
        PART + 3,
        "an upload that is given up changes nothing"
    );

    let mut small = files.begin(area, &key, csv).await.unwrap();
    small.part(last.clone()).await.unwrap();
    small.finish().await.unwrap();
    assert_eq!(
        files.get(area, &key, 3).await.unwrap().unwrap().bytes,
        last,
        "one small part is a file, and replaces what was there"
    );
    files.delete(area, &key).await.unwrap();
}

async fn signed_links(files: &dyn Files, area: Area, fetch: Fetch<'_>, links: LinkChecks) {
    let key = FileKey::new(unique("contract/link")).unwrap();
    let bytes = Bytes::from_static(b"%PDF-1.7 bytes \x00\xff");
    files
        .put(area, &key, bytes.clone(), pdf(Some("Señal \"1\".pdf")))
        .await
        .unwrap();

    let minute = Duration::from_secs(60);
    let link = files.signed_url(area, &key, minute).await.unwrap();
    let got = fetch(link.clone()).await;
    assert_eq!(
        (got.status, &got.body[..]),
        (200, &bytes[..]),
        "a link answers with the file"
    );
    assert_eq!(
        got.header("content-type"),
        Some("application/pdf"),
        "a link keeps the content type"
    );
    let disposition = got.header("content-disposition").unwrap_or_default();
    assert!(
        disposition.starts_with("attachment")
            && disposition.contains("filename*=UTF-8''Se%C3%B1al%20%221%22.pdf"),
        "a link offers the download name: {disposition}"
    );
    files.put(area, &key, bytes.clone(), pdf(None)).await.unwrap();
    let shown = fetch(link.clone()).await;
    assert!(
        !shown
            .header("content-disposition")
            .unwrap_or_default()
            .starts_with("attachment"),
        "a file without a download name is shown"
    );

    let too_long = files
        .signed_url(area, &key, Duration::from_secs(7 * 24 * 3600 + 1))
        .await;
    assert!(too_long.is_err(), "no link lives longer than 7 days");

    let short = files
        .signed_url(area, &key, Duration::from_secs(1))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let other = FileKey::new(unique("contract/other")).unwrap();
    files
        .put(area, &other, Bytes::from_static(b"another"), pdf(None))
        .await
        .unwrap();
    let moved = link.replace(key.as_str(), other.as_str());
    assert_ne!(moved, link, "the link shows its key");
    for (what, link) in [
        ("an expired link", short),
        ("a link changed to another file", moved),
    ] {
        let got = fetch(link).await;
        match links {
            LinkChecks::Enforced => {
                assert!(
                    (400..500).contains(&got.status),
                    "{what} is refused, not {}",
                    got.status
                );
                assert!(
                    !got.body.starts_with(b"%PDF") && got.body != b"another",
                    "{what} shows nothing"
                );
            }
            LinkChecks::Ignored => assert_eq!(got.status, 200, "{what} is refused now: expect it enforced"),
        }
    }
    files.delete(area, &other).await.unwrap();
    files.delete(area, &key).await.unwrap();
    let gone = fetch(link).await;
    assert!(
        (400..500).contains(&gone.status),
        "a link to a removed file is refused, not {}",
        gone.status
    );
}

fn pdf(download_name: Option<&str>) -> PutFile {
    PutFile {
        content_type: "application/pdf".into(),
        download_name: download_name.map(Into::into),
    }
}
