//! The service from outside: frozen bytes, and what becomes of a request when a tier misbehaves.

mod legacy;
