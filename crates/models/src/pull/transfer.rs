//! Receiving a file into its partial, from where an earlier try left off. A part is only added to what belongs to the
//! same content: the server confirms its entity tag (`If-Range`), or the partial's name is the content's hash.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use reqwest::blocking::Response;
use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_RANGE, RANGE};
use reqwest::{Method, StatusCode, Url};

use super::error::{Failure, SourceError, cache};
use super::http::{Http, Request, shown};
use super::job::Job;
use super::patience::Patience;
use crate::home::make_parent;

/// A part of a file, and the entity tag of what it is a part of.
pub(crate) struct Partial {
    pub(crate) path: PathBuf,
    /// Whether the path names the content by its hash.
    pub(crate) by_content: bool,
}

impl Partial {
    fn length(&self) -> u64 {
        self.path.metadata().map_or(0, |metadata| metadata.len())
    }

    fn tag_path(&self) -> PathBuf {
        self.path.with_added_extension("etag")
    }

    fn tag(&self) -> Option<HeaderValue> {
        HeaderValue::from_bytes(&fs::read(self.tag_path()).ok()?).ok()
    }

    /// Empty, and of content with this tag from now on.
    fn begin(&self, tag: Option<&HeaderValue>) -> io::Result<File> {
        make_parent(&self.path)?;
        // The tag goes before the content: killed between, there is a tag without a part, never a part under a wrong tag.
        let file = File::create(&self.path)?;
        match tag.filter(|tag| !tag.as_bytes().starts_with(b"W/")) {
            Some(tag) => fs::write(self.tag_path(), tag.as_bytes())?,
            None => self.forget_tag(),
        }
        Ok(file)
    }

    pub(crate) fn forget_tag(&self) {
        let _ = fs::remove_file(self.tag_path());
    }

    /// Takes no more space.
    pub(crate) fn discard(&self) {
        let _ = fs::remove_file(&self.path);
        self.forget_tag();
    }
}

/// How a transfer ended.
pub(crate) struct Transferred {
    /// Whether some of it was there before.
    pub(crate) resumed: bool,
}

/// Receives all of `url`. What was received stays when this fails, unless the disk is full.
pub(crate) fn receive(
    http: &Http,
    url: &Url,
    partial: &Partial,
    size: Option<u64>,
    job: &mut Job<'_>,
) -> Result<Transferred, Failure> {
    let resumed = partial.length() > 0;
    let mut patience = Patience::new(http.retry);
    let mut furthest = partial.length();
    loop {
        if size.is_some_and(|size| partial.length() == size) {
            return Ok(Transferred { resumed });
        }
        let headers = range(partial, size);
        let asked_for_rest = headers.contains_key(RANGE);
        let request = Request { method: Method::GET, url, headers, leave_host: true };
        let response = http.send(&request, &mut patience, job)?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE && asked_for_rest {
            partial.discard();
            continue;
        }
        match append(response, partial, size, job)? {
            Ended::Complete => return Ok(Transferred { resumed }),
            Ended::Broken(source) => {
                // A server that cannot resume and always breaks off at the same place makes no progress.
                if partial.length() > furthest {
                    furthest = partial.length();
                    patience.renew();
                }
                let error = SourceError::Interrupted { url: shown(url), received: partial.length(), source };
                match patience.next_pause(None) {
                    Some(pause) => job.pause(&error.with_causes(), pause)?,
                    None => return Err(error.into()),
                }
            }
        }
    }
}

/// Asks for the rest, where the part that is there can be trusted.
fn range(partial: &Partial, size: Option<u64>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let (length, tag) = (partial.length(), partial.tag());
    let trusted = partial.by_content || tag.is_some();
    if length > 0
        && trusted
        && size.is_none_or(|size| length < size)
        && let Ok(rest) = HeaderValue::try_from(format!("bytes={length}-"))
    {
        headers.insert(RANGE, rest);
        headers.extend(tag.map(|tag| (IF_RANGE, tag)));
    }
    headers
}

enum Ended {
    Complete,
    Broken(io::Error),
}

fn append(
    mut response: Response,
    partial: &Partial,
    size: Option<u64>,
    job: &mut Job<'_>,
) -> Result<Ended, Failure> {
    if is_web_page(&response) {
        return Err(SourceError::WebPage { url: shown(response.url()) }.into());
    }
    let write_failed = |source: io::Error| write_failed(partial, source);
    let begun = partial.length();
    let (mut file, mut length) = match response.status() {
        StatusCode::PARTIAL_CONTENT if start(&response) == Some(begun) => {
            (OpenOptions::new().append(true).open(&partial.path).map_err(write_failed)?, begun)
        }
        StatusCode::OK => (partial.begin(response.headers().get(ETAG)).map_err(write_failed)?, 0),
        status => {
            let said = Some("not what was asked for".to_owned());
            let url = shown(response.url());
            return Err(SourceError::Refused { url, status: status.as_u16(), said }.into());
        }
    };
    let total = size.or_else(|| response.content_length().map(|rest| length + rest));
    let mut buffer = vec![0; 64 * 1024];
    loop {
        job.deadline.check()?;
        let read = match response.read(&mut buffer) {
            Ok(0) if total.is_none_or(|total| length >= total) => break,
            Ok(0) => return Ok(Ended::Broken(io::ErrorKind::UnexpectedEof.into())),
            Ok(read) => read,
            Err(error) => return Ok(Ended::Broken(error)),
        };
        file.write_all(&buffer[..read]).map_err(write_failed)?;
        length += read as u64;
        job.received(length, total);
        if let Some(expected) = size.filter(|size| length > *size) {
            partial.discard();
            return Err(SourceError::Size { expected, found: length }.into());
        }
    }
    Ok(Ended::Complete)
}

/// No file of a model is one. Without a digest in the catalogue, nothing else would notice.
fn is_web_page(response: &Response) -> bool {
    let media_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| media_type.trim_start().to_ascii_lowercase().starts_with("text/html"))
}

/// Where a part of a file starts in it.
fn start(response: &Response) -> Option<u64> {
    let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

/// A full disk is given back what this file took of it.
pub(crate) fn write_failed(partial: &Partial, source: io::Error) -> Failure {
    if source.kind() == io::ErrorKind::StorageFull {
        partial.discard();
    }
    Failure::Pull(cache(partial.path.as_path() as &Path)(source))
}
