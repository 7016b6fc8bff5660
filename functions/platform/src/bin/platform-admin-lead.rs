fn main() -> std::process::ExitCode {
    runtime::main(&platform::ADMIN_LEAD)
}
