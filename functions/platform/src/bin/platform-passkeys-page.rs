fn main() -> std::process::ExitCode {
    runtime::main(&platform::PASSKEYS_PAGE)
}
