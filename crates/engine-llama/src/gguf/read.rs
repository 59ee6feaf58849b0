//! GGUF 2 and 3, little-endian, as far as the weights.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::{Header, Tensor, Value};

/// Names, values and the vocabulary. Of the models that we know none has more than 8 MiB; vocabularies of a quarter of a
/// million tokens have some 20.
const MOST_HEADER_BYTES: u64 = 64 << 20;
/// llama.cpp's own limit is 64; the longest names of llama.cpp's own keys are about as long.
const MOST_NAME_BYTES: u64 = 256;
const MOST_VALUES: u64 = 4096;
const MOST_TENSORS: u64 = 65_536;
const MOST_DIMENSIONS: u32 = 4;
/// A chat template is the longest text that is kept; longer texts are none that the checks look at.
const MOST_KEPT_TEXT: u64 = 1 << 20;

const TEXT: u32 = 8;
const LIST: u32 = 9;

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It cannot be read.
    #[error("it cannot be read")]
    Io(#[from] io::Error),
    /// Something else has its name.
    #[error("it is {0}, not a file")]
    NotAFile(&'static str),
    /// It is another kind of file.
    #[error("it begins with `{0}`, not with `GGUF`")]
    NotGguf(String),
    /// It is of a version that is not known here.
    #[error("it is GGUF version {0}; accepted are 2 and 3, little-endian")]
    Version(u32),
    /// It ends before it should.
    #[error("it is cut short: {0}")]
    CutShort(String),
    /// A number in it is beyond what any model has.
    #[error("{what} is {found}; accepted is at most {most}")]
    TooMany {
        /// Of what.
        what: String,
        /// How many.
        found: u128,
        /// At most.
        most: u64,
    },
    /// It contradicts itself, or is not what this engine runs.
    #[error("{0}")]
    Wrong(String),
}

/// Reads a header from a file of `length` bytes.
pub(super) fn header(file: impl Read, length: u64) -> Result<Header, Fault> {
    let mut input = Input { file, at: 0, end: length.min(MOST_HEADER_BYTES), length };
    let magic: [u8; 4] = input.array()?;
    if &magic != b"GGUF" {
        return Err(Fault::NotGguf(magic.escape_ascii().to_string()));
    }
    let version = input.u32()?;
    if !matches!(version, 2 | 3) {
        return Err(Fault::Version(version));
    }
    let tensors = input.count("the number of tensors", MOST_TENSORS)?;
    let entries = input.count("the number of metadata entries", MOST_VALUES)?;
    let values = input.values(entries)?;
    let tensors = (0..tensors).map(|_| input.tensor()).collect::<Result<_, _>>()?;
    Ok(Header { values, tensors, length: input.at })
}

struct Input<R> {
    file: R,
    at: u64,
    /// No byte of a header lies beyond.
    end: u64,
    length: u64,
}

impl<R: Read> Input<R> {
    fn values(&mut self, entries: u64) -> Result<BTreeMap<String, Value>, Fault> {
        let mut values = BTreeMap::new();
        for _ in 0..entries {
            let name = self.name()?;
            let kind = self.u32()?;
            let value = self.value(&name, kind)?;
            if values.insert(name.clone(), value).is_some() {
                return Err(Fault::Wrong(format!("the metadata entry `{name}` stands there twice")));
            }
        }
        Ok(values)
    }

    fn value(&mut self, name: &str, kind: u32) -> Result<Value, Fault> {
        match kind {
            TEXT => self.text(),
            LIST => self.list(name),
            6 => Ok(Value::Float(f32::from_le_bytes(self.array()?).into())),
            12 => Ok(Value::Float(f64::from_le_bytes(self.array()?))),
            _ => self.whole(name, kind).map(Value::Whole),
        }
    }

    fn whole(&mut self, name: &str, kind: u32) -> Result<i128, Fault> {
        Ok(match kind {
            0 | 7 => u8::from_le_bytes(self.array()?).into(),
            1 => i8::from_le_bytes(self.array()?).into(),
            2 => u16::from_le_bytes(self.array()?).into(),
            3 => i16::from_le_bytes(self.array()?).into(),
            4 => u32::from_le_bytes(self.array()?).into(),
            5 => i32::from_le_bytes(self.array()?).into(),
            10 => u64::from_le_bytes(self.array()?).into(),
            11 => i64::from_le_bytes(self.array()?).into(),
            _ => {
                return Err(Fault::Wrong(format!("the metadata entry `{name}` has the unknown type {kind}")));
            }
        })
    }

    fn text(&mut self) -> Result<Value, Fault> {
        let length = self.u64()?;
        self.must_have(length)?;
        if length > MOST_KEPT_TEXT {
            self.skip(length)?;
            return Ok(Value::Text(String::new()));
        }
        let bytes = self.bytes(length)?;
        Ok(Value::Text(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn list(&mut self, name: &str) -> Result<Value, Fault> {
        let (kind, length) = (self.u32()?, self.u64()?);
        // Every element takes at least a byte, so that this bounds the loop below.
        self.must_have(length)?;
        let (mut greatest, mut least) = (None, None);
        for _ in 0..length {
            match kind {
                TEXT => {
                    let length = self.u64()?;
                    self.skip(length)?;
                }
                6 => drop(self.array::<4>()?),
                12 => drop(self.array::<8>()?),
                LIST => return Err(Fault::Wrong(format!("the metadata entry `{name}` is a list of lists"))),
                _ => {
                    let number = self.whole(name, kind)?;
                    greatest = greatest.max(Some(number));
                    least = Some(least.map_or(number, |least: i128| least.min(number)));
                }
            }
        }
        Ok(Value::List { kind, length, greatest, least })
    }

    fn tensor(&mut self) -> Result<Tensor, Fault> {
        let name = self.name()?;
        let dimensions = self.u32()?;
        if dimensions > MOST_DIMENSIONS {
            let what = format!("the number of dimensions of `{name}`");
            return Err(Fault::TooMany { what, found: dimensions.into(), most: MOST_DIMENSIONS.into() });
        }
        let shape = (0..dimensions).map(|_| self.u64()).collect::<Result<_, _>>()?;
        Ok(Tensor { name, shape, kind: self.u32()?, offset: self.u64()? })
    }

    fn name(&mut self) -> Result<String, Fault> {
        let length = self.count("the length of a name", MOST_NAME_BYTES)?;
        let bytes = self.bytes(length)?;
        String::from_utf8(bytes).map_err(|_| Fault::Wrong("a name in the header is not UTF-8".to_owned()))
    }

    fn count(&mut self, what: &str, most: u64) -> Result<u64, Fault> {
        let found = self.u64()?;
        if found > most {
            return Err(Fault::TooMany { what: what.to_owned(), found: found.into(), most });
        }
        Ok(found)
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, Fault> {
        self.array().map(u64::from_le_bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.must_have(N as u64)?;
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        self.at += N as u64;
        Ok(bytes)
    }

    /// `length` was held against the file or a limit by the caller or is by `must_have`.
    fn bytes(&mut self, length: u64) -> Result<Vec<u8>, Fault> {
        self.must_have(length)?;
        let mut bytes = Vec::new();
        self.file.by_ref().take(length).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < length {
            return Err(Fault::CutShort("the header ends in the middle of a text".to_owned()));
        }
        self.at += length;
        Ok(bytes)
    }

    fn skip(&mut self, length: u64) -> Result<(), Fault> {
        self.must_have(length)?;
        io::copy(&mut self.file.by_ref().take(length), &mut io::sink())?;
        self.at += length;
        Ok(())
    }

    fn must_have(&self, length: u64) -> Result<(), Fault> {
        let wanted = u128::from(self.at) + u128::from(length);
        if wanted > self.length.into() {
            let at = format!("the header speaks of {wanted} bytes, the file has {}", self.length);
            return Err(Fault::CutShort(at));
        }
        if wanted > self.end.into() {
            let what = "the header's length in bytes".to_owned();
            return Err(Fault::TooMany { what, found: wanted, most: MOST_HEADER_BYTES });
        }
        Ok(())
    }
}
