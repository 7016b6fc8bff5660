//! The checked-in OpenAPI documents are what the code says.

use std::process::Command;

#[test]
fn openapi_documents_are_current() {
    let check = Command::new(env!("CARGO_BIN_EXE_commonweal"))
        .args(["openapi", "--check"])
        .output()
        .unwrap();
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stderr)
    );
}
