fn main() -> std::process::ExitCode {
    runtime::main(&platform::HISTORY_PAGE)
}
