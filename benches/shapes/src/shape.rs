//! The graphs that are measured, as data. `build.rs` writes each of them as the users of each library would.

/// A graph. Its first step reads what the caller gives; its last makes what the caller wants.
#[derive(Debug)]
pub struct Shape {
    /// The name of its module.
    pub name: &'static str,
    /// How the tables call it.
    pub title: &'static str,
    /// In an order in which they can run.
    pub steps: Vec<Step>,
}

/// One step of a graph; its number is its place in the list.
#[derive(Debug)]
pub struct Step {
    /// The numbers of the steps it needs. None: it needs the seed.
    pub needs: Vec<usize>,
    /// How long it waits where steps wait for timers.
    pub millis: u64,
}

/// All of them.
pub fn all() -> Vec<Shape> {
    vec![
        chain("chain_5", "chain of 5", 5),
        chain("chain_100", "chain of 100", 100),
        diamond(),
        fan("fan_5", "1→5→1", 5),
        fan("fan_100", "1→100→1", 100),
        layers(),
        skewed(),
    ]
}

fn step(needs: &[usize], millis: u64) -> Step {
    Step {
        needs: needs.to_vec(),
        millis,
    }
}

fn chain(name: &'static str, title: &'static str, n: usize) -> Shape {
    let follow = |i: usize| step(&[i - 1], 1);
    let steps = [step(&[], 1)]
        .into_iter()
        .chain((1..n).map(follow))
        .collect();
    Shape { name, title, steps }
}

fn diamond() -> Shape {
    Shape {
        name: "diamond",
        title: "diamond",
        steps: vec![step(&[], 1), step(&[0], 1), step(&[0], 2), step(&[1, 2], 1)],
    }
}

fn fan(name: &'static str, title: &'static str, n: usize) -> Shape {
    let mut steps = vec![step(&[], 1)];
    steps.extend((1..=n).map(|i| step(&[0], i as u64)));
    steps.push(step(&(1..=n).collect::<Vec<_>>(), 1));
    Shape { name, title, steps }
}

/// Ten layers of ten steps between a first and a last one. Each step reads three of the layer before.
fn layers() -> Shape {
    let mut steps = vec![step(&[], 1)];
    for layer in 0..10 {
        for i in 0..10 {
            let before = |i: usize| 1 + (layer - 1) * 10 + i % 10;
            let needs = match layer {
                0 => vec![0],
                _ => vec![before(i), before(i + 1), before(i + 2)],
            };
            let millis = 1 + (7 * i + 3 * layer) as u64 % 10;
            steps.push(Step { needs, millis });
        }
    }
    steps.push(step(&(91..=100).collect::<Vec<_>>(), 1));
    Shape {
        name: "layers",
        title: "10×10 layers",
        steps,
    }
}

/// Two branches, one of which is slow at first and the other at last, and a step that reads both halfway.
fn skewed() -> Shape {
    Shape {
        name: "skewed",
        title: "skewed",
        steps: vec![
            step(&[], 1),
            step(&[0], 10),
            step(&[0], 1),
            step(&[1], 1),
            step(&[2], 10),
            step(&[1, 2], 1),
            step(&[3, 4, 5], 0),
        ],
    }
}

impl Shape {
    /// The steps by the length of the longest way to them: those of one layer need nothing of each other.
    pub fn layers(&self) -> Vec<Vec<usize>> {
        let mut depths: Vec<usize> = Vec::new();
        for step in &self.steps {
            let depth = step.needs.iter().map(|&need| depths[need] + 1).max();
            depths.push(depth.unwrap_or(0));
        }
        let n_layers = depths.iter().max().map_or(0, |deepest| deepest + 1);
        let mut layers = vec![Vec::new(); n_layers];
        for (i, &depth) in depths.iter().enumerate() {
            layers[depth].push(i);
        }
        layers
    }

    /// Which steps need the step `i`.
    pub fn readers(&self, i: usize) -> Vec<usize> {
        let reads = |&reader: &usize| self.steps[reader].needs.contains(&i);
        (0..self.steps.len()).filter(reads).collect()
    }
}
