//! How long filling a pack takes: `cargo run --release -p pdf --example fill_speed -- <pack.toml> <form.pdf> [times]`.
//!
//! Everything stays in memory. It prints microseconds per fill for the warm path (the pack is parsed once) and for the cold
//! one (open, check and fill each time).

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Instant;

use pdf::pack::{Answers, Pack};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, mapping, form, rest @ ..] = arguments.as_slice() else {
        return Err("usage: fill_speed <pack.toml> <form.pdf> [times]".into());
    };
    let times: u32 = rest.first().map_or(Ok(2_000), |times| times.parse())?;
    let (mapping, form) = (std::fs::read_to_string(mapping)?, std::fs::read(form)?);
    let parse = || {
        Pack::parse(&mapping, &form).map_err(|problems| {
            problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        })
    };
    let pack = parse()?;
    let mut answers: Answers = pack
        .keys()
        .iter()
        .map(|key| (key.clone(), "Agüero 123".into()))
        .collect();
    for key in ["us_citizen", "is_18_or_over"] {
        answers.insert(key.to_owned(), true.into());
    }
    for (key, value) in [
        ("date_of_birth", "1984-02-29"),
        ("title", "Mrs"),
        ("suffix", "Jr"),
    ] {
        answers.insert(key.to_owned(), value.into());
    }

    let start = Instant::now();
    let mut bytes = 0;
    for _ in 0..times {
        bytes = std::hint::black_box(pack.fill(&answers, None)?).len();
    }
    let warm = start.elapsed().as_secs_f64() * 1e6 / f64::from(times);

    let cold_times = (times / 20).max(1);
    let start = Instant::now();
    for _ in 0..cold_times {
        std::hint::black_box(parse()?.fill(&answers, None)?);
    }
    let cold = start.elapsed().as_secs_f64() * 1e6 / f64::from(cold_times);
    println!("warm {warm:.1} µs per fill, cold {cold:.1} µs, {bytes} bytes");
    Ok(())
}
