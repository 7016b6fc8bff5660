fn main() -> std::process::ExitCode {
    runtime::main(&platform::LEADS_PAGE)
}
