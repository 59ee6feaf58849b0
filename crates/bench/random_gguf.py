#!/usr/bin/env python3
"""Writes a GGUF file of a known model's exact shape with random weights: for its speed and memory, never for accuracy.

    pip install gguf
    crates/bench/random_gguf.py SHAPE DONOR.gguf OUT.gguf

DONOR lends its tokenizer and chat template (SmolLM2's vocabulary is SmolLM's). Shapes are those of the models' published
configurations. Weights are quantised to Q8_0, as is the SmolLM-360M file that the catalogue names.
"""

import sys
from dataclasses import dataclass

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, quants


@dataclass(frozen=True)
class Shape:
    width: int
    layers: int
    heads: int
    heads_kv: int
    feed_forward: int
    context: int


SHAPES = {
    "smollm-360m": Shape(width=960, layers=32, heads=15, heads_kv=5, feed_forward=2560, context=2048),
    "smollm-1.7b": Shape(width=2048, layers=24, heads=32, heads_kv=32, feed_forward=8192, context=2048),
}
# The spread with which such models are initialised: larger weights make numbers that are not finite.
SPREAD = 0.02


def copy_tokenizer(donor: GGUFReader, out: GGUFWriter) -> int:
    """Copies what begins with `tokenizer.`; gives how many tokens there are."""
    vocabulary = 0
    for field in donor.fields.values():
        if not field.name.startswith("tokenizer."):
            continue
        value = field.contents()
        if field.types[0] == GGUFValueType.ARRAY:
            out.add_array(field.name, value)
            if field.name == "tokenizer.ggml.tokens":
                vocabulary = len(value)
        else:
            out.add_key_value(field.name, value, field.types[0])
    return vocabulary


def write(shape: Shape, name: str, donor_path: str, out_path: str) -> None:
    out = GGUFWriter(out_path, "llama")
    vocabulary = copy_tokenizer(GGUFReader(donor_path), out)
    out.add_name(f"{name}, random weights")
    out.add_context_length(shape.context)
    out.add_embedding_length(shape.width)
    out.add_block_count(shape.layers)
    out.add_feed_forward_length(shape.feed_forward)
    out.add_head_count(shape.heads)
    out.add_head_count_kv(shape.heads_kv)
    out.add_rope_dimension_count(shape.width // shape.heads)
    out.add_rope_freq_base(10000.0)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_vocab_size(vocabulary)
    random = np.random.default_rng(1)

    def matrix(tensor: str, rows: int, columns: int) -> None:
        weights = random.standard_normal((rows, columns), dtype=np.float32) * SPREAD
        kind = GGMLQuantizationType.Q8_0
        out.add_tensor(tensor, quants.quantize(weights, kind), raw_dtype=kind)

    def norm(tensor: str) -> None:
        out.add_tensor(tensor, np.ones(shape.width, dtype=np.float32))

    width_kv = shape.width // shape.heads * shape.heads_kv
    matrix("token_embd.weight", vocabulary, shape.width)
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        norm(f"{block}.attn_norm.weight")
        matrix(f"{block}.attn_q.weight", shape.width, shape.width)
        matrix(f"{block}.attn_k.weight", width_kv, shape.width)
        matrix(f"{block}.attn_v.weight", width_kv, shape.width)
        matrix(f"{block}.attn_output.weight", shape.width, shape.width)
        norm(f"{block}.ffn_norm.weight")
        matrix(f"{block}.ffn_gate.weight", shape.feed_forward, shape.width)
        matrix(f"{block}.ffn_up.weight", shape.feed_forward, shape.width)
        matrix(f"{block}.ffn_down.weight", shape.width, shape.feed_forward)
    norm("output_norm.weight")
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in SHAPES:
        sys.exit(f"usage: random_gguf.py {{{','.join(SHAPES)}}} DONOR.gguf OUT.gguf")
    write(SHAPES[sys.argv[1]], *sys.argv[1:])
