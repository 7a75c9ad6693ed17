//! What excludes what, and what needs what.

use super::{Repeat, StepOptions};
use crate::report::Errors;
use crate::step::parse::Function;
use crate::step::signature::{ParameterKind, StepSignature};

/// For so many parameters there are implementations of `FunctionOf` in `docket-runtime`.
const MAX_RECONCILED: usize = 24;

/// What excludes what, and what needs what.
pub(crate) fn check(
    options: &StepOptions,
    signature: &StepSignature,
    function: &Function,
    errors: &mut Errors,
) {
    let StepOptions {
        persist,
        ttl,
        stale,
        repeat,
        reconcile,
        retry,
        retry_if,
        spawn,
        blocking,
        ..
    } = options;
    if persist.is_none() {
        check_recorded(options, signature, errors);
    }
    if let Some(stale) = stale
        && persist.is_some()
    {
        if repeat.as_ref().is_none_or(|it| it.value != Repeat::Free) {
            errors.error(&stale.written, "a value that has expired is used only where a run more or less does no harm; add `repeat = \"free\"`, or take `stale` away");
        } else if ttl.is_none() {
            errors.error(&stale.written, "`stale` is how much longer than its `ttl` a value is used, and this one never expires; add `ttl`, or take `stale` away");
        }
    }
    if let Some(blocking) = blocking {
        if signature.is_async {
            errors.error(&blocking.written, "`blocking` is for a plain `fn`; an `async fn` must not block, so take one of the two away");
        }
        if let Some(spawn) = spawn {
            errors.error(
                &spawn.written,
                "a `blocking` step is on another thread already; take `spawn` away",
            );
        }
    }
    if let (Some(repeat), Some(retry)) = (repeat, retry)
        && repeat.value == Repeat::Never
    {
        errors.error(&retry.written, "a step that must not happen twice can't be retried; take `retry` away, or use `repeat = \"keyed\"`");
    }
    if let (Some(repeat), Some(reconcile)) = (repeat, reconcile)
        && repeat.value == Repeat::Free
        && persist.is_some()
    {
        errors.error(&reconcile.written, "what is free to repeat is run again, and nobody asks what became of it; take `reconcile` away, or use `repeat = \"keyed\"`");
    }
    if let Some(reconcile) = reconcile
        && signature.parameters.len() > MAX_RECONCILED
    {
        let message = format!(
            "a step with `reconcile` has {MAX_RECONCILED} parameters at most; put some of them together in one type"
        );
        errors.error(&reconcile.written, message);
    }
    if let Some(retry_if) = retry_if {
        if retry.is_none() {
            errors.error(&retry_if.written, "`retry_if` chooses among errors to retry, and this step has no retry; add `retry(attempts = 3)`");
        }
        if signature
            .output
            .as_ref()
            .is_some_and(|output| !output.is_result)
        {
            errors.error(
                &retry_if.written,
                "`retry_if` looks at the step's error, and this step returns none",
            );
        }
    }
    check_twice(function, errors);
}

/// What is about recorded results. Leaving `persist` out is one mistake, however much there is that wants it.
pub(super) fn check_recorded(
    options: &StepOptions,
    signature: &StepSignature,
    errors: &mut Errors,
) {
    let needs = "this step records none; add `persist = \"global\"` or `persist = \"workflow\"`";
    let key = signature
        .parameters
        .iter()
        .find(|parameter| matches!(parameter.kind, ParameterKind::Key(_)));
    if let Some(ttl) = &options.ttl {
        errors.error(
            &ttl.written,
            format!("`ttl` limits the age of a recorded result, and {needs}"),
        );
    } else if let Some(stale) = &options.stale {
        errors.error(
            &stale.written,
            format!(
                "`stale` is how much longer than its `ttl` a recorded result is used, and {needs}"
            ),
        );
    } else if let Some(repeat) = &options.repeat {
        errors.error(
            &repeat.written,
            format!("`repeat` is about recorded results, and {needs}"),
        );
    } else if let Some(reconcile) = &options.reconcile {
        errors.error(
            &reconcile.written,
            format!("`reconcile` finds out what became of a run that its record does not know the end of, and {needs}"),
        );
    } else if let Some(key) = key {
        errors.error(
            &key.written,
            format!("`#[key]` is about recorded results, and {needs}"),
        );
    }
}

pub(super) fn check_twice(function: &Function, errors: &mut Errors) {
    for attribute in &function.attributes {
        if attribute.path().is_ident("step") {
            errors.error(attribute, "`#[step]` is given twice; keep one");
        }
    }
}
