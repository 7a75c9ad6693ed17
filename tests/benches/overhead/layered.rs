//! A graph of ten layers of ten steps, each of which reads three values of the layer before. Made by a loop, and kept as
//! text so that it is what a person would have written.

#![allow(clippy::too_many_arguments)]

use docket::{graph, step};

pub struct Start(pub u64);
pub struct V0x0(pub u64);
pub struct V0x1(pub u64);
pub struct V0x2(pub u64);
pub struct V0x3(pub u64);
pub struct V0x4(pub u64);
pub struct V0x5(pub u64);
pub struct V0x6(pub u64);
pub struct V0x7(pub u64);
pub struct V0x8(pub u64);
pub struct V0x9(pub u64);
pub struct V1x0(pub u64);
pub struct V1x1(pub u64);
pub struct V1x2(pub u64);
pub struct V1x3(pub u64);
pub struct V1x4(pub u64);
pub struct V1x5(pub u64);
pub struct V1x6(pub u64);
pub struct V1x7(pub u64);
pub struct V1x8(pub u64);
pub struct V1x9(pub u64);
pub struct V2x0(pub u64);
pub struct V2x1(pub u64);
pub struct V2x2(pub u64);
pub struct V2x3(pub u64);
pub struct V2x4(pub u64);
pub struct V2x5(pub u64);
pub struct V2x6(pub u64);
pub struct V2x7(pub u64);
pub struct V2x8(pub u64);
pub struct V2x9(pub u64);
pub struct V3x0(pub u64);
pub struct V3x1(pub u64);
pub struct V3x2(pub u64);
pub struct V3x3(pub u64);
pub struct V3x4(pub u64);
pub struct V3x5(pub u64);
pub struct V3x6(pub u64);
pub struct V3x7(pub u64);
pub struct V3x8(pub u64);
pub struct V3x9(pub u64);
pub struct V4x0(pub u64);
pub struct V4x1(pub u64);
pub struct V4x2(pub u64);
pub struct V4x3(pub u64);
pub struct V4x4(pub u64);
pub struct V4x5(pub u64);
pub struct V4x6(pub u64);
pub struct V4x7(pub u64);
pub struct V4x8(pub u64);
pub struct V4x9(pub u64);
pub struct V5x0(pub u64);
pub struct V5x1(pub u64);
pub struct V5x2(pub u64);
pub struct V5x3(pub u64);
pub struct V5x4(pub u64);
pub struct V5x5(pub u64);
pub struct V5x6(pub u64);
pub struct V5x7(pub u64);
pub struct V5x8(pub u64);
pub struct V5x9(pub u64);
pub struct V6x0(pub u64);
pub struct V6x1(pub u64);
pub struct V6x2(pub u64);
pub struct V6x3(pub u64);
pub struct V6x4(pub u64);
pub struct V6x5(pub u64);
pub struct V6x6(pub u64);
pub struct V6x7(pub u64);
pub struct V6x8(pub u64);
pub struct V6x9(pub u64);
pub struct V7x0(pub u64);
pub struct V7x1(pub u64);
pub struct V7x2(pub u64);
pub struct V7x3(pub u64);
pub struct V7x4(pub u64);
pub struct V7x5(pub u64);
pub struct V7x6(pub u64);
pub struct V7x7(pub u64);
pub struct V7x8(pub u64);
pub struct V7x9(pub u64);
pub struct V8x0(pub u64);
pub struct V8x1(pub u64);
pub struct V8x2(pub u64);
pub struct V8x3(pub u64);
pub struct V8x4(pub u64);
pub struct V8x5(pub u64);
pub struct V8x6(pub u64);
pub struct V8x7(pub u64);
pub struct V8x8(pub u64);
pub struct V8x9(pub u64);
pub struct V9x0(pub u64);
pub struct V9x1(pub u64);
pub struct V9x2(pub u64);
pub struct V9x3(pub u64);
pub struct V9x4(pub u64);
pub struct V9x5(pub u64);
pub struct V9x6(pub u64);
pub struct V9x7(pub u64);
pub struct V9x8(pub u64);
pub struct V9x9(pub u64);

#[step]
async fn s0x0(a: &Start) -> V0x0 {
    V0x0(a.0.wrapping_add(0))
}

#[step]
async fn s0x1(a: &Start) -> V0x1 {
    V0x1(a.0.wrapping_add(1))
}

#[step]
async fn s0x2(a: &Start) -> V0x2 {
    V0x2(a.0.wrapping_add(2))
}

#[step]
async fn s0x3(a: &Start) -> V0x3 {
    V0x3(a.0.wrapping_add(3))
}

#[step]
async fn s0x4(a: &Start) -> V0x4 {
    V0x4(a.0.wrapping_add(4))
}

#[step]
async fn s0x5(a: &Start) -> V0x5 {
    V0x5(a.0.wrapping_add(5))
}

#[step]
async fn s0x6(a: &Start) -> V0x6 {
    V0x6(a.0.wrapping_add(6))
}

#[step]
async fn s0x7(a: &Start) -> V0x7 {
    V0x7(a.0.wrapping_add(7))
}

#[step]
async fn s0x8(a: &Start) -> V0x8 {
    V0x8(a.0.wrapping_add(8))
}

#[step]
async fn s0x9(a: &Start) -> V0x9 {
    V0x9(a.0.wrapping_add(9))
}

#[step]
async fn s1x0(a: &V0x0, b: &V0x1, c: &V0x4) -> V1x0 {
    V1x0(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s1x1(a: &V0x1, b: &V0x2, c: &V0x5) -> V1x1 {
    V1x1(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s1x2(a: &V0x2, b: &V0x3, c: &V0x6) -> V1x2 {
    V1x2(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s1x3(a: &V0x3, b: &V0x4, c: &V0x7) -> V1x3 {
    V1x3(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s1x4(a: &V0x4, b: &V0x5, c: &V0x8) -> V1x4 {
    V1x4(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s1x5(a: &V0x5, b: &V0x6, c: &V0x9) -> V1x5 {
    V1x5(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s1x6(a: &V0x6, b: &V0x7, c: &V0x0) -> V1x6 {
    V1x6(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s1x7(a: &V0x7, b: &V0x8, c: &V0x1) -> V1x7 {
    V1x7(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s1x8(a: &V0x8, b: &V0x9, c: &V0x2) -> V1x8 {
    V1x8(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s1x9(a: &V0x9, b: &V0x0, c: &V0x3) -> V1x9 {
    V1x9(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s2x0(a: &V1x0, b: &V1x1, c: &V1x4) -> V2x0 {
    V2x0(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s2x1(a: &V1x1, b: &V1x2, c: &V1x5) -> V2x1 {
    V2x1(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s2x2(a: &V1x2, b: &V1x3, c: &V1x6) -> V2x2 {
    V2x2(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s2x3(a: &V1x3, b: &V1x4, c: &V1x7) -> V2x3 {
    V2x3(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s2x4(a: &V1x4, b: &V1x5, c: &V1x8) -> V2x4 {
    V2x4(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s2x5(a: &V1x5, b: &V1x6, c: &V1x9) -> V2x5 {
    V2x5(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s2x6(a: &V1x6, b: &V1x7, c: &V1x0) -> V2x6 {
    V2x6(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s2x7(a: &V1x7, b: &V1x8, c: &V1x1) -> V2x7 {
    V2x7(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s2x8(a: &V1x8, b: &V1x9, c: &V1x2) -> V2x8 {
    V2x8(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s2x9(a: &V1x9, b: &V1x0, c: &V1x3) -> V2x9 {
    V2x9(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s3x0(a: &V2x0, b: &V2x1, c: &V2x4) -> V3x0 {
    V3x0(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s3x1(a: &V2x1, b: &V2x2, c: &V2x5) -> V3x1 {
    V3x1(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s3x2(a: &V2x2, b: &V2x3, c: &V2x6) -> V3x2 {
    V3x2(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s3x3(a: &V2x3, b: &V2x4, c: &V2x7) -> V3x3 {
    V3x3(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s3x4(a: &V2x4, b: &V2x5, c: &V2x8) -> V3x4 {
    V3x4(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s3x5(a: &V2x5, b: &V2x6, c: &V2x9) -> V3x5 {
    V3x5(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s3x6(a: &V2x6, b: &V2x7, c: &V2x0) -> V3x6 {
    V3x6(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s3x7(a: &V2x7, b: &V2x8, c: &V2x1) -> V3x7 {
    V3x7(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s3x8(a: &V2x8, b: &V2x9, c: &V2x2) -> V3x8 {
    V3x8(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s3x9(a: &V2x9, b: &V2x0, c: &V2x3) -> V3x9 {
    V3x9(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s4x0(a: &V3x0, b: &V3x1, c: &V3x4) -> V4x0 {
    V4x0(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s4x1(a: &V3x1, b: &V3x2, c: &V3x5) -> V4x1 {
    V4x1(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s4x2(a: &V3x2, b: &V3x3, c: &V3x6) -> V4x2 {
    V4x2(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s4x3(a: &V3x3, b: &V3x4, c: &V3x7) -> V4x3 {
    V4x3(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s4x4(a: &V3x4, b: &V3x5, c: &V3x8) -> V4x4 {
    V4x4(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s4x5(a: &V3x5, b: &V3x6, c: &V3x9) -> V4x5 {
    V4x5(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s4x6(a: &V3x6, b: &V3x7, c: &V3x0) -> V4x6 {
    V4x6(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s4x7(a: &V3x7, b: &V3x8, c: &V3x1) -> V4x7 {
    V4x7(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s4x8(a: &V3x8, b: &V3x9, c: &V3x2) -> V4x8 {
    V4x8(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s4x9(a: &V3x9, b: &V3x0, c: &V3x3) -> V4x9 {
    V4x9(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s5x0(a: &V4x0, b: &V4x1, c: &V4x4) -> V5x0 {
    V5x0(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s5x1(a: &V4x1, b: &V4x2, c: &V4x5) -> V5x1 {
    V5x1(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s5x2(a: &V4x2, b: &V4x3, c: &V4x6) -> V5x2 {
    V5x2(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s5x3(a: &V4x3, b: &V4x4, c: &V4x7) -> V5x3 {
    V5x3(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s5x4(a: &V4x4, b: &V4x5, c: &V4x8) -> V5x4 {
    V5x4(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s5x5(a: &V4x5, b: &V4x6, c: &V4x9) -> V5x5 {
    V5x5(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s5x6(a: &V4x6, b: &V4x7, c: &V4x0) -> V5x6 {
    V5x6(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s5x7(a: &V4x7, b: &V4x8, c: &V4x1) -> V5x7 {
    V5x7(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s5x8(a: &V4x8, b: &V4x9, c: &V4x2) -> V5x8 {
    V5x8(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s5x9(a: &V4x9, b: &V4x0, c: &V4x3) -> V5x9 {
    V5x9(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s6x0(a: &V5x0, b: &V5x1, c: &V5x4) -> V6x0 {
    V6x0(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s6x1(a: &V5x1, b: &V5x2, c: &V5x5) -> V6x1 {
    V6x1(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s6x2(a: &V5x2, b: &V5x3, c: &V5x6) -> V6x2 {
    V6x2(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s6x3(a: &V5x3, b: &V5x4, c: &V5x7) -> V6x3 {
    V6x3(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s6x4(a: &V5x4, b: &V5x5, c: &V5x8) -> V6x4 {
    V6x4(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s6x5(a: &V5x5, b: &V5x6, c: &V5x9) -> V6x5 {
    V6x5(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s6x6(a: &V5x6, b: &V5x7, c: &V5x0) -> V6x6 {
    V6x6(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s6x7(a: &V5x7, b: &V5x8, c: &V5x1) -> V6x7 {
    V6x7(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s6x8(a: &V5x8, b: &V5x9, c: &V5x2) -> V6x8 {
    V6x8(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s6x9(a: &V5x9, b: &V5x0, c: &V5x3) -> V6x9 {
    V6x9(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s7x0(a: &V6x0, b: &V6x1, c: &V6x4) -> V7x0 {
    V7x0(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s7x1(a: &V6x1, b: &V6x2, c: &V6x5) -> V7x1 {
    V7x1(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s7x2(a: &V6x2, b: &V6x3, c: &V6x6) -> V7x2 {
    V7x2(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s7x3(a: &V6x3, b: &V6x4, c: &V6x7) -> V7x3 {
    V7x3(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s7x4(a: &V6x4, b: &V6x5, c: &V6x8) -> V7x4 {
    V7x4(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s7x5(a: &V6x5, b: &V6x6, c: &V6x9) -> V7x5 {
    V7x5(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s7x6(a: &V6x6, b: &V6x7, c: &V6x0) -> V7x6 {
    V7x6(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s7x7(a: &V6x7, b: &V6x8, c: &V6x1) -> V7x7 {
    V7x7(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s7x8(a: &V6x8, b: &V6x9, c: &V6x2) -> V7x8 {
    V7x8(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s7x9(a: &V6x9, b: &V6x0, c: &V6x3) -> V7x9 {
    V7x9(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s8x0(a: &V7x0, b: &V7x1, c: &V7x4) -> V8x0 {
    V8x0(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s8x1(a: &V7x1, b: &V7x2, c: &V7x5) -> V8x1 {
    V8x1(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s8x2(a: &V7x2, b: &V7x3, c: &V7x6) -> V8x2 {
    V8x2(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s8x3(a: &V7x3, b: &V7x4, c: &V7x7) -> V8x3 {
    V8x3(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s8x4(a: &V7x4, b: &V7x5, c: &V7x8) -> V8x4 {
    V8x4(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s8x5(a: &V7x5, b: &V7x6, c: &V7x9) -> V8x5 {
    V8x5(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s8x6(a: &V7x6, b: &V7x7, c: &V7x0) -> V8x6 {
    V8x6(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s8x7(a: &V7x7, b: &V7x8, c: &V7x1) -> V8x7 {
    V8x7(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s8x8(a: &V7x8, b: &V7x9, c: &V7x2) -> V8x8 {
    V8x8(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s8x9(a: &V7x9, b: &V7x0, c: &V7x3) -> V8x9 {
    V8x9(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s9x0(a: &V8x0, b: &V8x1, c: &V8x4) -> V9x0 {
    V9x0(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s9x1(a: &V8x1, b: &V8x2, c: &V8x5) -> V9x1 {
    V9x1(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s9x2(a: &V8x2, b: &V8x3, c: &V8x6) -> V9x2 {
    V9x2(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s9x3(a: &V8x3, b: &V8x4, c: &V8x7) -> V9x3 {
    V9x3(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s9x4(a: &V8x4, b: &V8x5, c: &V8x8) -> V9x4 {
    V9x4(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s9x5(a: &V8x5, b: &V8x6, c: &V8x9) -> V9x5 {
    V9x5(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s9x6(a: &V8x6, b: &V8x7, c: &V8x0) -> V9x6 {
    V9x6(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s9x7(a: &V8x7, b: &V8x8, c: &V8x1) -> V9x7 {
    V9x7(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s9x8(a: &V8x8, b: &V8x9, c: &V8x2) -> V9x8 {
    V9x8(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
async fn s9x9(a: &V8x9, b: &V8x0, c: &V8x3) -> V9x9 {
    V9x9(a.0 ^ b.0.wrapping_add(c.0))
}

#[step]
fn last(
    v0: &V9x0,
    v1: &V9x1,
    v2: &V9x2,
    v3: &V9x3,
    v4: &V9x4,
    v5: &V9x5,
    v6: &V9x6,
    v7: &V9x7,
    v8: &V9x8,
    v9: &V9x9,
) -> u64 {
    v0.0 ^ v1.0 ^ v2.0 ^ v3.0 ^ v4.0 ^ v5.0 ^ v6.0 ^ v7.0 ^ v8.0 ^ v9.0
}

graph! {
    pub struct Layered {
        inputs { Start }
        steps {
            s0x0, s0x1, s0x2, s0x3, s0x4, s0x5, s0x6, s0x7, s0x8, s0x9,
            s1x0, s1x1, s1x2, s1x3, s1x4, s1x5, s1x6, s1x7, s1x8, s1x9,
            s2x0, s2x1, s2x2, s2x3, s2x4, s2x5, s2x6, s2x7, s2x8, s2x9,
            s3x0, s3x1, s3x2, s3x3, s3x4, s3x5, s3x6, s3x7, s3x8, s3x9,
            s4x0, s4x1, s4x2, s4x3, s4x4, s4x5, s4x6, s4x7, s4x8, s4x9,
            s5x0, s5x1, s5x2, s5x3, s5x4, s5x5, s5x6, s5x7, s5x8, s5x9,
            s6x0, s6x1, s6x2, s6x3, s6x4, s6x5, s6x6, s6x7, s6x8, s6x9,
            s7x0, s7x1, s7x2, s7x3, s7x4, s7x5, s7x6, s7x7, s7x8, s7x9,
            s8x0, s8x1, s8x2, s8x3, s8x4, s8x5, s8x6, s8x7, s8x8, s8x9,
            s9x0, s9x1, s9x2, s9x3, s9x4, s9x5, s9x6, s9x7, s9x8, s9x9,
            last,
        }

        pub async fn resolve(start: Start) -> u64;
    }
}
