//! How much memory a model will take, told from its header, and how much its worker takes.

use std::path::Path;

use crate::engine::Limits;
use crate::error::LoadError;
use crate::gguf::{self, Header, Value};
use crate::llama::CELLS;

/// Half-precision numbers in the cache.
const CACHE_NUMBER: u64 = 2;
/// llama.cpp's buffers for one batch, the vocabulary's index for grammars, and the program itself.
const BESIDE: u64 = 128 << 20;

/// Bytes that the model in `file` takes once it is loaded: weights, cache, logits and what stands beside them. Checks the
/// file as loading does.
pub fn memory_needed(file: &Path) -> Result<u64, LoadError> {
    let (header, length) =
        gguf::inspect(file).map_err(|source| LoadError::File { path: file.to_owned(), source })?;
    Ok(needed(&header, length))
}

/// A process's share of the machine's memory (PSS), while it lives. The sum over its pages takes the kernel some milliseconds per
/// gigabyte.
pub fn memory_taken(process: u32) -> Option<u64> {
    let id = i32::try_from(process).ok()?;
    let maps = procfs::process::Process::new(id).ok()?.smaps_rollup().ok()?;
    let of_one = |map: &procfs::process::MemoryMap| map.extension.map.get("Pss").copied();
    maps.memory_map_rollup.0.iter().find_map(of_one)
}

fn needed(header: &Header, weights: u64) -> u64 {
    let architecture = match header.values.get("general.architecture") {
        Some(Value::Text(text)) => text.as_str(),
        _ => "",
    };
    let number = |name: &str| match header.values.get(&format!("{architecture}.{name}")) {
        Some(Value::Whole(number)) => u64::try_from(*number).ok(),
        // One for each layer: as if all were the largest.
        Some(Value::List { greatest: Some(number), .. }) => u64::try_from(*number).ok(),
        _ => None,
    };
    let heads = number("attention.head_count").unwrap_or(1).max(1);
    let width = number("embedding_length").unwrap_or(0);
    let of_head = |name: &str| number(name).unwrap_or(width / heads);
    let key_and_value = of_head("attention.key_length") + of_head("attention.value_length");
    let cached_heads = number("attention.head_count_kv").unwrap_or(heads);
    let layers = number("block_count").unwrap_or(0);
    let cache = [layers, cached_heads, key_and_value, CACHE_NUMBER, CELLS as u64]
        .into_iter()
        .fold(1_u64, u64::saturating_mul);
    let tokens = match header.values.get("tokenizer.ggml.tokens") {
        Some(Value::List { length, .. }) => *length,
        _ => 0,
    };
    let logits = tokens.saturating_mul(4 * Limits::SEQUENCES as u64);
    weights.saturating_add(cache).saturating_add(logits).saturating_add(BESIDE)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_cache_is_counted_for_every_layer_and_head() {
        let values = [
            ("general.architecture", Value::Text("llama".to_owned())),
            ("llama.block_count", Value::Whole(24)),
            ("llama.embedding_length", Value::Whole(2048)),
            ("llama.attention.head_count", Value::Whole(32)),
        ];
        let values: BTreeMap<String, Value> =
            values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let header = Header { values, tensors: Vec::new(), length: 0 };
        // SmolLM-1.7B: 192 KiB for each of 2048 cells.
        assert_eq!(needed(&header, 1_000_000) - BESIDE - 1_000_000, 2048 * (192 << 10));
    }
}
