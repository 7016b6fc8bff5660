fn main() -> std::process::ExitCode {
    runtime::main(&platform::SIGN_OUT_PAGE)
}
