//! Answers in the place of a backend.

use docket::testing::Scripted;

#[test]
fn answers_come_in_order_and_calls_are_kept() {
    let script = Scripted::new(["a", "b"]);
    let same = script.clone();
    assert_eq!([script.call(1), same.call(2)], ["a", "b"]);
    assert_eq!((script.calls(), script.left()), (vec![1, 2], 0));
    script.push("c");
    assert_eq!(same.call(3), "c");
}

#[test]
#[should_panic(expected = "call 2 has no answer: 1 were written down for `u64`")]
fn one_call_too_many_is_a_panic_that_says_so() {
    let script = Scripted::new(["a"]);
    script.call(7_u64);
    script.call(7_u64);
}

#[test]
fn what_answers_the_rest_may_look_at_the_script_and_add_to_it() {
    let script = Scripted::new(["first"]);
    let same = script.clone();
    let script = script.then(move |call: &u64| {
        same.push("pushed");
        if same.calls() == [1] && *call == 2 {
            "made"
        } else {
            "made up"
        }
    });
    assert_eq!(
        [1, 2, 3].map(|it| script.call(it)),
        ["first", "made", "pushed"]
    );
    assert_eq!(script.calls(), [1, 2, 3]);
}
