fn main() -> std::process::ExitCode {
    runtime::main(&platform::PASSWORD_PAGE)
}
