//! What a model's answers depend on, in one short text.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// The engine, and the version of how this crate builds prompts and cuts continuations.
const ENGINE: &str = "llama-cpp-2 0.1.160, prompts 1";

/// Pieces of the weights that are read. Another training or quantisation changes nearly every one; a file of a gigabyte
/// would take seconds to read whole, and integrity is not asked here: the catalogue's SHA-256 answers that.
const PIECES: u64 = 64;
const PIECE: u64 = 16 << 10;

/// Of the file at `path`, whose header ends at `header` and which has `length` bytes.
pub(crate) fn fingerprint(path: &Path, header: u64, length: u64) -> io::Result<String> {
    let mut hash = blake3::Hasher::new();
    hash.update(ENGINE.as_bytes()).update(&length.to_le_bytes());
    let mut file = File::open(path)?;
    io::copy(&mut (&mut file).take(header), &mut hash)?;
    let last = length.saturating_sub(PIECE);
    for piece in 0..PIECES {
        let at = header + (last.saturating_sub(header)) / PIECES * piece;
        file.seek(SeekFrom::Start(at))?;
        io::copy(&mut (&mut file).take(PIECE), &mut hash)?;
    }
    file.seek(SeekFrom::Start(last))?;
    io::copy(&mut file, &mut hash)?;
    Ok(hash.finalize().to_hex()[..16].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.gguf");
        std::fs::write(&path, content).unwrap();
        fingerprint(&path, 100, content.len() as u64).unwrap()
    }

    #[test]
    fn header_weights_and_length_all_change_it() {
        let model: Vec<u8> = (0..1_000_000_u32).map(|at| (at % 251) as u8).collect();
        let trained: Vec<u8> = model.iter().enumerate().map(|(at, x)| x ^ u8::from(at >= 100)).collect();
        let mut renamed = model.clone();
        renamed[50] ^= 1;
        assert_eq!(of(&model), of(&model));
        for other in [&trained, &renamed, &model[..999_999].to_vec(), &Vec::new()] {
            assert_ne!(of(&model), of(other));
        }
    }
}
