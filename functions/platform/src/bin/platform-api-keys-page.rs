fn main() -> std::process::ExitCode {
    runtime::main(&platform::API_KEYS_PAGE)
}
