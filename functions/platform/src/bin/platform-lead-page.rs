fn main() -> std::process::ExitCode {
    runtime::main(&platform::LEAD_PAGE)
}
