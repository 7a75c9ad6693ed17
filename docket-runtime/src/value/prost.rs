//! prost
