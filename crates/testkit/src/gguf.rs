//! A language model small enough to be written by a test: llama's shape with one layer, random weights, a vocabulary of
//! bytes. llama.cpp loads it; what it says means nothing.

/// Width of the model.
const WIDTH: u64 = 64;
const HEADS: u32 = 2;
const FEED_FORWARD: u64 = 128;
/// Tokens of one prompt, as it was "trained".
pub const CONTEXT: u32 = 512;

/// The template that most small models have; llama.cpp knows it by its first special token.
const TEMPLATE: &str = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + \
                        '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/// The bytes of such a model.
pub fn tiny_model(seed: u64) -> Vec<u8> {
    let tokens = tokens();
    let mut file = Writer::default();
    file.text("general.architecture", "llama");
    file.text("general.name", "tiny");
    file.u32("llama.context_length", CONTEXT);
    file.u32("llama.embedding_length", WIDTH as u32);
    file.u32("llama.block_count", 1);
    file.u32("llama.feed_forward_length", FEED_FORWARD as u32);
    file.u32("llama.attention.head_count", HEADS);
    file.u32("llama.attention.head_count_kv", HEADS);
    file.u32("llama.rope.dimension_count", WIDTH as u32 / HEADS);
    file.f32("llama.attention.layer_norm_rms_epsilon", 1e-5);
    file.u32("llama.vocab_size", tokens.len() as u32);
    file.text("tokenizer.ggml.model", "gpt2");
    file.text("tokenizer.ggml.pre", "smollm");
    file.texts("tokenizer.ggml.tokens", &tokens);
    // Control tokens are of type 3, ordinary ones of type 1.
    let kinds = tokens.iter().map(|token| if token.starts_with("<|") { 3 } else { 1 }).collect();
    file.i32s("tokenizer.ggml.token_type", kinds);
    file.texts("tokenizer.ggml.merges", &["a b".to_owned(), "Ġ a".to_owned()]);
    file.u32("tokenizer.ggml.bos_token_id", 1);
    file.u32("tokenizer.ggml.eos_token_id", 2);
    file.text("tokenizer.chat_template", TEMPLATE);
    let vocabulary = tokens.len() as u64;
    for (name, shape) in [
        ("token_embd.weight", vec![WIDTH, vocabulary]),
        ("blk.0.attn_norm.weight", vec![WIDTH]),
        ("blk.0.attn_q.weight", vec![WIDTH, WIDTH]),
        ("blk.0.attn_k.weight", vec![WIDTH, WIDTH]),
        ("blk.0.attn_v.weight", vec![WIDTH, WIDTH]),
        ("blk.0.attn_output.weight", vec![WIDTH, WIDTH]),
        ("blk.0.ffn_norm.weight", vec![WIDTH]),
        ("blk.0.ffn_gate.weight", vec![WIDTH, FEED_FORWARD]),
        ("blk.0.ffn_up.weight", vec![WIDTH, FEED_FORWARD]),
        ("blk.0.ffn_down.weight", vec![FEED_FORWARD, WIDTH]),
        ("output_norm.weight", vec![WIDTH]),
    ] {
        file.tensor(name, shape);
    }
    file.finish(seed)
}

/// Three special tokens, every byte as GPT-2 writes it, and what the merges make.
fn tokens() -> Vec<String> {
    let special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"].map(str::to_owned);
    let merged = ["ab", "Ġa"].map(str::to_owned);
    special.into_iter().chain(byte_letters().map(String::from)).chain(merged).collect()
}

/// GPT-2 writes a byte as itself where that is visible, else as the next letter from U+0100 on.
fn byte_letters() -> impl Iterator<Item = char> {
    let mut next = 0x100;
    (0..=255_u8).map(move |byte| {
        if matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff) {
            return char::from(byte);
        }
        next += 1;
        char::from_u32(next - 1).unwrap_or(char::REPLACEMENT_CHARACTER)
    })
}

const ALIGNMENT: usize = 32;

#[derive(Default)]
struct Writer {
    values: Vec<u8>,
    entries: u64,
    tensors: Vec<(&'static str, Vec<u64>)>,
}

impl Writer {
    fn entry(&mut self, key: &str, kind: u32) {
        self.entries += 1;
        text(&mut self.values, key);
        self.values.extend(kind.to_le_bytes());
    }

    fn u32(&mut self, key: &str, value: u32) {
        self.entry(key, 4);
        self.values.extend(value.to_le_bytes());
    }

    fn f32(&mut self, key: &str, value: f32) {
        self.entry(key, 6);
        self.values.extend(value.to_le_bytes());
    }

    fn text(&mut self, key: &str, value: &str) {
        self.entry(key, 8);
        text(&mut self.values, value);
    }

    fn list(&mut self, key: &str, kind: u32, length: usize) {
        self.entry(key, 9);
        self.values.extend(kind.to_le_bytes());
        self.values.extend((length as u64).to_le_bytes());
    }

    fn texts(&mut self, key: &str, values: &[String]) {
        self.list(key, 8, values.len());
        for value in values {
            text(&mut self.values, value);
        }
    }

    fn i32s(&mut self, key: &str, values: Vec<i32>) {
        self.list(key, 5, values.len());
        self.values.extend(values.into_iter().flat_map(i32::to_le_bytes));
    }

    fn tensor(&mut self, name: &'static str, shape: Vec<u64>) {
        self.tensors.push((name, shape));
    }

    fn finish(self, seed: u64) -> Vec<u8> {
        let mut file = b"GGUF".to_vec();
        file.extend(3_u32.to_le_bytes());
        file.extend((self.tensors.len() as u64).to_le_bytes());
        file.extend(self.entries.to_le_bytes());
        file.extend(self.values);
        let mut offset = 0_u64;
        for (name, shape) in &self.tensors {
            text(&mut file, name);
            file.extend((shape.len() as u32).to_le_bytes());
            file.extend(shape.iter().flat_map(|side| side.to_le_bytes()));
            file.extend(0_u32.to_le_bytes());
            file.extend(offset.to_le_bytes());
            offset += (numbers(shape) as u64 * 4).next_multiple_of(ALIGNMENT as u64);
        }
        let mut random = fastrand::Rng::with_seed(seed);
        for (name, shape) in &self.tensors {
            file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
            let weight =
                |random: &mut fastrand::Rng| if name.contains("norm") { 1.0 } else { random.f32() - 0.5 };
            file.extend((0..numbers(shape)).flat_map(|_| weight(&mut random).to_le_bytes()));
        }
        file
    }
}

fn numbers(shape: &[u64]) -> usize {
    shape.iter().product::<u64>() as usize
}

fn text(file: &mut Vec<u8>, value: &str) {
    file.extend((value.len() as u64).to_le_bytes());
    file.extend(value.as_bytes());
}
