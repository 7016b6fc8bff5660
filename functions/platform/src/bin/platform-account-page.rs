fn main() -> std::process::ExitCode {
    runtime::main(&platform::ACCOUNT_PAGE)
}
