//! How a plan is drawn. The pictures themselves are kept in `tests/plans`, to be looked at.

use docket::{Plan, graph, step};

use super::sixty::Shop;

#[test]
fn sixty_steps_are_drawn_as_kept() {
    docket::assert_plan!("plans/sixty.svg", Shop);
    docket::assert_plan!("plans/sixty.mmd", Shop);
    docket::assert_plan!("plans/sixty.dot", Shop);
    docket::assert_plan!("plans/sixty.json", Shop);
}

pub(crate) struct Odd<'a, T>(pub &'a str, pub T);
type Quoted = Odd<'static, Vec<u8>>;
pub(crate) struct Tool;

#[step(name = "end \"of\" <it> & more")]
fn end(odd: &Odd<'static, Vec<u8>>, #[resource] _tool: &Tool) -> Option<u8> {
    odd.1.first().copied().filter(|_| odd.0.is_empty())
}

#[step(name = "end_of")]
fn again(it: Option<&Option<u8>>, _odd: &Quoted) -> Result<i8, std::io::Error> {
    Ok(it.map_or(0, |_| 1))
}

graph! {
    /// Says "no" & <nothing>.
    struct Oddities {
        inputs { Odd<'static, Vec<u8>> }
        resources { Tool }
        steps { end, again }
        async fn f(odd: Quoted) -> i8;
    }
}

#[test]
fn odd_names_stay_what_they_are() {
    let plan = Oddities::plan();
    let mermaid = plan.to_mermaid();
    assert!(
        mermaid.contains("    step_end__of___it____more[\"end #34;of#34; #60;it#62; #38; more<br>"),
        "{mermaid}"
    );
    assert!(
        mermaid.contains("    step_end__of___it____more -.-> step_end_of\n"),
        "{mermaid}"
    );
    let dot = plan.to_dot();
    assert!(
        dot.contains(r#"    "end \"of\" <it> &amp; more" [class="step""#),
        "{dot}"
    );
    let svg = plan.to_svg();
    assert!(
        svg.contains("data-id=\"end &quot;of&quot; &lt;it&gt; &amp; more\""),
        "{svg}"
    );
    assert!(!svg.contains("<it>"));
}

#[test]
fn resources_are_drawn_on_demand() {
    let plan = Oddities::plan();
    let picture = plan.picture().resources(true);
    for (without, with) in [
        (plan.to_mermaid(), picture.to_mermaid()),
        (plan.to_dot(), picture.to_dot()),
        (plan.to_svg(), picture.to_svg()),
    ] {
        // In a picture, the parameters of a step are told to who points at it.
        let is_drawn = |text: &str| text.contains(">Tool<") || text.contains("\"Tool\"");
        assert!(!is_drawn(&without), "{without}");
        assert!(is_drawn(&with), "{with}");
    }
}

#[test]
fn a_plan_is_drawn_the_same_each_time() {
    let draw = |plan: Plan| (plan.to_svg(), plan.to_mermaid(), plan.to_dot());
    assert_eq!(draw(Shop::plan()), draw(Shop::plan()));
    let read = Plan::from_json(&Shop::plan().to_json()).unwrap();
    assert_eq!(draw(read), draw(Shop::plan()));
}

/// Where each node stands, and the points that each edge goes through.
#[test]
fn no_edge_crosses_a_node() {
    let svg = Shop::plan().to_svg();
    let number = |line: &str, name: &str| -> f64 {
        let (_, rest) = line.split_once(&format!(" {name}=\"")).expect("it has it");
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let boxes: Vec<[f64; 4]> = svg
        .lines()
        .filter(|line| line.starts_with("<rect class=\"box\""))
        .map(|line| ["x", "y", "width", "height"].map(|name| number(line, name)))
        .collect();
    assert_eq!(boxes.len(), 63);
    let mut n_runs = 0;
    for line in svg.lines().filter(|line| line.contains(" data-from=")) {
        let (_, path) = line.split_once(" d=\"M").unwrap();
        let path = path.split('"').next().unwrap();
        let numbers = |text: &str| -> Vec<f64> {
            text.split([' ', 'C', 'H'])
                .map(|it| it.parse().unwrap())
                .collect()
        };
        // Straight runs are in columns, curves between them.
        let mut at = numbers(path.split('H').next().unwrap());
        for run in path.split('H').skip(1) {
            let run = numbers(run);
            let (left, right, y) = (at[0], run[0], at[1]);
            for [x, top, width, height] in &boxes {
                let apart = right <= *x || left >= x + width || y <= *top || y >= top + height;
                assert!(apart, "{line} runs through the box at {x}, {top}");
            }
            n_runs += 1;
            at = run[run.len() - 2..].to_vec();
        }
    }
    assert!(n_runs > 100);
}
