fn main() -> std::process::ExitCode {
    runtime::main(&platform::SESSIONS_PAGE)
}
