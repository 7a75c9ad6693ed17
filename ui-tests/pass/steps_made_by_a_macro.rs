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

macro_rules! halved {
    ($name:ident, $to:ident, $error:ty, $retries:path) => {
        pub struct $to(pub u64);

        #[docket::step(retry(attempts = 2, delay = "1ms"), retry_if = $retries)]
        pub fn $name(from: &Number) -> Result<$to, $error> {
            match from.0 % 2 {
                0 => Ok($to(from.0 / 2)),
                _ => Err(<$error>::other("it is odd")),
            }
        }
    };
}

fn never(_error: &std::io::Error) -> bool {
    false
}

halved!(halve, Half, std::io::Error, never);
halved!(halve_again, OtherHalf, std::io::Error, never);

macro_rules! bundled {
    ($module:ident, $step:ident) => {
        mod $module {
            use super::$step;
            docket::steps! { pub all { $step } }
        }
    };
}

bundled!(first, halve);
bundled!(second, halve_again);

docket::graph! {
    pub struct Halves {
        inputs { Number }
        steps { ..first::all, ..second::all }
        pub async fn both(number: Number) -> (Half, OtherHalf);
    }
}

#[tokio::test]
async fn errors_may_come_from_the_caller_of_a_macro_too() {
    let graph = Halves::builder().build();
    let (half, other) = graph.both("1", Number(4)).await.unwrap();
    assert_eq!((half.0, other.0), (2, 2));
    let error = graph.both("2", Number(3)).await.err().unwrap();
    assert_eq!(format!("{error:#}"), "step `halve` failed: it is odd");
}

macro_rules! listed {
    ($graph:ident, $items:ty, $halves:ty) => {
        docket::graph! {
            pub struct $graph {
                inputs { Number }
                steps { halve }
                pub async fn all(numbers: $items) -> [$halves];
            }
        }
    };
}

listed!(HalvesOfMany, [Number], docket::Result<Half>);

#[tokio::test]
async fn items_may_come_from_the_caller_of_a_macro_too() {
    let graph = HalvesOfMany::builder().build();
    let halves = graph.all("1", vec![Number(4), Number(3)]).await.unwrap();
    assert_eq!(halves[0].as_ref().unwrap().0, 2);
    assert!(halves[1].is_err());
}
