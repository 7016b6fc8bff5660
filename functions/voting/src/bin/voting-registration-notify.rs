fn main() -> std::process::ExitCode {
    runtime::main(&voting::REGISTRATION_NOTIFY)
}
