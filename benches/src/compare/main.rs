//! Docket beside hand-written code and other libraries, doing the same: `benches/run`.

use std::process::ExitCode;

use docket_benches_common::{Mode, Runtimes};

mod arguments;
mod check;
mod contenders;
mod measure;
mod table;

use arguments::Arguments;

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("{error}\n\n{}", arguments::USAGE);
            return ExitCode::FAILURE;
        }
    };
    let runtimes = Runtimes::start();
    let shapes = docket_benches_shapes::all();
    let mut cells = Vec::new();
    for mode in Mode::ALL {
        let entrants = contenders::entrants(mode, &arguments.only);
        for shape in &shapes {
            let entrants: Vec<_> = entrants
                .iter()
                .filter(|it| it.shape == shape.name)
                .collect();
            let once = match check::same_results(&runtimes, mode, shape, &entrants) {
                Ok(once) => once,
                Err(error) => {
                    eprintln!("{error}");
                    return ExitCode::FAILURE;
                }
            };
            let times = measure::interleaved(&arguments, &runtimes, mode, shape, &entrants);
            cells.push(table::Cell::new(mode, shape, &entrants, &once, &times));
        }
    }
    let markdown = table::markdown(&cells, &arguments);
    println!("\n{markdown}");
    if let Some(folder) = &arguments.folder {
        let written = std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(folder.join("compare.md"), &markdown))
            .and_then(|()| std::fs::write(folder.join("compare.svg"), table::svg(&cells)));
        if let Err(error) = written {
            eprintln!("{}: {error}", folder.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
