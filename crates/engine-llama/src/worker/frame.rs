//! Messages on a byte stream: four bytes of length, little-endian, then JSON.

use std::io::{self, ErrorKind, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// More than the longest prompt and a thousand continuations. Who announces more is not speaking this protocol.
const MOST: usize = 4 << 20;

/// Writes one message.
pub(super) fn send(mut stream: impl Write, message: &impl Serialize) -> io::Result<()> {
    stream.write_all(&frame(message)?)
}

/// One message as it is written; an error where it is too long.
pub(super) fn frame(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let length = frame.len() - 4;
    if length > MOST {
        let text = format!("a message of {length} bytes; accepted are {MOST}");
        return Err(io::Error::new(ErrorKind::InvalidInput, text));
    }
    frame[..4].copy_from_slice(&(length as u32).to_le_bytes());
    Ok(frame)
}

/// Takes messages from a stream that may be silent for a while in the middle of one.
pub(super) struct Frames<S> {
    stream: S,
    begun: Vec<u8>,
}

/// What came.
#[derive(Debug, PartialEq)]
pub(super) enum Received<M> {
    Message(M),
    /// The stream's own time-out passed.
    Nothing,
    /// The other side has gone.
    Closed,
}

impl<S: Read> Frames<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, begun: Vec::new() }
    }

    pub(super) fn receive<M: DeserializeOwned>(&mut self) -> io::Result<Received<M>> {
        loop {
            if let Some(message) = self.whole()? {
                return Ok(Received::Message(message));
            }
            let mut buffer = [0; 16 << 10];
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(Received::Closed),
                Ok(length) => self.begun.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Ok(Received::Nothing);
                }
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(Received::Closed),
                Err(error) => return Err(error),
            }
        }
    }

    fn whole<M: DeserializeOwned>(&mut self) -> io::Result<Option<M>> {
        let Some((length, rest)) = self.begun.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*length) as usize;
        if length > MOST {
            let text = format!("a message of {length} bytes is announced; accepted are {MOST}");
            return Err(io::Error::new(ErrorKind::InvalidData, text));
        }
        let Some(content) = rest.get(..length) else {
            return Ok(None);
        };
        let message = serde_json::from_slice(content)?;
        self.begun.drain(..4 + length);
        Ok(Some(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, with a pause after each.
    struct Slow<'a>(&'a [u8], bool);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(ErrorKind::WouldBlock.into());
            }
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn messages_arrive_whole_however_they_are_cut() {
        let mut bytes = Vec::new();
        send(&mut bytes, &"one").unwrap();
        send(&mut bytes, &"two").unwrap();
        let mut frames = Frames::new(Slow(&bytes, false));
        let mut seen = Vec::new();
        loop {
            match frames.receive::<String>().unwrap() {
                Received::Message(message) => seen.push(message),
                Received::Nothing => {}
                Received::Closed => break,
            }
        }
        assert_eq!(seen, ["one", "two"]);
    }

    #[test]
    fn a_stream_of_something_else_is_an_error() {
        assert!(Frames::new(&b"GET / HTTP/1.1"[..]).receive::<String>().is_err());
        assert!(Frames::new(&b"\x02\0\0\0no"[..]).receive::<String>().is_err());
        assert_eq!(Frames::new(&b"\x02\0"[..]).receive::<String>().unwrap(), Received::Closed);
    }
}
