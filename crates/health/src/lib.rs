//! Windows, breakers, status and the health report: numbers in, verdict out.
