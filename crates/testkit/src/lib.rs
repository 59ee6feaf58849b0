//! Fakes, a seeded clock and small worlds for tests.
