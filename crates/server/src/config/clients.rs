//! `[[clients]]`: who is known, by the digest of a key. The keys themselves stand nowhere.

use std::sync::Arc;

use find_facts_core::Segment;

use super::reader::{Reader, Shown};
use super::setting::{Setting, any};

/// A client that can show it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientConfig {
    /// Its targeting key.
    pub id: Arc<str>,
    /// SHA-256 of its key.
    pub key_sha256: [u8; 32],
    /// The segments it belongs to.
    pub segments: Arc<[Segment]>,
}

const ID: Setting<String> = Setting {
    key: "id",
    env: None,
    default: String::new,
    accepted: "a text that is not empty",
    valid: |id| !id.trim().is_empty(),
};

const KEY_SHA256: Setting<String> = Setting {
    key: "key_sha256",
    env: None,
    default: String::new,
    accepted: "the SHA-256 of the client's key, 64 hexadecimal digits",
    valid: |text| digest(text).is_some(),
};

const SEGMENTS: Setting<Vec<Segment>> = Setting {
    key: "segments",
    env: None,
    default: Vec::new,
    accepted: "a list of names made of letters, digits, `-` and `_`",
    valid: any,
};

pub(super) fn read(reader: &mut Reader<'_>) -> Vec<ClientConfig> {
    let mut clients: Vec<ClientConfig> = Vec::new();
    for row in reader.rows("clients") {
        reader.refuse_unknown_in(&row, &[ID.key, KEY_SHA256.key, SEGMENTS.key]);
        let (id, key, segments) =
            (reader.get_in(&row, &ID), reader.get_in(&row, &KEY_SHA256), reader.get_in(&row, &SEGMENTS));
        let (Some(id), Some(key_sha256), Some(segments)) = (id, key.as_deref().and_then(digest), segments)
        else {
            continue;
        };
        let origin = reader.origin_of(&row);
        let value = format!("{id:?}, key masked, segments {segments:?}", segments = names(&segments));
        reader.shown.push(Shown { key: row.path, value, origin });
        clients.push(ClientConfig { id: id.into(), key_sha256, segments: segments.into() });
    }
    refuse_shared_keys(reader, &clients);
    clients
}

fn refuse_shared_keys(reader: &mut Reader<'_>, clients: &[ClientConfig]) {
    for (index, client) in clients.iter().enumerate() {
        if let Some(other) = clients[..index].iter().find(|other| other.key_sha256 == client.key_sha256) {
            reader.faults.push(format!("clients `{}` and `{}` have the same key", other.id, client.id));
        }
    }
}

fn names(segments: &[Segment]) -> Vec<&str> {
    segments.iter().map(|segment| &*segment.0).collect()
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(bytes)
}
