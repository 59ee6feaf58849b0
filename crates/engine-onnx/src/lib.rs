//! MiniLM sentence embeddings through ONNX Runtime; the only crate that names fastembed.
