fn main() -> std::process::ExitCode {
    runtime::main(&platform::ALL_ORGANIZATIONS_PAGE)
}
