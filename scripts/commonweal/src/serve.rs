//! `commonweal serve`: the whole platform in this process.

use std::path::PathBuf;

use local::{Home, Host, Template, Twins, database_settings, mismatches, prepare, reset};
use ports::{Error, Result};
use runtime::log;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{demo, port, root, services::functions, variable};

pub(crate) async fn serve(forget: bool) -> Result<()> {
    let format = match variable("LOG_FORMAT").as_deref() {
        Some("json") => log::Format::Json,
        _ => log::Format::Text,
    };
    let filter = variable("LOG_LEVEL").unwrap_or_else(|| "info".to_owned());
    log::init(
        format,
        log::Identity {
            service: "local".to_owned(),
            ..log::Identity::default()
        },
        &filter,
    );

    let home = Home::open(variable("COMMONWEAL_HOME").map_or_else(|| root().join(".local"), PathBuf::from))?;
    let url = variable("DATABASE_URL")
        .ok_or_else(|| Error::internal("DATABASE_URL is not set: use ./scripts/dev"))?;
    let settings = database_settings(&url)?;
    let listener = TcpListener::bind(("127.0.0.1", port()))
        .await
        .map_err(|error| Error::internal(format!("port {}: {error}", port())))?;
    let base = format!("http://127.0.0.1:{}", port());
    if forget {
        let twins = Twins::open(home.clone(), settings.clone(), base.clone()).await?;
        reset(&twins.owner, &settings).await?;
        home.clear()?;
        prepare(&twins.owner).await?;
    }
    store::migrations::migrate(settings.clone()).await?;
    let twins = Twins::open(home, settings, base.clone()).await?;
    demo::load(&twins).await?;

    let (template, functions) = (Template::read(&root())?, functions());
    let differences = mismatches(&template, &functions);
    if !differences.is_empty() {
        return Err(Error::internal(format!(
            "templates and code differ:\n{}",
            differences.join("\n")
        )));
    }
    let mut host = Host::new(twins, template, &functions, root()).await?;
    if let Some(pages) = variable("COURT_SITE_PAGES") {
        host = host.with_court_pages(pages.as_ref())?;
    }
    println!("ready {base}");
    local::serve(host, listener, stopped()).await
}

/// Ctrl-C, or the signal by which a service manager ends a process.
async fn stopped() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
