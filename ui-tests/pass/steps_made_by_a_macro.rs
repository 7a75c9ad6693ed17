//! Types and paths that come out of a `macro_rules` are as good as written ones.

macro_rules! doubled {
    ($name:ident, $from:ty, $to:ident, $graph:ident) => {
        pub struct $to(pub u64);

        #[docket::step]
        fn $name(from: &$from) -> $to {
            $to(from.0 * 2)
        }

        docket::graph! {
            pub struct $graph {
                inputs { $from }
                steps { $name }
                pub async fn double(from: $from) -> $to;
            }
        }
    };
}

pub struct Number(pub u64);

doubled!(double, Number, Doubled, Doubles);

#[tokio::test]
async fn runs() {
    assert_eq!(
        Doubles::builder()
            .build()
            .double("1", Number(4))
            .await
            .unwrap()
            .0,
        8
    );
}
