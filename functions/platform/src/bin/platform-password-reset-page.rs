fn main() -> std::process::ExitCode {
    runtime::main(&platform::PASSWORD_RESET_PAGE)
}
