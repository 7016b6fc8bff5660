fn main() -> std::process::ExitCode {
    runtime::main(&platform::SIGN_IN_PAGE)
}
