//! Vectors on disk: a header, the texts' keys in order, two-byte rows. Mapped, never changed in place.
//! A file that is not whole, not of this format or not of this embedder is refused; nothing of it is used.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytemuck::{Pod, Zeroable};
use memmap2::Mmap;

const MAGIC: [u8; 8] = *b"FFVECTOR";
const FORMAT: u32 = 2;

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Header {
    magic: [u8; 8],
    format: u32,
    dimensions: u32,
    rows: u64,
    /// Digest of the embedder's fingerprint.
    embedder: [u8; 32],
    /// Digest of everything after the header.
    body: [u8; 32],
    /// Digest of everything in the header before it.
    header: [u8; 32],
    reserved: [u8; 8],
}

const HEADER: usize = size_of::<Header>();

/// Vectors by the keys of their texts.
pub(crate) struct VectorFile {
    bytes: Bytes,
    rows: usize,
    dimensions: usize,
}

enum Bytes {
    Mapped(Mmap),
    /// Whole words, so that rows of any width are aligned.
    Owned(Vec<u64>),
}

/// Why a vector file is not used.
#[derive(Debug, thiserror::Error)]
pub enum VectorFileError {
    /// It could not be read or written.
    #[error("`{path}` could not be read or written")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It is not a vector file, or of another format.
    #[error("`{path}` is not a vector file of format {FORMAT}")]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// Its content is not what was written.
    #[error("`{path}` is damaged: its checksum does not match")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// It was made by another embedder.
    #[error("`{path}` was made by another embedding model")]
    OtherEmbedder {
        /// The file.
        path: PathBuf,
    },
}

/// The key of a text.
pub(crate) fn text_key(text: &str) -> u64 {
    let digest = blake3::hash(text.as_bytes());
    let mut key = [0; 8];
    key.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_le_bytes(key)
}

impl VectorFile {
    /// Opens a file in place, after a look at every byte of it.
    pub(crate) fn open(path: &Path, fingerprint: &str, dimensions: usize) -> Result<Self, VectorFileError> {
        let io = |source| VectorFileError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        #[expect(unsafe_code, reason = "a memory map is the only way to open a file in place")]
        // SAFETY: the file is never written in place (it is replaced by renaming), and its state folder belongs to one server.
        let map = unsafe { Mmap::map(&file) }.map_err(io)?;
        let header = header_of(&map).ok_or_else(|| VectorFileError::Format { path: path.to_owned() })?;
        if header.header != digest_of_header(&header)
            || header.body != *blake3::hash(&map[HEADER..]).as_bytes()
        {
            return Err(VectorFileError::Damaged { path: path.to_owned() });
        }
        let layout = Layout::new(header.rows as usize, header.dimensions as usize);
        if layout.end != map.len() {
            return Err(VectorFileError::Damaged { path: path.to_owned() });
        }
        if header.embedder != *blake3::hash(fingerprint.as_bytes()).as_bytes()
            || header.dimensions as usize != dimensions
        {
            return Err(VectorFileError::OtherEmbedder { path: path.to_owned() });
        }
        Ok(Self { rows: header.rows as usize, dimensions, bytes: Bytes::Mapped(map) })
    }

    /// Vectors in memory: keys in ascending order, and their two-byte rows one after the other.
    pub(crate) fn in_memory(keys: &[u64], fine: &[i16], dimensions: usize, fingerprint: &str) -> Self {
        let layout = Layout::new(keys.len(), dimensions);
        let mut words = vec![0u64; layout.end.div_ceil(8)];
        let bytes = &mut bytemuck::cast_slice_mut::<u64, u8>(&mut words)[..layout.end];
        bytes[HEADER..layout.fine].copy_from_slice(bytemuck::cast_slice(keys));
        bytes[layout.fine..].copy_from_slice(bytemuck::cast_slice(fine));
        let header = header_for(keys.len(), dimensions, fingerprint, &bytes[HEADER..]);
        bytes[..HEADER].copy_from_slice(bytemuck::bytes_of(&header));
        Self { bytes: Bytes::Owned(words), rows: keys.len(), dimensions }
    }

    /// Writes the vectors so that the file has, at any moment, its old content or this.
    pub(crate) fn save(&self, path: &Path) -> Result<(), VectorFileError> {
        let temporary = path.with_extension("new");
        let write = || -> io::Result<()> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = File::create(&temporary)?;
            file.write_all(self.content())?;
            file.sync_all()?;
            fs::rename(&temporary, path)?;
            path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        };
        write().map_err(|source| {
            // What a full disk cut short would keep it full.
            let _ = fs::remove_file(&temporary);
            VectorFileError::Io { path: path.to_owned(), source }
        })
    }

    /// How many vectors there are.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Values in each row.
    pub(crate) fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The keys of the texts, ascending.
    pub(crate) fn keys(&self) -> &[u64] {
        bytemuck::cast_slice(&self.content()[HEADER..self.layout().fine])
    }

    /// The row of a text.
    pub(crate) fn row_of(&self, key: u64) -> Option<u32> {
        self.keys().binary_search(&key).ok().map(|row| row as u32)
    }

    /// The two-byte row of a number.
    pub(crate) fn fine(&self, row: usize) -> &[i16] {
        let start = self.layout().fine + row * self.dimensions * 2;
        bytemuck::cast_slice(&self.content()[start..start + self.dimensions * 2])
    }

    fn layout(&self) -> Layout {
        Layout::new(self.rows, self.dimensions)
    }

    fn content(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Mapped(map) => map,
            Bytes::Owned(words) => &bytemuck::cast_slice(words)[..self.layout().end],
        }
    }
}

/// Where the parts of a file start, in bytes.
struct Layout {
    fine: usize,
    end: usize,
}

impl Layout {
    fn new(rows: usize, dimensions: usize) -> Self {
        let fine = HEADER + rows * 8;
        Self { fine, end: fine + rows * dimensions * 2 }
    }
}

fn header_of(bytes: &[u8]) -> Option<Header> {
    let header: Header = bytemuck::pod_read_unaligned(bytes.get(..HEADER)?);
    (header.magic == MAGIC && header.format == FORMAT).then_some(header)
}

fn header_for(rows: usize, dimensions: usize, fingerprint: &str, body: &[u8]) -> Header {
    let mut header = Header {
        magic: MAGIC,
        format: FORMAT,
        dimensions: dimensions as u32,
        rows: rows as u64,
        embedder: *blake3::hash(fingerprint.as_bytes()).as_bytes(),
        body: *blake3::hash(body).as_bytes(),
        header: [0; 32],
        reserved: [0; 8],
    };
    header.header = digest_of_header(&header);
    header
}

fn digest_of_header(header: &Header) -> [u8; 32] {
    let mut blank = *header;
    blank.header = [0; 32];
    *blake3::hash(bytemuck::bytes_of(&blank)).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> VectorFile {
        let fine: Vec<i16> = (0..3 * 5).map(|x| x * 1000).collect();
        VectorFile::in_memory(&[3, 7, 9], &fine, 5, "one")
    }

    fn saved() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/vectors");
        sample().save(&path).unwrap();
        (folder, path)
    }

    #[test]
    fn what_was_saved_is_what_is_opened() {
        let (_folder, path) = saved();
        let opened = VectorFile::open(&path, "one", 5).unwrap();
        assert_eq!(opened.content(), sample().content());
        assert_eq!(opened.row_of(7), Some(1));
        assert_eq!(opened.row_of(8), None);
        assert_eq!(opened.fine(2), [10000, 11000, 12000, 13000, 14000]);
    }

    #[test]
    fn a_save_that_fails_leaves_what_was_there_and_nothing_half_done() {
        let (folder, path) = saved();
        let taken = folder.path().join("taken");
        fs::create_dir_all(taken.join("vectors")).unwrap();
        let refused = sample().save(&taken.join("vectors")).unwrap_err();
        assert!(matches!(refused, VectorFileError::Io { .. }), "{refused}");
        assert_eq!(fs::read_dir(&taken).unwrap().count(), 1);
        VectorFile::open(&path, "one", 5).unwrap();
    }

    #[test]
    fn another_embedder_is_refused() {
        let (_folder, path) = saved();
        for (fingerprint, dimensions) in [("two", 5), ("one", 6)] {
            let refused = VectorFile::open(&path, fingerprint, dimensions);
            assert!(matches!(refused, Err(VectorFileError::OtherEmbedder { .. })));
        }
    }

    proptest! {
        #[test]
        fn any_changed_byte_is_noticed(at in 0usize..300, flip in 1u8..) {
            let (_folder, path) = saved();
            let mut bytes = fs::read(&path).unwrap();
            let at = at % bytes.len();
            bytes[at] ^= flip;
            fs::write(&path, &bytes).unwrap();
            prop_assert!(VectorFile::open(&path, "one", 5).is_err());
        }

        #[test]
        fn any_shortened_file_is_noticed(cut in 1usize..300) {
            let (_folder, path) = saved();
            let bytes = fs::read(&path).unwrap();
            fs::write(&path, &bytes[..bytes.len() - cut.min(bytes.len())]).unwrap();
            prop_assert!(VectorFile::open(&path, "one", 5).is_err());
        }
    }
}
