//! The command of developers and operators: `commonweal <command>`; without one it lists them.
#![allow(clippy::print_stdout, reason = "a command talks to its user")]

mod api_key;
mod audit;
mod demo;
mod forms;
mod openapi;
mod people;
mod redrive;
mod serve;
mod services;
mod state_information;

use std::{path::PathBuf, process::ExitCode};

use local::{Home, Twins, database_settings};
use ports::{Error, Result};

const USAGE: &str = "\
commonweal serve [--reset]                     everything on this machine (PORT, COMMONWEAL_HOME, DATABASE_URL)
commonweal migrate                             apply missing migrations
commonweal demo                                load the demonstration data
commonweal forms import <folder>               check a form pack and install it
commonweal state-information import <file>     CSV or JSON of what the states say
commonweal api-key create <slug> [<service>…]  a key of an organisation, for all services or these, shown once
commonweal audit verify [<slug>]               is the history of changes as it was written?
commonweal openapi [--check]                   write (or compare) functions/*/openapi.json
commonweal schema                              write shared/store/schema.txt
commonweal redrive <queue> [--apply]           show the dead letters of a queue, or send them again";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["serve", ..] = arguments.as_slice()
        && let Err(error) = with_few_arenas(&arguments)
    {
        return failed(&error.to_string());
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.to_string()),
    };
    let result = runtime.block_on(async {
        match arguments.as_slice() {
            ["serve"] => serve::serve(false).await,
            ["serve", "--reset"] => serve::serve(true).await,
            ["migrate"] => migrate().await,
            ["demo"] => demo::load(&twins().await?).await,
            ["forms", "import", folder] => forms::import(&twins().await?, folder.as_ref()).await,
            ["state-information", "import", file] => {
                state_information::import(&twins().await?, file.as_ref()).await
            }
            ["api-key", "create", slug, services @ ..] => {
                api_key::create(&twins().await?, slug, services).await
            }
            ["audit", "verify"] => audit::verify(&twins().await?, None).await,
            ["audit", "verify", slug] => audit::verify(&twins().await?, Some(slug)).await,
            ["openapi"] => openapi::write(&root(), false),
            ["openapi", "--check"] => openapi::write(&root(), true),
            ["schema"] => schema().await,
            ["redrive", queue] => redrive::redrive(&twins().await?, queue, false).await,
            ["redrive", queue, "--apply"] => redrive::redrive(&twins().await?, queue, true).await,
            [] | ["help" | "--help" | "-h"] => {
                println!("{USAGE}");
                Ok(())
            }
            _ => Err(Error::field(
                "command",
                "unknown",
                format!("unknown command; these are known:\n{USAGE}"),
            )),
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let fields: String = error
                .fields()
                .iter()
                .map(|field| format!("\n{}", field.message))
                .collect();
            let cause = error
                .cause()
                .map(|cause| format!("\n{cause}"))
                .unwrap_or_default();
            failed(&format!("{}{fields}{cause}", error.detail()))
        }
    }
}

/// Begins this process anew, with two of glibc's heaps, not eight for each core: each keeps what its
/// threads once needed, which made a house of 120 MiB one of 300. The setting is read before `main`, hence anew.
///
/// # Errors
/// What the system answers; it does not return where it went well, but for where the setting is made already.
fn with_few_arenas(arguments: &[&str]) -> std::io::Result<()> {
    use std::os::unix::process::CommandExt as _;
    const SETTING: &str = "MALLOC_ARENA_MAX";
    if !cfg!(target_env = "gnu") || variable(SETTING).is_some() {
        return Ok(());
    }
    let mut anew = std::process::Command::new(std::env::current_exe()?);
    Err(anew.args(arguments).env(SETTING, "2").exec())
}

#[expect(
    clippy::print_stderr,
    reason = "what went wrong does not belong among the results"
)]
fn failed(what: &str) -> ExitCode {
    eprintln!("commonweal: {what}");
    ExitCode::FAILURE
}

/// The checkout: templates, static files and data lie in it.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[expect(clippy::disallowed_methods, reason = "the settings of a command")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn port() -> u16 {
    variable("PORT")
        .and_then(|port| port.parse().ok())
        .unwrap_or(4000)
}

/// This machine's twins on a migrated database.
async fn twins() -> Result<Twins> {
    let home = Home::open(variable("COMMONWEAL_HOME").map_or_else(|| root().join(".local"), PathBuf::from))?;
    let url = variable("DATABASE_URL").ok_or_else(|| {
        Error::internal("DATABASE_URL is not set: `scripts/dev` sets it, `scripts/postgres url` prints it")
    })?;
    let settings = database_settings(&url)?;
    store::migrations::migrate(settings.clone()).await?;
    Twins::open(home, settings, format!("http://127.0.0.1:{}", port())).await
}

async fn migrate() -> Result<()> {
    let url = variable("DATABASE_URL").ok_or_else(|| Error::internal("DATABASE_URL is not set"))?;
    for name in store::migrations::migrate(database_settings(&url)?).await? {
        println!("applied {name}");
    }
    println!("the schema is up to date");
    Ok(())
}

/// A test compares the file with what the migrations make.
async fn schema() -> Result<()> {
    let text = store::schema::listing(&twins().await?.owner).await?;
    std::fs::write(root().join("shared/store/schema.txt"), text).map_err(Error::internal)?;
    println!("wrote shared/store/schema.txt");
    Ok(())
}
