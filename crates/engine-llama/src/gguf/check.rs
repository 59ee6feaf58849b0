//! Whether a header agrees with itself, with its file, and with what this engine runs.

use std::collections::BTreeSet;

use super::read::Fault;
use super::{Header, Tensor, Value};

/// Those that the catalogue's models have. llama.cpp knows a hundred more, with a hundred more readers of hostile input.
const ARCHITECTURES: &[&str] = &["llama", "openelm"];
/// Byte-level BPE and SentencePiece, as llama.cpp calls them.
const TOKENIZERS: &[&str] = &["gpt2", "llama"];
const MOST_TOKENS: u64 = 1 << 20;
const SPECIAL_TOKENS: &[&str] =
    &["bos_token_id", "eos_token_id", "eot_token_id", "unknown_token_id", "padding_token_id"];

pub(super) fn header(header: &Header, file: u64) -> Result<(), Fault> {
    let architecture = one_of(header, "general.architecture", ARCHITECTURES)?;
    must_not_be_split(header)?;
    shape_of_the_model(header, architecture)?;
    let tokens = tokenizer(header)?;
    tensors(header, file)?;
    vocabulary_has_weights(header, tokens)
}

fn wrong<T>(text: String) -> Result<T, Fault> {
    Err(Fault::Wrong(text))
}

fn one_of<'a>(header: &'a Header, key: &str, accepted: &[&str]) -> Result<&'a str, Fault> {
    match header.values.get(key) {
        Some(Value::Text(text)) if accepted.contains(&text.as_str()) => Ok(text),
        Some(Value::Text(text)) => {
            let shown: String = text.chars().take(40).collect();
            wrong(format!("`{key}` is `{shown}`; accepted is {}", accepted.join(", ")))
        }
        _ => wrong(format!("`{key}` is missing; accepted is {}", accepted.join(", "))),
    }
}

/// llama.cpp would open the other parts by names of its own making.
fn must_not_be_split(header: &Header) -> Result<(), Fault> {
    match header.values.get("split.count") {
        None | Some(Value::Whole(0 | 1)) => Ok(()),
        _ => wrong("it is one part of several; accepted is a model in one file".to_owned()),
    }
}

/// The numbers by which llama.cpp divides, and those by which it allocates.
fn shape_of_the_model(header: &Header, architecture: &str) -> Result<(), Fault> {
    let number = |name: &str, most: i128| {
        let key = format!("{architecture}.{name}");
        match header.values.get(&key) {
            Some(Value::Whole(found)) if (1..=most).contains(found) => Ok(()),
            Some(Value::List { least: Some(least), greatest: Some(greatest), .. })
                if *least >= 1 && *greatest <= most =>
            {
                Ok(())
            }
            None => wrong(format!("`{key}` is missing")),
            Some(_) => wrong(format!("`{key}` is not between 1 and {most}")),
        }
    };
    number("block_count", 512)?;
    number("context_length", 1 << 24)?;
    number("embedding_length", 1 << 16)?;
    number("feed_forward_length", 1 << 20)?;
    number("attention.head_count", 1 << 10)?;
    for optional in ["attention.head_count_kv", "attention.key_length", "attention.value_length"] {
        if header.values.contains_key(&format!("{architecture}.{optional}")) {
            number(optional, 1 << 12)?;
        }
    }
    match header.values.get(&format!("{architecture}.expert_count")) {
        None | Some(Value::Whole(0)) => Ok(()),
        _ => wrong("it is a mixture of experts, which is not accepted".to_owned()),
    }
}

/// Gives the number of tokens.
fn tokenizer(header: &Header) -> Result<u64, Fault> {
    let model = one_of(header, "tokenizer.ggml.model", TOKENIZERS)?;
    let list = |name: &str| match header.values.get(&format!("tokenizer.ggml.{name}")) {
        Some(Value::List { length, kind, .. }) => Some((*length, *kind)),
        _ => None,
    };
    let Some((tokens, 8)) = list("tokens") else {
        return wrong("`tokenizer.ggml.tokens` is no list of texts".to_owned());
    };
    if tokens == 0 || tokens > MOST_TOKENS {
        let what = "the number of tokens".to_owned();
        return Err(Fault::TooMany { what, found: tokens.into(), most: MOST_TOKENS });
    }
    if model == "gpt2" && !matches!(list("merges"), Some((_, 8))) {
        return wrong("`tokenizer.ggml.merges`, which this tokenizer needs, is no list of texts".to_owned());
    }
    for (name, kind) in [("scores", 6), ("token_type", 5)] {
        if header.values.contains_key(&format!("tokenizer.ggml.{name}")) && list(name) != Some((tokens, kind))
        {
            return wrong(format!(
                "`tokenizer.ggml.{name}` does not have one entry for each of {tokens} tokens"
            ));
        }
    }
    for name in SPECIAL_TOKENS {
        let key = format!("tokenizer.ggml.{name}");
        match header.values.get(&key) {
            None => {}
            Some(Value::Whole(id)) if (0..i128::from(tokens)).contains(id) => {}
            Some(_) => return wrong(format!("`{key}` is not one of the {tokens} tokens")),
        }
    }
    Ok(tokens)
}

fn tensors(header: &Header, file: u64) -> Result<(), Fault> {
    let alignment = match header.values.get("general.alignment") {
        None => 32,
        Some(Value::Whole(found @ 8..=65_536)) if found.count_ones() == 1 => found.unsigned_abs(),
        Some(_) => return wrong("`general.alignment` is not a power of two from 8 to 65536".to_owned()),
    };
    let data = u128::from(header.length).next_multiple_of(alignment);
    let mut names = BTreeSet::new();
    for tensor in &header.tensors {
        let name = &tensor.name;
        if !names.insert(name) {
            return wrong(format!("the tensor `{name}` stands there twice"));
        }
        if u128::from(tensor.offset) % alignment != 0 {
            return wrong(format!("the tensor `{name}` is not aligned to {alignment} bytes"));
        }
        let end = data + u128::from(tensor.offset) + size(tensor)?;
        if end > file.into() {
            return Err(Fault::CutShort(format!("`{name}` ends at byte {end}, the file has {file}")));
        }
    }
    Ok(())
}

/// The bytes of a tensor.
fn size(tensor: &Tensor) -> Result<u128, Fault> {
    let name = &tensor.name;
    let Some((block, bytes)) = block_of(tensor.kind) else {
        return wrong(format!("the tensor `{name}` is of type {}, which is not known", tensor.kind));
    };
    let row = tensor.shape.first().copied().unwrap_or(1);
    if row == 0 || row % block != 0 {
        return wrong(format!("the rows of `{name}` have {row} numbers, not a multiple of {block}"));
    }
    let numbers = tensor.shape.iter().try_fold(1_u64, |product, side| product.checked_mul(*side));
    match numbers {
        // As many as llama.cpp can count in a signed number of 64 bits, with room for the bytes of each.
        Some(numbers @ 1..=0x0fff_ffff_ffff_ffff) => Ok(u128::from(numbers / block) * u128::from(bytes)),
        _ => wrong(format!("the tensor `{name}` has an impossible shape, {:?}", tensor.shape)),
    }
}

/// Numbers in a block of a type, and its bytes; asked of ggml itself, so that no table of ours falls behind.
fn block_of(kind: u32) -> Option<(u64, u64)> {
    if kind >= llama_cpp_sys_2::GGML_TYPE_COUNT {
        return None;
    }
    #[expect(unsafe_code, reason = "ggml has the only table of its types")]
    // SAFETY: both functions index a static table, whose length was looked at above.
    let (block, bytes) =
        unsafe { (llama_cpp_sys_2::ggml_blck_size(kind), llama_cpp_sys_2::ggml_type_size(kind)) };
    let block = u64::try_from(block).ok().filter(|block| *block > 0)?;
    (bytes > 0).then_some((block, bytes as u64))
}

fn vocabulary_has_weights(header: &Header, tokens: u64) -> Result<(), Fault> {
    let weights = header.tensors.iter().find(|tensor| tensor.name == "token_embd.weight");
    match weights.map(|tensor| tensor.shape.as_slice()) {
        Some([_, rows]) if *rows == tokens => Ok(()),
        Some(shape) => {
            wrong(format!("the tokenizer has {tokens} tokens, the weights are of shape {shape:?}"))
        }
        None => wrong("the tensor `token_embd.weight` is missing".to_owned()),
    }
}
