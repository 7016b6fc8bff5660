fn main() -> std::process::ExitCode {
    runtime::main(&expungement::LOGIN_PAGE)
}
