fn main() -> std::process::ExitCode {
    runtime::main(&platform::ORGANIZATIONS_PAGE)
}
