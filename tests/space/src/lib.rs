//! A simulated Geminispace on loopback, over real TLS: well-behaved and hostile capsules.
