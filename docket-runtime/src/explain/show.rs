//! An explanation as a table.

use std::fmt;

use super::{Explained, Explanation};

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.graph, self.execution_id)?;
        let width = |of: &dyn Fn(&Explained) -> usize| self.steps.iter().map(of).max().unwrap_or(0);
        let names = width(&|it| it.step.chars().count());
        let words = width(&|it| it.forecast.word().len());
        let counts = width(&|it| count(it.times).chars().count());
        for it in &self.steps {
            let Explained {
                step,
                forecast,
                times,
            } = it;
            let count = count(*times);
            let gap = if counts == 0 { "" } else { "  " };
            let line = format!(
                "  {step:<names$}  {:<words$}{gap}{count:>counts$}  {forecast}",
                forecast.word()
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// One is not worth a word.
fn count(times: usize) -> String {
    if times == 1 {
        String::new()
    } else {
        format!("×{times}")
    }
}
