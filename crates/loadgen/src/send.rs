//! One request over HTTP, as a client sends it.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;

/// A client gives up after this; the service's own limits are far below.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends requests to one server over kept-alive connections.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    client: reqwest::Client,
    url: String,
}

impl Sender {
    /// A sender to the public listener at `target`, such as `http://127.0.0.1:7070`.
    pub(crate) fn new(target: &str) -> Result<Self, reqwest::Error> {
        // The client wants a TLS provider even for plain HTTP. An error means that somebody has installed one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self { client, url: format!("{}/v1/find_facts", target.trim_end_matches('/')) })
    }

    /// Status and bytes of the answer, or why there is none.
    pub(crate) async fn send(&self, caller: usize, body: String) -> Result<(u16, Vec<u8>), String> {
        let request = self
            .client
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header("x-targeting-key", format!("caller-{caller}"))
            .body(body);
        let answer = async {
            let response = request.send().await?;
            let status = response.status().as_u16();
            Ok::<_, reqwest::Error>((status, response.bytes().await?.to_vec()))
        };
        answer.await.map_err(|error| chain(&error))
    }
}

/// An error and its causes, which say more than reqwest's own line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
