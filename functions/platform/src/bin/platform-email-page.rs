fn main() -> std::process::ExitCode {
    runtime::main(&platform::EMAIL_PAGE)
}
