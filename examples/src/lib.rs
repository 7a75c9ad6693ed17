//! Programs that use Docket.
