//! Tests of Docket, written as a user would write them.
