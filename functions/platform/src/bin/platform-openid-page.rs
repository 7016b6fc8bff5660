fn main() -> std::process::ExitCode {
    runtime::main(&platform::OPENID_PAGE)
}
