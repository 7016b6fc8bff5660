fn main() -> std::process::ExitCode {
    runtime::main(&platform::OUTBOX_RELAY)
}
