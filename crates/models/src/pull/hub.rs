//! What the hub says of a file before it is downloaded: its commit, the name of its blob, its size.
//! Nothing that a server says becomes part of a path unless it is a commit or a hash.

use reqwest::blocking::Response;
use reqwest::header::{CONTENT_LENGTH, ETAG, HeaderMap};
use reqwest::{Method, Url};

use super::error::Failure;
use super::http::{Http, Request};
use super::job::Job;
use super::patience::Patience;
use crate::digest::Digest;
use crate::home::{HubNames, is_commit};

/// A file of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OnHub {
    pub(crate) url: Url,
    pub(crate) names: HubNames,
    pub(crate) size: Option<u64>,
    /// Its digest, where the hub stores it by that.
    pub(crate) sha256: Option<Digest>,
}

/// Asks for a file's head.
pub(crate) fn look_up(
    http: &Http,
    repository: &str,
    revision: &str,
    file: &str,
    job: &mut Job<'_>,
) -> Result<OnHub, Failure> {
    let url = address(&http.hub.endpoint, repository, revision, file);
    let request = Request { method: Method::HEAD, url: &url, headers: HeaderMap::new(), leave_host: false };
    let head = http.send(&request, &mut Patience::new(http.retry), job)?;

    let commit = text(&head, "x-repo-commit").filter(|commit| is_commit(commit));
    let etag = text(&head, "x-linked-etag").or_else(|| text(&head, ETAG.as_str())).and_then(blob_name);
    let size = text(&head, "x-linked-size").or_else(|| own_length(&head)).and_then(|size| size.parse().ok());
    let url = commit.as_ref().map_or(url, |commit| address(&http.hub.endpoint, repository, commit, file));
    let sha256 = etag.as_ref().and_then(|etag| etag.parse().ok());
    Ok(OnHub { url, names: HubNames { commit, etag }, size, sha256 })
}

/// `{endpoint}/{organisation}/{name}/resolve/{revision}/{file}`, a slash in the revision escaped.
fn address(endpoint: &Url, repository: &str, revision: &str, file: &str) -> Url {
    let mut url = endpoint.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty()
            .extend(repository.split('/'))
            .extend(["resolve", revision])
            .extend(file.split('/'));
    }
    url
}

fn text(response: &Response, header: &str) -> Option<String> {
    response.headers().get(header)?.to_str().ok().map(str::to_owned)
}

/// The length in a redirect is that of the redirect's own text.
fn own_length(response: &Response) -> Option<String> {
    if response.status().is_success() { text(response, CONTENT_LENGTH.as_str()) } else { None }
}

/// The hash in an entity tag: SHA-256 of a large file, git's own of a small one.
fn blob_name(etag: String) -> Option<String> {
    let hash = etag.trim_start_matches("W/").trim_matches('"').to_ascii_lowercase();
    (matches!(hash.len(), 40 | 64) && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_the_hub() {
        let check = |endpoint: &str, revision: &str, file: &str, expected: &str| {
            let endpoint = Url::parse(endpoint).unwrap();
            assert_eq!(address(&endpoint, "org/name", revision, file).as_str(), expected);
        };
        check("https://hub", "main", "a.gguf", "https://hub/org/name/resolve/main/a.gguf");
        check(
            "https://hub/mirror/",
            "main",
            "q 8/a.gguf",
            "https://hub/mirror/org/name/resolve/main/q%208/a.gguf",
        );
        check("https://hub", "refs/pr/1", "a", "https://hub/org/name/resolve/refs%2Fpr%2F1/a");
    }

    #[test]
    fn only_a_hash_becomes_a_blobs_name() {
        let sha1 = "a".repeat(40);
        assert_eq!(blob_name(format!("\"{sha1}\"")), Some(sha1.clone()));
        assert_eq!(blob_name(format!("W/\"{sha1}\"")), Some(sha1));
        for etag in ["", "\"../../etc\"", "\"abc\"", &"g".repeat(64)] {
            assert_eq!(blob_name(etag.to_owned()), None, "{etag}");
        }
    }
}
