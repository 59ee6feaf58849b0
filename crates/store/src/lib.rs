//! The knowledge base: import, facts of record, the immutable index that serves queries, persistence.
