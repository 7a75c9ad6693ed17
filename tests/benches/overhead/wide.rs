//! 1 → 100 → 1, and the hundred are woken one after the other: each wake is a poll of the whole, of which one step has
//! something to do.

#![allow(clippy::too_many_arguments)]

use std::future::poll_fn;
use std::hint::black_box;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use docket::{graph, step};

pub struct Seed(pub u64);
pub struct First(u64);
pub struct Sum(u64);

/// One for each of the hundred: opened from outside, which wakes whoever waits.
struct Gate {
    is_open: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

static GATES: [Gate; 100] = [const {
    Gate {
        is_open: AtomicBool::new(false),
        waker: Mutex::new(None),
    }
}; 100];

async fn pass(gate: usize) {
    let gate = &GATES[gate];
    poll_fn(|cx| {
        if gate.is_open.load(Ordering::Relaxed) {
            return Poll::Ready(());
        }
        let mut waker = gate.waker.lock().expect("nobody panics");
        match &mut *waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    })
    .await;
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

/// Runs `execution`, and opens one gate after each poll.
pub fn staggered<T>(execution: impl Future<Output = T>) -> T {
    let flag = Arc::new(Flag(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&flag));
    let mut execution = pin!(execution);
    let mut gates = GATES.iter();
    let output = loop {
        assert!(flag.0.swap(false, Ordering::Acquire), "nobody is forgotten");
        if let Poll::Ready(output) = execution.as_mut().poll(&mut Context::from_waker(&waker)) {
            break output;
        }
        let gate = gates.next().expect("all gates are open");
        gate.is_open.store(true, Ordering::Relaxed);
        let waiting = gate.waker.lock().expect("nobody panics").take();
        waiting.expect("somebody waits").wake();
    };
    for gate in &GATES {
        gate.is_open.store(false, Ordering::Relaxed);
    }
    output
}

macro_rules! hundred {
    ($($step:ident $value:ident $gate:literal)*) => {
        $(
            pub struct $value(u64);
            #[step]
            pub async fn $step(first: &First) -> $value {
                pass($gate).await;
                $value(black_box(first.0 + $gate))
            }
        )*
    };
}

hundred! {
    w0 W0 0
    w1 W1 1
    w2 W2 2
    w3 W3 3
    w4 W4 4
    w5 W5 5
    w6 W6 6
    w7 W7 7
    w8 W8 8
    w9 W9 9
    w10 W10 10
    w11 W11 11
    w12 W12 12
    w13 W13 13
    w14 W14 14
    w15 W15 15
    w16 W16 16
    w17 W17 17
    w18 W18 18
    w19 W19 19
    w20 W20 20
    w21 W21 21
    w22 W22 22
    w23 W23 23
    w24 W24 24
    w25 W25 25
    w26 W26 26
    w27 W27 27
    w28 W28 28
    w29 W29 29
    w30 W30 30
    w31 W31 31
    w32 W32 32
    w33 W33 33
    w34 W34 34
    w35 W35 35
    w36 W36 36
    w37 W37 37
    w38 W38 38
    w39 W39 39
    w40 W40 40
    w41 W41 41
    w42 W42 42
    w43 W43 43
    w44 W44 44
    w45 W45 45
    w46 W46 46
    w47 W47 47
    w48 W48 48
    w49 W49 49
    w50 W50 50
    w51 W51 51
    w52 W52 52
    w53 W53 53
    w54 W54 54
    w55 W55 55
    w56 W56 56
    w57 W57 57
    w58 W58 58
    w59 W59 59
    w60 W60 60
    w61 W61 61
    w62 W62 62
    w63 W63 63
    w64 W64 64
    w65 W65 65
    w66 W66 66
    w67 W67 67
    w68 W68 68
    w69 W69 69
    w70 W70 70
    w71 W71 71
    w72 W72 72
    w73 W73 73
    w74 W74 74
    w75 W75 75
    w76 W76 76
    w77 W77 77
    w78 W78 78
    w79 W79 79
    w80 W80 80
    w81 W81 81
    w82 W82 82
    w83 W83 83
    w84 W84 84
    w85 W85 85
    w86 W86 86
    w87 W87 87
    w88 W88 88
    w89 W89 89
    w90 W90 90
    w91 W91 91
    w92 W92 92
    w93 W93 93
    w94 W94 94
    w95 W95 95
    w96 W96 96
    w97 W97 97
    w98 W98 98
    w99 W99 99
}

#[step]
pub async fn first(seed: &Seed) -> First {
    First(black_box(seed.0 + 1))
}

#[step]
pub async fn sum(
    v0: &W0,
    v1: &W1,
    v2: &W2,
    v3: &W3,
    v4: &W4,
    v5: &W5,
    v6: &W6,
    v7: &W7,
    v8: &W8,
    v9: &W9,
    v10: &W10,
    v11: &W11,
    v12: &W12,
    v13: &W13,
    v14: &W14,
    v15: &W15,
    v16: &W16,
    v17: &W17,
    v18: &W18,
    v19: &W19,
    v20: &W20,
    v21: &W21,
    v22: &W22,
    v23: &W23,
    v24: &W24,
    v25: &W25,
    v26: &W26,
    v27: &W27,
    v28: &W28,
    v29: &W29,
    v30: &W30,
    v31: &W31,
    v32: &W32,
    v33: &W33,
    v34: &W34,
    v35: &W35,
    v36: &W36,
    v37: &W37,
    v38: &W38,
    v39: &W39,
    v40: &W40,
    v41: &W41,
    v42: &W42,
    v43: &W43,
    v44: &W44,
    v45: &W45,
    v46: &W46,
    v47: &W47,
    v48: &W48,
    v49: &W49,
    v50: &W50,
    v51: &W51,
    v52: &W52,
    v53: &W53,
    v54: &W54,
    v55: &W55,
    v56: &W56,
    v57: &W57,
    v58: &W58,
    v59: &W59,
    v60: &W60,
    v61: &W61,
    v62: &W62,
    v63: &W63,
    v64: &W64,
    v65: &W65,
    v66: &W66,
    v67: &W67,
    v68: &W68,
    v69: &W69,
    v70: &W70,
    v71: &W71,
    v72: &W72,
    v73: &W73,
    v74: &W74,
    v75: &W75,
    v76: &W76,
    v77: &W77,
    v78: &W78,
    v79: &W79,
    v80: &W80,
    v81: &W81,
    v82: &W82,
    v83: &W83,
    v84: &W84,
    v85: &W85,
    v86: &W86,
    v87: &W87,
    v88: &W88,
    v89: &W89,
    v90: &W90,
    v91: &W91,
    v92: &W92,
    v93: &W93,
    v94: &W94,
    v95: &W95,
    v96: &W96,
    v97: &W97,
    v98: &W98,
    v99: &W99,
) -> Sum {
    let sum = v0.0
        + v1.0
        + v2.0
        + v3.0
        + v4.0
        + v5.0
        + v6.0
        + v7.0
        + v8.0
        + v9.0
        + v10.0
        + v11.0
        + v12.0
        + v13.0
        + v14.0
        + v15.0
        + v16.0
        + v17.0
        + v18.0
        + v19.0
        + v20.0
        + v21.0
        + v22.0
        + v23.0
        + v24.0
        + v25.0
        + v26.0
        + v27.0
        + v28.0
        + v29.0
        + v30.0
        + v31.0
        + v32.0
        + v33.0
        + v34.0
        + v35.0
        + v36.0
        + v37.0
        + v38.0
        + v39.0
        + v40.0
        + v41.0
        + v42.0
        + v43.0
        + v44.0
        + v45.0
        + v46.0
        + v47.0
        + v48.0
        + v49.0
        + v50.0
        + v51.0
        + v52.0
        + v53.0
        + v54.0
        + v55.0
        + v56.0
        + v57.0
        + v58.0
        + v59.0
        + v60.0
        + v61.0
        + v62.0
        + v63.0
        + v64.0
        + v65.0
        + v66.0
        + v67.0
        + v68.0
        + v69.0
        + v70.0
        + v71.0
        + v72.0
        + v73.0
        + v74.0
        + v75.0
        + v76.0
        + v77.0
        + v78.0
        + v79.0
        + v80.0
        + v81.0
        + v82.0
        + v83.0
        + v84.0
        + v85.0
        + v86.0
        + v87.0
        + v88.0
        + v89.0
        + v90.0
        + v91.0
        + v92.0
        + v93.0
        + v94.0
        + v95.0
        + v96.0
        + v97.0
        + v98.0
        + v99.0;
    Sum(black_box(sum))
}

graph! {
    pub struct Wide {
        inputs { Seed }
        steps {
            first, sum,
            w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16, w17, w18, w19, w20, w21, w22, w23, w24, w25, w26, w27, w28, w29, w30, w31, w32, w33, w34, w35, w36, w37, w38, w39, w40, w41, w42, w43, w44, w45, w46, w47, w48, w49, w50, w51, w52, w53, w54, w55, w56, w57, w58, w59, w60, w61, w62, w63, w64, w65, w66, w67, w68, w69, w70, w71, w72, w73, w74, w75, w76, w77, w78, w79, w80, w81, w82, w83, w84, w85, w86, w87, w88, w89, w90, w91, w92, w93, w94, w95, w96, w97, w98, w99
        }
        pub async fn resolve(seed: Seed) -> Sum;
    }
}

pub async fn by_hand(_id: &str, seed: Seed) -> Result<Sum, docket::Error> {
    let it = first(&seed).await;
    let (
        v0,
        v1,
        v2,
        v3,
        v4,
        v5,
        v6,
        v7,
        v8,
        v9,
        v10,
        v11,
        v12,
        v13,
        v14,
        v15,
        v16,
        v17,
        v18,
        v19,
        v20,
        v21,
        v22,
        v23,
        v24,
        v25,
        v26,
        v27,
        v28,
        v29,
        v30,
        v31,
        v32,
        v33,
        v34,
        v35,
        v36,
        v37,
        v38,
        v39,
        v40,
        v41,
        v42,
        v43,
        v44,
        v45,
        v46,
        v47,
        v48,
        v49,
        v50,
        v51,
        v52,
        v53,
        v54,
        v55,
        v56,
        v57,
        v58,
        v59,
        v60,
        v61,
        v62,
        v63,
        v64,
        v65,
        v66,
        v67,
        v68,
        v69,
        v70,
        v71,
        v72,
        v73,
        v74,
        v75,
        v76,
        v77,
        v78,
        v79,
        v80,
        v81,
        v82,
        v83,
        v84,
        v85,
        v86,
        v87,
        v88,
        v89,
        v90,
        v91,
        v92,
        v93,
        v94,
        v95,
        v96,
        v97,
        v98,
        v99,
    ) = tokio::join!(
        w0(&it),
        w1(&it),
        w2(&it),
        w3(&it),
        w4(&it),
        w5(&it),
        w6(&it),
        w7(&it),
        w8(&it),
        w9(&it),
        w10(&it),
        w11(&it),
        w12(&it),
        w13(&it),
        w14(&it),
        w15(&it),
        w16(&it),
        w17(&it),
        w18(&it),
        w19(&it),
        w20(&it),
        w21(&it),
        w22(&it),
        w23(&it),
        w24(&it),
        w25(&it),
        w26(&it),
        w27(&it),
        w28(&it),
        w29(&it),
        w30(&it),
        w31(&it),
        w32(&it),
        w33(&it),
        w34(&it),
        w35(&it),
        w36(&it),
        w37(&it),
        w38(&it),
        w39(&it),
        w40(&it),
        w41(&it),
        w42(&it),
        w43(&it),
        w44(&it),
        w45(&it),
        w46(&it),
        w47(&it),
        w48(&it),
        w49(&it),
        w50(&it),
        w51(&it),
        w52(&it),
        w53(&it),
        w54(&it),
        w55(&it),
        w56(&it),
        w57(&it),
        w58(&it),
        w59(&it),
        w60(&it),
        w61(&it),
        w62(&it),
        w63(&it),
        w64(&it),
        w65(&it),
        w66(&it),
        w67(&it),
        w68(&it),
        w69(&it),
        w70(&it),
        w71(&it),
        w72(&it),
        w73(&it),
        w74(&it),
        w75(&it),
        w76(&it),
        w77(&it),
        w78(&it),
        w79(&it),
        w80(&it),
        w81(&it),
        w82(&it),
        w83(&it),
        w84(&it),
        w85(&it),
        w86(&it),
        w87(&it),
        w88(&it),
        w89(&it),
        w90(&it),
        w91(&it),
        w92(&it),
        w93(&it),
        w94(&it),
        w95(&it),
        w96(&it),
        w97(&it),
        w98(&it),
        w99(&it),
    );
    Ok(sum(
        &v0, &v1, &v2, &v3, &v4, &v5, &v6, &v7, &v8, &v9, &v10, &v11, &v12, &v13, &v14, &v15, &v16,
        &v17, &v18, &v19, &v20, &v21, &v22, &v23, &v24, &v25, &v26, &v27, &v28, &v29, &v30, &v31,
        &v32, &v33, &v34, &v35, &v36, &v37, &v38, &v39, &v40, &v41, &v42, &v43, &v44, &v45, &v46,
        &v47, &v48, &v49, &v50, &v51, &v52, &v53, &v54, &v55, &v56, &v57, &v58, &v59, &v60, &v61,
        &v62, &v63, &v64, &v65, &v66, &v67, &v68, &v69, &v70, &v71, &v72, &v73, &v74, &v75, &v76,
        &v77, &v78, &v79, &v80, &v81, &v82, &v83, &v84, &v85, &v86, &v87, &v88, &v89, &v90, &v91,
        &v92, &v93, &v94, &v95, &v96, &v97, &v98, &v99,
    )
    .await)
}
