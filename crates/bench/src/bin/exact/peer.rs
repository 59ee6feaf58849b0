//! What is compared: a server with the facts in it, and clients of it. A peer that this machine lacks says what is missing.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use find_facts_bench::drive::Client;
use find_facts_bench::http::{Connection, Request};

/// A server that is ready to be asked.
pub(crate) trait Peer {
    /// For the table.
    fn name(&self) -> &str;

    /// A new client.
    fn client(&self) -> Result<Box<dyn Client>>;
}

/// Prepared requests, each with the object that its answer has to hold.
pub(crate) type Requests = Arc<[(Request, String)]>;

/// A client over HTTP.
pub(crate) struct HttpClient {
    connection: Connection,
    requests: Requests,
}

impl HttpClient {
    /// Opens a connection of its own.
    pub(crate) fn open(address: SocketAddr, requests: &Requests) -> Result<Box<dyn Client>> {
        Ok(Box::new(Self { connection: Connection::open(address)?, requests: requests.clone() }))
    }
}

impl Client for HttpClient {
    fn ask(&mut self, number: usize) -> Result<bool> {
        let (request, object) = &self.requests[number];
        let (status, bytes) = self.connection.send(request)?;
        Ok(status == 200 && contains(bytes, object))
    }
}

/// Whether an answer's text holds the object.
pub(crate) fn contains(bytes: &[u8], object: &str) -> bool {
    bytes.windows(object.len()).any(|window| window == object.as_bytes())
}
