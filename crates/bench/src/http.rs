//! The least HTTP client there is: one kept-alive connection, prepared requests, bodies by their length. What it costs is
//! the same for every server measured with it, and small beside any of them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// A server that takes longer is taken for dead.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

/// A request as bytes.
#[derive(Debug, Clone)]
pub struct Request(Vec<u8>);

impl Request {
    /// A request with a body of this type.
    pub fn new(method: &str, path: &str, content_type: &str, accept: &str, body: &str) -> Self {
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {content_type}\r\naccept: {accept}\r\ncontent-length: {length}\r\n\r\n"
        );
        Self([head.as_bytes(), body.as_bytes()].concat())
    }

    /// A JSON document to our own server.
    pub fn json(method: &str, path: &str, body: &str) -> Self {
        Self::new(method, path, "application/json", "application/json", body)
    }
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to `{address}`"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream), body: Vec::new() })
    }

    /// Sends a request and reads its answer: status and body.
    pub fn send(&mut self, request: &Request) -> Result<(u16, &[u8])> {
        self.stream.get_mut().write_all(&request.0)?;
        let mut line = String::new();
        self.line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let Some(status) = status else { bail!("`{}` is no status line", line.trim_end()) };
        let length = self.length(&mut line)?;
        match length {
            Some(length) => {
                self.body.resize(length, 0);
                self.stream.read_exact(&mut self.body)?;
            }
            None => self.chunks(&mut line)?,
        }
        Ok((status, &self.body))
    }

    /// Reads the headers; the body's length, or none where it comes in chunks.
    fn length(&mut self, line: &mut String) -> Result<Option<usize>> {
        let mut length = Some(0);
        loop {
            self.line(line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { return Ok(length) };
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse().context("a length that is no number")?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                length = None;
            }
        }
    }

    fn chunks(&mut self, line: &mut String) -> Result<()> {
        self.body.clear();
        loop {
            self.line(line)?;
            let size = usize::from_str_radix(line.trim_end(), 16).context("a chunk without its size")?;
            let start = self.body.len();
            self.body.resize(start + size, 0);
            self.stream.read_exact(&mut self.body[start..])?;
            self.line(line)?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn line(&mut self, line: &mut String) -> Result<()> {
        line.clear();
        if self.stream.read_line(line)? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn check(answer: &'static str, expected: (u16, &str)) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 256];
            let _ = stream.read(&mut request).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let mut connection = Connection::open(address).unwrap();
        let (status, body) = connection.send(&Request::json("POST", "/", "{}")).unwrap();
        assert_eq!((status, std::str::from_utf8(body).unwrap()), expected);
        server.join().unwrap();
    }

    #[test]
    fn bodies_are_read_by_their_length() {
        check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more", (200, "hello"));
        check("HTTP/1.1 204 No Content\r\n\r\n", (204, ""));
    }

    #[test]
    fn chunked_bodies_are_put_together() {
        check(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
            (200, "hello"),
        );
    }
}
