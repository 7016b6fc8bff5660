//! A context whose database does not answer, for tests of what happens around it.

use std::{collections::BTreeMap, sync::Arc};

use app::{Context, Settings};
use ports::{Address, Deployments, Ports};
use store::{Database, DatabaseSettings};

pub(crate) fn context(deployments: Option<Arc<dyn Deployments>>) -> Context {
    let mut ports = Ports::undeclared();
    if let Some(deployments) = deployments {
        ports.deployments = deployments;
    }
    let database = DatabaseSettings {
        host: "127.0.0.1".to_owned(),
        port: 1,
        name: "none".to_owned(),
        user: "none".to_owned(),
        role: None,
        password: None,
        ca: None,
        connections: 1,
    };
    let database = Database::new(
        database,
        ports.queue.clone(),
        ports.clock.clone(),
        ports.random.clone(),
    )
    .unwrap();
    let settings = Settings {
        environment: "test".to_owned(),
        public_url: "https://commonweal.example".to_owned(),
        mail_from: Address {
            name: None,
            email: "no-reply@commonweal.example".to_owned(),
        },
        variables: BTreeMap::new(),
    };
    Context::new(database, ports, settings)
}
